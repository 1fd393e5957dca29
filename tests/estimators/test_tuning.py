"""Gradients of the variance of REBAR and RELAX, against the derivative of their exact variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stgref import estimators, noise
from stgref.estimators.objectives import Pairwise

NODES = noise.logistic_from_uniform  # Logistic by inversion: the uniforms are those of a quadrature rule.


def grid(phi: float, side: int = 120) -> tuple[estimators.RelaxNoise, np.ndarray]:
    """A product rule for the two uniforms of one variable, split where the sample changes: nodes in tanh-sinh spacing."""
    t = np.linspace(-3.3, 3.3, side)
    x = 0.5 * (1.0 + np.tanh(0.5 * np.pi * np.sinh(t)))
    w = (t[1] - t[0]) * 0.25 * np.pi * np.cosh(t) / np.cosh(0.5 * np.pi * np.sinh(t)) ** 2
    split = 1.0 / (1.0 + np.exp(phi))  # b = 1 where u > 1 - theta
    keep = (x > 1e-300) & (x < 1.0 - 1e-15)
    x, w = x[keep], w[keep]
    u = np.concatenate([split * x, 1.0 - (1.0 - split) * (1.0 - x)])
    wu = np.concatenate([split * w, (1.0 - split) * w])
    inside = (u > 0.0) & (u < 1.0)
    u, wu = u[inside], wu[inside]
    uu, vv = (a.reshape(-1, 1) for a in np.meshgrid(u, x, indexing="ij"))
    weights = (wu[:, None] * w[None, :]).reshape(-1)
    return estimators.RelaxNoise(NODES(uu), NODES(vv)), weights


F = Pairwise([[0.7]], a=[-0.9], c=0.4)


def variance(**options: Any) -> float:
    _, covariance = estimators.exact_moments("rebar", F, np.asarray([0.8]), **options)
    return float(covariance[0, 0])


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
@pytest.mark.parametrize("temperature", [0.5, 1.5])
def test_rebar(temperature: float, coupling: str) -> None:
    phi, eta, h = np.asarray([0.8]), 0.6, 1e-2
    draws, weights = grid(0.8)
    found = estimators.rebar_variance_gradient(
        F, phi, draws, temperature=temperature, eta=eta, coupling=coupling
    )
    # A quadratic in eta: its central difference is its derivative.
    at = lambda e, t: variance(temperature=t, eta=e, coupling=coupling)  # noqa: E731
    by_eta = (at(eta + 1.0, temperature) - at(eta - 1.0, temperature)) / 2.0
    # Richardson's third extrapolation of central differences: error of order h^6.
    d = [
        (at(eta, temperature + h * s) - at(eta, temperature - h * s)) / (2.0 * h * s) for s in (1.0, 2.0, 3.0)
    ]
    by_temperature = 1.5 * d[0] - 0.6 * d[1] + 0.1 * d[2]
    assert np.sum(weights) == pytest.approx(1.0, abs=1e-9)
    assert weights @ found.eta == pytest.approx(by_eta, rel=1e-7)
    assert weights @ found.temperature == pytest.approx(by_temperature, rel=1e-6)


class Surrogate:
    """w_0 z_0 + w_1 sin(z_0): linear in its parameters, so that the variance is quadratic in them."""

    def __init__(self, w: Any) -> None:
        self.w = np.asarray(w)

    def __call__(self, z: Any) -> Any:
        return self.grad_parameters(z) @ self.w

    def grad(self, z: Any) -> Any:
        return self.w[0] + self.w[1] * np.cos(z)

    def grad_parameters(self, z: Any) -> Any:
        return np.stack([z[..., 0], np.sin(z[..., 0])], axis=-1)

    def grad_parameters_product(self, z: Any, v: Any) -> Any:
        return np.stack([v[..., 0], np.cos(z[..., 0]) * v[..., 0]], axis=-1)


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_relax_with_a_surrogate_of_the_user(coupling: str) -> None:
    phi, w = np.asarray([0.8]), np.asarray([0.3, -0.2])
    draws, weights = grid(0.8)
    found = estimators.relax_variance_gradient(F, phi, draws, control_variate=Surrogate(w), coupling=coupling)

    def at(w: Any) -> float:
        moments = estimators.exact_moments("relax", F, phi, control_variate=Surrogate(w), coupling=coupling)
        return float(moments.covariance[0, 0])

    wanted = [(at(w + e) - at(w - e)) / 2.0 for e in np.eye(2)]
    np.testing.assert_allclose(weights @ found, wanted, rtol=1e-6)


def test_relaxed_is_rebar_for_many_variables() -> None:
    """The total variance sums over coordinates: D = 2, by a plain average with its own standard error (6 sigma, 1e-9)."""
    f = Pairwise([[0.4, 0.7], [0.0, 0.2]], a=[-0.9, 0.3])
    phi, eta, n = np.asarray([0.3, -1.1]), 0.6, 200_000

    def total(e: float) -> float:
        return float(np.trace(estimators.exact_moments("rebar", f, phi, temperature=0.7, eta=e).covariance))

    draws = estimators.draw_noise("rebar", n, phi)
    options = {"temperature": 0.7, "eta": eta}
    found = estimators.rebar_variance_gradient(f, phi, draws, **options)
    wanted = (total(eta + 1.0) - total(eta - 1.0)) / 2.0
    assert abs(np.mean(found.eta) - wanted) < 6.5 * np.std(found.eta) / np.sqrt(n)
    c = estimators.Relaxed(f, 0.7, eta)
    rows = estimators.relax_variance_gradient(f, phi, draws, control_variate=c)
    np.testing.assert_allclose(rows, np.stack(found, axis=-1), rtol=1e-12, atol=1e-14)


def test_what_is_missing_is_named() -> None:
    class NoHessian:
        def __call__(self, b: Any) -> Any:
            return np.sum(b, axis=-1)

        def grad(self, b: Any) -> Any:
            return np.ones_like(b)

    phi = np.asarray([0.8])
    draws = estimators.draw_noise("rebar", 2, phi)
    with pytest.raises(
        TypeError, match=r"estimators.rebar: objective takes a callable with a method hessian_product"
    ):
        estimators.rebar_variance_gradient(NoHessian(), phi, draws)
    with pytest.raises(TypeError, match=r"estimators.relax: control_variate takes .* grad_parameters"):
        estimators.relax_variance_gradient(F, phi, draws, control_variate=NoHessian())
