"""Every estimator of every family, on the libraries that it declares, one call for each of two sets of arguments.

Families of their own have tests of their own on most libraries; here are ``jax.vmap``, 50 digits, and exact moments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_api_compat import array_namespace

from stgref import estimators
from stgref.estimators.estimator import Estimator
from stgref.numerics.namespace import Array
from tests.conftest import Library
from tests.declarations import FAMILIES, functions
from tests.declared import EVERY, across, called
from tests.estimators import catalogue
from tests.estimators.smooth import Ridge

ESTIMATORS = {name: f for name, f in functions().items() if isinstance(f, Estimator)}
OTHERS = [name for name in ESTIMATORS if name.count(".") == 2]


class Flat:
    """`Ridge` of a flattened point (..., D, K)."""

    def _flat(self, b: Array) -> Array:
        return array_namespace(b).reshape(b, (*b.shape[:-2], b.shape[-2] * b.shape[-1]))

    def __call__(self, b: Array) -> Array:
        return Ridge()(self._flat(b))

    def grad(self, b: Array) -> Array:
        return array_namespace(b).reshape(Ridge().grad(self._flat(b)), b.shape)


OPTIONS: dict[str, dict[str, Any]] = {
    f"estimators.{name}": tried[0] for name, tried in catalogue.OPTIONS.items()
}
OPTIONS |= {
    "estimators.relax": {"control_variate": estimators.Relaxed(Ridge(), 0.7, 0.5)},
    "estimators.categorical.relax": {
        "control_variate": estimators.categorical.Relaxed(Flat(), 0.7, 0.5),
    },
    "estimators.categorical.relaxation": {"temperature": 0.7},
}


def parameters(name: str, variables: int = 2) -> list[np.ndarray]:
    """Two parameters of each kind, on a first axis."""
    rng, family = np.random.default_rng(5), name.rpartition(".")[0]
    if family == "estimators.categorical":
        return [rng.normal(size=(2, variables, 2))]
    values = rng.normal(size=(2, variables))
    return (
        [values, rng.uniform(0.5, 1.5, size=(2, variables))] if family == "estimators.gaussian" else [values]
    )


def objective(name: str) -> Any:
    return Flat() if ".categorical." in name else Ridge()


def parts(value: Any) -> list[Any]:
    """The arrays of a result, or of noise."""
    return [a for part in value for a in parts(part)] if isinstance(value, tuple) else [value]


def assert_each(xp: Library, got: Any, wanted: list[Any], tolerance: float) -> None:
    """Results on a first axis are the single ones."""
    for here, *there in zip(parts(got), *map(parts, wanted), strict=True):
        np.testing.assert_allclose(xp.to_numpy(here), np.stack(there), rtol=tolerance, atol=tolerance)


@pytest.mark.most(12)
@pytest.mark.parametrize("xp", ["jax-vmap"], indirect=True, scope="session")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_vmap_is_a_call_for_each(xp: Library, name: str) -> None:
    f, options, given = ESTIMATORS[name], OPTIONS.get(name, {}), parameters(name)
    draws = [f.draw_noise(3, *(p[i] for p in given), rng=i, **options) for i in (0, 1)]

    def estimate(*arrays: Array) -> Any:
        own, noise = arrays[: len(given)], arrays[len(given) :]
        packed = type(draws[0])(*noise) if isinstance(draws[0], tuple) else noise[0]
        return f(objective(name), *own, packed, **options)

    wanted = [estimate(*(p[i] for p in given), *parts(draws[i])) for i in (0, 1)]
    noise = [np.stack(pair) for pair in zip(*map(parts, draws), strict=True)]
    got = called(xp, f.libraries, name, estimate, *map(xp.asarray, [*given, *noise]))
    assert_each(xp, got, wanted, 1e-13)


@across(*(mode for mode in EVERY if mode != "mparray"))
@pytest.mark.parametrize("name", OTHERS)
def test_estimates_in_fifty_digits(xp: Library, name: str) -> None:
    f, options, given = ESTIMATORS[name], OPTIONS.get(name, {}), [p[0] for p in parameters(name)]
    draws = f.draw_noise(3, *given, rng=0, **options)
    noise = [xp.asarray(a) for a in parts(draws)]
    packed = type(draws)(*noise) if isinstance(draws, tuple) else noise[0]
    got = called(
        xp,
        f.libraries,
        name,
        lambda *own: f(objective(name), *own, packed, **options),
        *map(xp.asarray, given),
    )
    for here, there in zip(parts(got), parts(f(objective(name), *given, draws, **options)), strict=True):
        np.testing.assert_allclose(xp.to_numpy(here), there, rtol=1e-13, atol=1e-14)


def moments_of(name: str) -> Any:
    """The exact moments, as a function of arrays alone."""
    return lambda *own: ESTIMATORS[name].exact_moments(objective(name), *own, **OPTIONS.get(name, {}))


@pytest.mark.most(12)
@across("numpy", "numpy-readonly", "jax-vmap")
@pytest.mark.parametrize("name", OTHERS)
def test_exact_moments(xp: Library, name: str) -> None:
    support, given = ESTIMATORS[name].libraries_of_moments, [p[0] for p in parameters(name, variables=1)]
    got = called(xp, support, f"{name}, exact moments", moments_of(name), *map(xp.asarray, given))
    wanted = parts(moments_of(name)(*given)) if got is not None else []
    for here, there in zip(parts(got) if got is not None else [], wanted, strict=True):
        xp.assert_own(here, np.float64, there.shape)
        np.testing.assert_allclose(xp.to_numpy(here), there, rtol=1e-11, atol=1e-12)


@pytest.mark.most(8)
@pytest.mark.parametrize("xp", ["jax-vmap"], indirect=True, scope="session")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_vmap_of_exact_moments(xp: Library, name: str) -> None:
    support, given = ESTIMATORS[name].libraries_of_moments, parameters(name, variables=1)
    got = called(xp, support, f"{name}, exact moments", moments_of(name), *map(xp.asarray, given))
    if got is not None:
        assert_each(xp, got, [moments_of(name)(*(p[i] for p in given)) for i in (0, 1)], 1e-11)


@across("jax-vmap", "mparray")
@pytest.mark.parametrize("family", FAMILIES)
def test_noise_is_not_drawn_under_transformations(xp: Library, family: str) -> None:
    name = {"estimators.gaussian": "pathwise", "estimators.gates": "hard_concrete"}.get(family, "rebar")
    draw = FAMILIES[family].draw_noise
    given = [p[0] for p in parameters(f"{family}.{name}")]
    got = called(
        xp,
        draw.libraries,
        f"{family}.draw_noise",
        lambda *own: draw(name, 3, *own, rng=1),
        *map(xp.asarray, given),
    )
    for here, there in zip(
        parts(got) if got is not None else [], parts(draw(name, 3, *given, rng=1)), strict=False
    ):
        np.testing.assert_array_equal(xp.to_numpy(here), there)


@across("jax-vmap")
@pytest.mark.parametrize("function", ["exact_value", "exact_gradient"])
def test_exact_values_by_quadrature(xp: Library, function: str) -> None:
    """Closed forms, which have no values to check, are taken everywhere."""
    f = getattr(estimators.gaussian, function)
    mu, std = np.asarray([0.3]), np.asarray([0.8])
    got = called(
        xp,
        f.libraries,
        f"estimators.gaussian.{function}",
        lambda *own: f(Ridge(), *own),
        xp.asarray(mu),
        xp.asarray(std),
    )
    for here, there in zip(parts(got) if got is not None else [], parts(f(Ridge(), mu, std)), strict=False):
        np.testing.assert_allclose(xp.to_numpy(here), there, rtol=1e-12, atol=1e-14)
    closed = estimators.objectives.Cosine(0.8)
    got = xp.call(lambda *own: f(closed, *own), xp.asarray(mu), xp.asarray(std))
    for here, there in zip(parts(got), parts(f(closed, mu, std)), strict=True):
        np.testing.assert_allclose(xp.to_numpy(here), there, rtol=1e-12, atol=1e-14)


def test_jax_is_told_of_objectives_that_are_not_smooth() -> None:
    """Its arrays count as lazy, and have values all the same."""
    jnp = pytest.importorskip("jax.numpy")
    with pytest.raises(ValueError, match="smooth"):
        estimators.gaussian.exact_value(lambda x: abs(x[..., 0]), jnp.zeros(1), jnp.ones(1))
