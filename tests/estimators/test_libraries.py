"""The same estimates and moments in every array library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stgref import estimators
from stgref.estimators.table import ROWS
from tests.conftest import Library
from tests.declared import across, called
from tests.estimators.catalogue import CASES, case_id, f

PHI = np.asarray([0.3, -1.1])

ESTIMATORS = {e.name.removeprefix("estimators."): e for e in ROWS}


def in_library(xp: Library, noise: Any) -> Any:
    return type(noise)(*map(xp.asarray, noise)) if isinstance(noise, tuple) else xp.asarray(noise)


@across("jax-vmap")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_estimates_are_those_of_numpy(xp: Library, case: tuple[str, dict[str, Any]], dtype: Any) -> None:
    name, options = case
    phi = PHI.astype(dtype)
    noise = estimators.draw_noise(name, 7, phi, rng=1, **options)
    wanted = getattr(estimators, name)(f, phi, noise, **options)

    def call(logits: Any, *arrays: Any) -> Any:
        given = type(noise)(*arrays) if isinstance(noise, tuple) else arrays[0]
        return getattr(estimators, name)(f, logits, given, **options)

    arrays = noise if isinstance(noise, tuple) else (noise,)
    support = ESTIMATORS[name].libraries
    got = called(xp, support, f"estimators.{name}", call, xp.asarray(phi), *map(xp.asarray, arrays))
    xp.assert_own(got, dtype, (7, 2))
    np.testing.assert_allclose(
        xp.to_numpy(got), wanted, rtol=50 * np.finfo(dtype).eps, atol=50 * np.finfo(dtype).eps
    )


@across("jax-vmap")
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_noise_is_that_of_numpy(xp: Library, case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    wanted = estimators.draw_noise(name, 5, PHI, rng=1, **options)

    def draw(logits: Any) -> Any:
        return estimators.draw_noise(name, 5, logits, rng=1, **options)

    support = estimators.draw_noise.libraries
    got = called(xp, support, "estimators.draw_noise", draw, xp.asarray(PHI))
    if got is None:
        return
    assert type(got) is type(wanted) or not isinstance(wanted, tuple)
    pairs = zip(got, wanted, strict=True) if isinstance(wanted, tuple) else [(got, wanted)]
    for g, w in pairs:
        xp.assert_own(g, np.float64, w.shape)
        np.testing.assert_array_equal(xp.to_numpy(g), w)


@across("jax-vmap")
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_exact_moments_are_those_of_numpy(xp: Library, case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    wanted = estimators.exact_moments(name, f, PHI, **options)

    def moments(logits: Any) -> Any:
        return estimators.exact_moments(name, f, logits, **options)

    support = ESTIMATORS[name].libraries_of_moments
    got = called(xp, support, f"estimators.{name}, exact moments", moments, xp.asarray(PHI))
    if got is None:
        return
    for g, w in zip(got, wanted, strict=True):
        xp.assert_own(g, np.float64, w.shape)
        np.testing.assert_allclose(xp.to_numpy(g), w, rtol=1e-11, atol=1e-13)


@across("jax-vmap")
def test_exact_values_are_those_of_numpy(xp: Library) -> None:
    for function in (estimators.exact_value, estimators.exact_gradient):
        wanted = function(f, PHI)
        got = xp.call(lambda logits, function=function: function(f, logits), xp.asarray(PHI))
        xp.assert_own(got, np.float64, wanted.shape)
        np.testing.assert_allclose(xp.to_numpy(got), wanted, rtol=1e-14)
