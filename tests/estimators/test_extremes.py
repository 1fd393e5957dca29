"""Results at extreme logits, of the right dtype, without a warning; and empty ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stgref import estimators
from tests.estimators.catalogue import CASES, case_id, f

LOGITS = [[1e3, -1e3], [0.0, 0.0], [40.0, -40.0], [-745.0, 745.0], [1e-300, -1e-8]]


@pytest.mark.parametrize("phi", LOGITS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_everything_is_finite_and_of_its_dtype(
    case: tuple[str, dict[str, Any]], dtype: Any, phi: list[float]
) -> None:
    name, options = case
    logits = np.asarray(phi, dtype)
    for n in (0, 40):
        noise = estimators.draw_noise(name, n, logits, rng=None, **options)
        estimates = getattr(estimators, name)(f, logits, noise, **options)
        assert estimates.dtype == dtype
        assert estimates.shape == (n, 2)
        assert np.all(np.isfinite(estimates))
    mean, covariance = estimators.exact_moments(name, f, logits, **options)
    assert mean.dtype == covariance.dtype == dtype
    assert np.all(np.isfinite(mean))
    assert np.all(np.isfinite(covariance))


@pytest.mark.parametrize("temperature", [1e-3, 1e2])
@pytest.mark.parametrize("name", ["relaxation", "gumbel_softmax_st", "gumbel_rao", "reinmax", "rebar"])
@pytest.mark.parametrize("phi", LOGITS, ids=str)
def test_extreme_temperatures(name: str, temperature: float, phi: list[float]) -> None:
    logits = np.asarray(phi)
    noise = estimators.draw_noise(name, 40, logits, temperature=temperature)
    assert np.all(np.isfinite(getattr(estimators, name)(f, logits, noise, temperature=temperature)))
    mean, covariance = estimators.exact_moments(name, f, logits, temperature=temperature)
    assert np.all(np.isfinite(mean))
    assert np.all(np.isfinite(covariance))


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_half_precision_is_rounded_once(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    half = np.asarray([0.25, -1.0], np.float16)
    noise = estimators.draw_noise(name, 20, half, rng=5, **options)

    class Rounded:  # The objective sees half precision.
        def __call__(self, b: Any) -> Any:
            return f(b.astype(np.float16).astype(np.float64))

        def grad(self, b: Any) -> Any:
            return f.grad(b.astype(np.float16).astype(np.float64))

    if name == "relax":
        options = {**options, "control_variate": Rounded()}
    wide = (
        type(noise)(*(a.astype(np.float64) for a in noise))
        if isinstance(noise, tuple)
        else noise.astype(np.float64)
    )
    got = getattr(estimators, name)(Rounded(), half, noise, **options)
    wanted = getattr(estimators, name)(Rounded(), half.astype(np.float64), wide, **options)
    assert got.dtype == np.float16
    np.testing.assert_allclose(got, wanted, rtol=2.0**-10, atol=2.0**-24)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_no_argument_is_written_to(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    logits = np.asarray([0.3, -1.1])
    noise = estimators.draw_noise(name, 20, logits, **options)
    arrays = noise if isinstance(noise, tuple) else (noise,)
    before = [logits.copy(), *(a.copy() for a in arrays)]
    getattr(estimators, name)(f, logits, noise, **options)
    estimators.exact_moments(name, f, logits, **options)
    for was, now in zip(before, [logits, *arrays], strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_seed_is_its_generator(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    logits = np.zeros(2)
    one = estimators.draw_noise(name, 5, logits, rng=3, **options)
    other = estimators.draw_noise(name, 5, logits, rng=np.random.default_rng(3), **options)
    fresh = estimators.draw_noise(name, 5, logits, **options)
    for a, b, c in zip(*(x if isinstance(x, tuple) else (x,) for x in (one, other, fresh)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
