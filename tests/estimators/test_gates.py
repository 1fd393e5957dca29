"""Pathwise estimators of gates: against the laws, against mpmath, by sampling, and in every library."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import MPContext

from stgref import estimators, hard_concrete, rectified_gaussian
from stgref.estimators import gates
from stgref.estimators.objectives import Cosine, Exponential, Linear, Polynomial, Quadratic
from tests.conftest import Library
from tests.estimators.smooth import Ridge, assert_close, assert_sampled, refuses

LAWS = {"hard_concrete": hard_concrete, "rectified_gaussian": rectified_gaussian}

mp = MPContext()
mp.dps = 25


def moments(name: str, f: Any, location: Any, **options: Any) -> Any:
    return gates.exact_moments(name, f, np.asarray(location, dtype=float), **options)


def estimate(name: str, f: Any, location: Any, noise: Any, **options: Any) -> Any:
    return getattr(gates, name)(f, location, noise, **options)


# What is estimated ---------------------------------------------------------------------------------------------------


def test_printed_constants() -> None:
    """f = (z - .4)^2 at published settings."""
    got = moments("rectified_gaussian", Quadratic(0.4), [0.3], std=0.5).mu.mean[0]
    assert got == pytest.approx(0.0544990926528, abs=6e-14)
    got = moments("hard_concrete", Quadratic(0.4), [math.log(0.7)]).log_alpha.mean[0]
    assert got == pytest.approx(0.0293779308367, abs=6e-14)


HARD = [
    (-0.36, 2 / 3, -0.1, 1.1),
    (2.0, 0.1, -0.1, 1.1),
    (-3.0, 5.0, -0.5, 1.2),
    (0.0, 1e-3, -0.1, 1.1),
    (30.0, 100.0, -10.0, 11.0),
    (-1.0, 0.5, -1e-6, 1.0 + 1e-6),
    (-20.0, 2 / 3, -0.1, 1.1),
    (20.0, 2 / 3, -0.1, 1.1),
]
RECTIFIED = [(0.3, 0.5), (0.5, 1e-3), (-2.0, 0.5), (3.0, 0.3), (1.0, 10.0), (0.1, 0.02)]

PARAMETERS = [*(("hard_concrete", p) for p in HARD), *(("rectified_gaussian", p) for p in RECTIFIED)]


def split(name: str, parameters: tuple[float, ...]) -> tuple[list[float], dict[str, float]]:
    names = LAWS[name].Partials._fields
    return [parameters[0]], dict(zip(names[1:], parameters[1:], strict=True))


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
def test_a_linear_objective_gives_the_gradient_of_the_mean(name: str, parameters: tuple[float, ...]) -> None:
    location, options = split(name, parameters)
    got = moments(name, Linear([1.0]), location, **options)
    assert type(got) is LAWS[name].Partials
    for m, want in zip(got, LAWS[name].grad_mean(*parameters), strict=True):
        assert_close(m.mean[0], want, math.sqrt(m.covariance[0, 0] + want**2))


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
def test_a_square_gives_the_gradient_of_the_second_moment(name: str, parameters: tuple[float, ...]) -> None:
    """E z^2 = Var z + (E z)^2."""
    law = LAWS[name]
    location, options = split(name, parameters)
    got = moments(name, Quadratic(0.0), location, **options)
    mean = law.mean(*parameters)
    for m, spread, slope in zip(got, law.grad_variance(*parameters), law.grad_mean(*parameters), strict=True):
        want = spread + 2.0 * mean * slope
        assert_close(m.mean[0], want, math.sqrt(m.covariance[0, 0] + want**2))


def hard_concrete_gate(n: Any, a: Any, t: Any, l: Any, u: Any) -> Any:
    s = 1 / (1 + mp.exp(-(n + a) / t))
    return s * (u - l) + l


def rectified_gate(n: Any, mu: Any, std: Any) -> Any:
    return mu + std * n


def logistic(n: Any) -> Any:
    return 1 / (2 + mp.exp(n) + mp.exp(-n))


def normal(n: Any) -> Any:
    return mp.exp(-n * n / 2) / mp.sqrt(2 * mp.pi)


def expectation(name: str, f: Callable[[Any], Any], parameters: Any) -> Any:
    """E f(z): the atoms' probabilities, and the integral over the noise between them."""
    if name == "hard_concrete":
        a, t, l, u = parameters
        gate, density = hard_concrete_gate, logistic
        low, high = t * mp.log(-l / u) - a, t * mp.log((1 - l) / (u - 1)) - a
        zero, one = 1 / (1 + mp.exp(-low)), 1 / (1 + mp.exp(high))
    else:
        mu, std = parameters
        gate, density = rectified_gate, normal
        low, high = -mu / std, (1 - mu) / std
        zero, one = mp.ncdf(low), mp.ncdf(-high)
    ends = mp.linspace(low, high, 9)
    inside = mp.quad(lambda n: f(gate(n, *parameters)) * density(n), ends)
    return f(mp.mpf(0)) * zero + f(mp.mpf(1)) * one + inside


CURVES = {
    "cosine": (Cosine(3.0), lambda z: mp.cos(3 * z)),
    "bell": (Exponential(2.0), lambda z: mp.exp(-2 * z * z)),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(
    ("name", "parameters"),
    [("hard_concrete", HARD[0]), ("hard_concrete", HARD[2]), ("rectified_gaussian", RECTIFIED[0])],
)
def test_derivatives_of_an_expectation(name: str, parameters: tuple[float, ...], curve: str) -> None:
    """The mean of the estimate is the derivative of E f(z), atoms and all, to every parameter."""
    objective, f = CURVES[curve]
    location, options = split(name, parameters)
    got = moments(name, objective, location, **options)
    exact = [mp.mpf(p) for p in parameters]
    step = mp.mpf(10) ** -5
    for i, m in enumerate(got):
        moved = [
            expectation(name, f, [*exact[:i], exact[i] + k * step, *exact[i + 1 :]]) for k in (-2, -1, 1, 2)
        ]
        want = float((8 * (moved[2] - moved[1]) - (moved[3] - moved[0])) / (12 * step))
        assert_close(m.mean[0], want, math.sqrt(m.covariance[0, 0] + want**2))


def test_two_gates_against_dense_quadrature() -> None:
    """Means and covariances of an objective that is not separable, on another grid of another variable."""
    f = Ridge()
    u, w = np.polynomial.legendre.leggauss(60)
    for name, location, options, density, cdf in (
        (
            "hard_concrete",
            np.array([-0.4, 0.9]),
            {"temperature": np.array([0.5, 1.5])},
            np_logistic,
            np_sigmoid,
        ),
        ("rectified_gaussian", np.array([0.3, 0.8]), {"std": np.array([0.5, 0.2])}, np_normal, np_ndtr),
    ):
        law = LAWS[name]
        params = [location, *options.values()]
        # Ends of the interior by bisection of the gate itself.
        low, high = ends_of(law, params)
        noise, weights = [], []
        for i in range(2):
            cuts = np.linspace(low[i], high[i], 9)
            half = 0.5 * np.diff(cuts)[:, None]
            n = (cuts[:-1, None] + half * (1 + u)).ravel()
            noise.append(np.concatenate([[low[i] - 1.0], n, [high[i] + 1.0]]))
            weights.append(np.concatenate([[cdf(low[i])], (half * w).ravel() * density(n), [cdf(-high[i])]]))
        grid = np.stack([x.ravel() for x in np.meshgrid(*noise, indexing="ij")], axis=-1)
        weight = np.outer(*weights).ravel()
        got = moments(name, f, location, **options)
        partials = law.grad_transform(grid, *params)
        for field in (
            name for name in law.Partials._fields if name in ("log_alpha", "temperature", "mu", "std")
        ):
            rows = f.grad(partials.value) * getattr(partials, field)
            mean = weight @ rows
            covariance = (rows - mean).T @ ((rows - mean) * weight[:, None])
            size = np.sqrt(np.diag(covariance) + mean**2)
            m = getattr(got, field)
            assert_close(m.mean, mean, size)
            assert_close(m.covariance, covariance, np.outer(size, size))


def np_logistic(n: Any) -> Any:
    return 1 / (2 + np.exp(n) + np.exp(-n))


def np_sigmoid(n: float) -> float:
    return 1 / (1 + math.exp(-n))


def np_normal(n: Any) -> Any:
    return np.exp(-n * n / 2) / math.sqrt(2 * math.pi)


def np_ndtr(n: float) -> float:
    return math.erfc(-n / math.sqrt(2)) / 2


def ends_of(law: Any, params: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    ends = []
    for inside in (lambda z: z > 0.0, lambda z: z == 1.0):
        low, high = np.full(2, -60.0), np.full(2, 60.0)
        for _ in range(80):
            middle = 0.5 * (low + high)
            above = inside(law.transform(middle, *params))
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        ends.append(high)
    return ends[0], ends[1]


# Sampling, and mistakes ----------------------------------------------------------------------------------------------

CASES = [
    ("hard_concrete", {}),
    ("hard_concrete", {"temperature": [0.3, 2.0], "lower": -0.3, "upper": [1.1, 1.5]}),
    ("rectified_gaussian", {}),
    ("rectified_gaussian", {"std": [0.2, 1.0]}),
]
LOCATION = np.array([0.3, -0.4])
N = 60_000


def arrays(
    options: dict[str, Any], asarray: Callable[[Any], Any] = np.asarray, dtype: Any = float
) -> dict[str, Any]:
    return {k: asarray(np.asarray(v, dtype)) if isinstance(v, list) else v for k, v in options.items()}


@pytest.mark.parametrize(("name", "options"), CASES)
def test_samples_have_the_exact_moments(name: str, options: dict[str, Any]) -> None:
    options = arrays(options)
    noise = gates.draw_noise(name, N, LOCATION, 3, **options)
    found = estimate(name, Ridge(), LOCATION, noise, **options)
    for rows, m in zip(found, moments(name, Ridge(), LOCATION, **options), strict=True):
        assert_sampled(rows, m.mean, m.covariance)


def test_the_other_noise_is_noticed() -> None:
    for name, other in (("hard_concrete", "rectified_gaussian"), ("rectified_gaussian", "hard_concrete")):
        noise = gates.draw_noise(other, N, LOCATION, 3)
        found = estimate(name, Ridge(), LOCATION, noise)
        exact = moments(name, Ridge(), LOCATION)
        assert any(
            refuses(assert_sampled, rows, m.mean, m.covariance) for rows, m in zip(found, exact, strict=True)
        )


def test_a_gradient_through_the_clip_is_noticed() -> None:
    """Without the indicator of the interior the estimate is biased."""
    noise = gates.draw_noise("rectified_gaussian", N, LOCATION, 3)
    exact = moments("rectified_gaussian", Quadratic(0.4), LOCATION).mu
    z = rectified_gaussian.transform(noise, LOCATION)
    assert refuses(assert_sampled, 2 * (z - 0.4), exact.mean, exact.covariance)


def test_clip_gradient() -> None:
    """At noise that puts the gate exactly at 0 and 1."""
    mu, noise = np.array([0.5]), np.array([[-1.0], [0.0], [1.0]])
    for how, end in (("closed", 1.0), ("open", 0.0), ("half", 0.5)):
        got = gates.rectified_gaussian(Linear([2.0]), mu, noise, clip_gradient=how)
        assert got.mu[:, 0].tolist() == [2.0 * end, 2.0, 2.0 * end]
        assert got.std[:, 0].tolist() == [-2.0 * end, 0.0, 2.0 * end]


def test_estimates_are_the_laws_own_partials() -> None:
    noise = gates.draw_noise("hard_concrete", 20, LOCATION, 0)
    got = gates.hard_concrete(Ridge(), LOCATION, noise, temperature=0.5)
    law = hard_concrete.grad_transform(noise, LOCATION, 0.5)
    for name, g in got._asdict().items():
        np.testing.assert_array_equal(g, Ridge().grad(law.value) * getattr(law, name))


def test_what_autograd_finds() -> None:
    torch = pytest.importorskip("torch")
    noise = gates.draw_noise("hard_concrete", 9, LOCATION, 5)
    values = [LOCATION, *(np.full(2, x) for x in (0.5, -0.2, 1.3))]
    got = gates.hard_concrete(Ridge(), LOCATION, noise, temperature=0.5, lower=-0.2, upper=1.3)
    params = [torch.tensor(v, requires_grad=True) for v in values]
    a, t, l, u = params
    for row, n in enumerate(torch.tensor(noise)):
        z = torch.clamp(torch.sigmoid((n + a) / t) * (u - l) + l, 0.0, 1.0)
        for g, want in zip(got, torch.autograd.grad(Ridge()(z), params), strict=True):
            np.testing.assert_allclose(g[row], want.numpy(), rtol=1e-12, atol=1e-13)


# Libraries, dtypes, extremes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), CASES)
def test_estimates_are_those_of_numpy(xp: Library, name: str, options: dict[str, Any]) -> None:
    """In double precision, and in single where there are options."""
    for dtype in [np.float64, np.float32] if options else [np.float64]:
        check_estimates(xp, name, options, dtype)


def check_estimates(xp: Library, name: str, options: dict[str, Any], dtype: Any) -> None:
    location = LOCATION.astype(dtype)
    noise = gates.draw_noise(name, 7, location, 1)
    drawn = gates.draw_noise(name, 7, xp.asarray(location), 1)
    xp.assert_own(drawn, dtype, (7, 2))
    np.testing.assert_array_equal(xp.to_numpy(drawn), noise)
    wanted = estimate(name, Ridge(), location, noise, **arrays(options, dtype=dtype))
    given = arrays(options, xp.asarray, dtype)
    got = xp.call(
        lambda location, noise: estimate(name, Ridge(), location, noise, **given),
        xp.asarray(location),
        xp.asarray(noise),
    )
    assert type(got) is LAWS[name].Partials
    for g, w in zip(got, wanted, strict=True):
        xp.assert_own(g, dtype, (7, 2))
        eps = 50 * np.finfo(dtype).eps
        np.testing.assert_allclose(xp.to_numpy(g), w, rtol=eps, atol=eps)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("location", [-1e3, -20.0, 0.0, 20.0, 1e3])
def test_extremes_are_finite(location: float, dtype: Any) -> None:
    """Finite estimates of the location's dtype, and finite moments; warnings are errors."""
    f, at = Quadratic(0.3), np.array([location, -location], dtype)
    settings = [
        ("hard_concrete", {"temperature": t, "lower": l, "upper": u})
        for t in (1e-3, 2 / 3, 1e2)
        for l, u in ((-0.1, 1.1), (-10.0, 11.0), (-1e-2, 1.01))
    ]
    settings += [("rectified_gaussian", {"std": s}) for s in (1e-3, 0.5, 10.0)]
    for name, options in settings:
        noise = gates.draw_noise(name, 20, at, 0, **options)
        for g in estimate(name, f, at, noise, **options):
            assert g.dtype == dtype
            assert g.shape == (20, 2)
            assert np.all(np.isfinite(g))
        for m in gates.exact_moments(name, f, at[:1], **options):
            assert all(np.all(np.isfinite(part)) for part in m)
            assert m.covariance[0, 0] >= 0.0


def test_shapes_at_the_edge() -> None:
    for name in LAWS:
        noise = gates.draw_noise(name, 0, LOCATION, 0)
        assert all(g.shape == (0, 2) for g in estimate(name, Ridge(), LOCATION, noise))
        with pytest.raises(ValueError, match="must have one variable or more, got none"):
            gates.exact_moments(name, Ridge(), np.zeros(0))


def test_numbers_stand_for_equal_parameters() -> None:
    noise = gates.draw_noise("hard_concrete", 5, LOCATION, 0)
    for given in (0.4, np.float64(0.4), np.array(0.4), np.array([0.4, 0.4])):
        got = gates.hard_concrete(Ridge(), LOCATION, noise, temperature=given)
        np.testing.assert_array_equal(
            got.temperature, gates.hard_concrete(Ridge(), LOCATION, noise, temperature=[0.4, 0.4]).temperature
        )
    single = LOCATION.astype(np.float32), noise.astype(np.float32)
    assert gates.hard_concrete(Ridge(), *single, temperature=0.4).lower.dtype == np.float32


def test_pickling_and_documentation() -> None:
    for name in LAWS:
        function = getattr(gates, name)
        assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301 (made here)
        for section in ("Parameters", "Returns", "Raises", "References", "Examples"):
            assert f"\n{section}\n---" in function.__doc__
    rows = {row.name: row for row in estimators.table()}
    assert rows["gates.hard_concrete"].options == ("temperature", "lower", "upper", "clip_gradient")
    assert rows["gates.rectified_gaussian"].options == ("std", "clip_gradient")
    assert "temperature : float or array of shape (D,), default 2/3" in gates.hard_concrete.__doc__


Z = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("name", "arguments", "options", "error", "words"),
    [
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"temperature": 0.0},
            ValueError,
            "temperature must be finite and greater",
        ),
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"lower": 0.1},
            ValueError,
            "lower must be finite and less than 0, got 0.1",
        ),
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"upper": [1.1, 1.0]},
            ValueError,
            "upper must be finite and greater than 1",
        ),
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"upper": [1.1] * 3},
            ValueError,
            "upper must have the shape of log_alpha",
        ),
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"upper": "wide"},
            TypeError,
            "upper takes a real number or an array",
        ),
        (
            "hard_concrete",
            (Ridge(), LOCATION, Z),
            {"std": 0.5},
            TypeError,
            "no option std; it takes temperature, lower, upper",
        ),
        ("hard_concrete", (Ridge(), 0.5, Z), {}, ValueError, "log_alpha takes an array, got the number 0.5"),
        ("hard_concrete", (Ridge(), LOCATION * math.inf, Z), {}, ValueError, "log_alpha must be finite"),
        ("hard_concrete", (lambda z: z[..., 0], LOCATION, Z), {}, TypeError, "with a method grad(b)"),
        (
            "rectified_gaussian",
            (Ridge(), LOCATION, Z[:, :1]),
            {},
            ValueError,
            "noise must have shape (n, D=2), got (3, 1)",
        ),
        (
            "rectified_gaussian",
            (Ridge(), LOCATION, Z),
            {"std": -0.5},
            ValueError,
            "std must be finite and greater than 0",
        ),
        (
            "rectified_gaussian",
            (Ridge(), LOCATION, Z),
            {"clip_gradient": "ajar"},
            ValueError,
            "clip_gradient takes one of",
        ),
    ],
)
def test_bad_arguments(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=re.escape(words)) as raised:
        estimate(name, *arguments, **options)
    assert f"estimators.gates.{name}" in str(raised.value)


def test_objectives_that_are_not_smooth_are_refused() -> None:
    """Rather than integrated to a few digits."""
    for name in LAWS:
        with pytest.raises(ValueError, match=f"gates.{name}: objective must be smooth on the scale"):
            gates.exact_moments(name, Polynomial(0.45, 1.5), LOCATION[:1])


def test_other_functions_refuse() -> None:
    with pytest.raises(ValueError, match=r"226\^4 = 2\.6e9 combinations of noise for 4 variables"):
        gates.exact_moments("hard_concrete", Ridge(), np.zeros(4))
    with pytest.raises(ValueError, match=r"82\^4 = 4\.5e7 combinations of noise"):
        gates.exact_moments("rectified_gaussian", Ridge(), np.zeros(4))
    with pytest.raises(ValueError, match=r"no estimator 'concrete'; name takes one of hard_concrete, rect"):
        gates.draw_noise("concrete", 3, LOCATION)
