"""Gaussian estimators in every library and dtype, at the ends of their range, and given what they refuse."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import numpy as np
import pytest

from stgref import estimators
from stgref.estimators import gaussian
from stgref.estimators.objectives import Cosine, Exponential, Quadratic
from tests.conftest import Library
from tests.declared import called
from tests.estimators.smooth import Ridge
from tests.estimators.test_gaussian import MU, NAMES, OPTIONS, STD

CASES = [*OPTIONS, ("score_function", {"baseline": "moving_average", "decay": 0.6})]


def estimate(name: str, f: Any, mu: Any, std: Any, noise: Any, **options: Any) -> Any:
    return getattr(gaussian, name)(f, mu, std, noise, **options)


def parts(noise: Any) -> tuple[Any, ...]:
    return noise if isinstance(noise, tuple) else (noise,)


def case_id(case: tuple[str, dict[str, Any]]) -> str:
    return "-".join([case[0], *(f"{k}={v}" for k, v in case[1].items())])


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_estimates_are_those_of_numpy(xp: Library, case: tuple[str, dict[str, Any]]) -> None:
    """In single precision where there are no options, and in double precision."""
    for dtype in [np.float64] if case[1] else [np.float32, np.float64]:
        check_estimates(xp, *case, dtype)


def check_estimates(xp: Library, name: str, options: dict[str, Any], dtype: Any) -> None:
    if options.get("baseline") == "optimal" and xp.name in ("jax", "jax-jit", "dask"):
        pytest.skip("a sum over blocks; compiled or lazily it only takes longer")
    mu, std = MU.astype(dtype), STD.astype(dtype)
    noise = gaussian.draw_noise(name, 7, mu, std, 1, **options)
    wanted = estimate(name, Ridge(), mu, std, noise, **options)
    drawn = gaussian.draw_noise(name, 7, xp.asarray(mu), xp.asarray(std), rng=1, **options)
    for here, there in zip(parts(drawn), parts(noise), strict=True):
        xp.assert_own(here, dtype, (7, 2))
        np.testing.assert_array_equal(xp.to_numpy(here), there)

    def call(mu: Any, std: Any, *arrays: Any) -> Any:
        given = type(noise)(*arrays) if isinstance(noise, tuple) else arrays[0]
        return estimate(name, Ridge(), mu, std, given, **options)

    got = xp.call(call, xp.asarray(mu), xp.asarray(std), *map(xp.asarray, parts(noise)))
    assert isinstance(got, gaussian.Gradients)
    for g, w in zip(got, wanted, strict=True):
        xp.assert_own(g, dtype, (7, 2))
        eps = 50 * np.finfo(dtype).eps
        np.testing.assert_allclose(xp.to_numpy(g), w, rtol=eps, atol=eps * 10)


@pytest.mark.parametrize("case", [CASES[i] for i in (0, 3, 4, 6)], ids=case_id)
def test_exact_moments_are_those_of_numpy(xp: Library, case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    mu, std = MU[:1], STD[:1]
    wanted = gaussian.exact_moments(name, Ridge(), mu, std, **options)

    def moments(mu: Any, std: Any) -> Any:
        return gaussian.exact_moments(name, Ridge(), mu, std, **options)

    support, where = (
        getattr(gaussian, name).libraries_of_moments,
        f"estimators.gaussian.{name}, exact moments",
    )
    got = called(xp, support, where, moments, xp.asarray(mu), xp.asarray(std))
    for g, w in zip(got or (), wanted if got else (), strict=True):
        for here, there in zip(g, w, strict=True):
            xp.assert_own(here, np.float64, there.shape)
            np.testing.assert_allclose(xp.to_numpy(here), there, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("mu", [-1e3, 0.3, 1e3])
@pytest.mark.parametrize("std", [1e-3, 1.0, 10.0])
@pytest.mark.parametrize("name", NAMES)
def test_extremes_are_finite(name: str, mu: float, std: float, dtype: Any) -> None:
    """Finite estimates of the parameters' dtype, and finite moments; warnings are errors."""
    m, s = np.array([mu, -mu], dtype), np.array([std, std], dtype)
    noise = gaussian.draw_noise(name, 50, m, s, 0)
    for f in (Cosine(1.0), Exponential(0.5), *([Quadratic(0.3)] if dtype != np.float16 else [])):
        for g in estimate(name, f, m, s, noise):
            assert g.shape == (50, 2)
            assert g.dtype == dtype
            assert np.all(np.isfinite(g))
        if dtype == np.float64:
            for moments in gaussian.exact_moments(name, f, m[:1], s[:1]):
                assert all(np.all(np.isfinite(part)) for part in moments)
                assert moments.covariance[0, 0] >= -1e-15 * moments.mean[0] ** 2


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_no_rows(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    noise = gaussian.draw_noise(name, 0, MU, STD, 0, **options)
    for g in estimate(name, Ridge(), MU, STD, noise, **options):
        assert g.shape == (0, 2)


@pytest.mark.parametrize("name", NAMES)
def test_no_variables(name: str) -> None:
    nothing = np.zeros(0)
    with pytest.raises(ValueError, match="mu must have one variable or more, got none"):
        gaussian.exact_moments(name, Ridge(), nothing, nothing)


def test_dtypes_promote() -> None:
    noise = gaussian.draw_noise("pathwise", 3, MU.astype(np.float32), STD, 0)
    assert noise.dtype == np.float64
    assert (
        gaussian.pathwise(Ridge(), MU.astype(np.float32), STD.astype(np.float32), noise).mu.dtype
        == np.float64
    )


def test_a_seed_is_a_generator() -> None:
    for name in NAMES:
        a, b = (gaussian.draw_noise(name, 3, MU, STD, rng) for rng in (5, np.random.default_rng(5)))
        assert all(np.array_equal(x, y) for x, y in zip(parts(a), parts(b), strict=True))
        assert not np.array_equal(parts(a)[0], parts(gaussian.draw_noise(name, 3, MU, STD, 6))[0])


def test_half_precision_follows_single() -> None:
    """The draws of one seed are the same numbers, rounded."""
    mu, std = MU.astype(np.float16), STD.astype(np.float16)
    half = gaussian.draw_noise("measure_valued", 100, mu, std, 0)
    single = gaussian.draw_noise("measure_valued", 100, mu.astype(np.float32), std.astype(np.float32), 0)
    for field in ("sample", "weibull", "maxwell", "other_weibull", "other_normal"):
        np.testing.assert_array_equal(getattr(half, field), getattr(single, field).astype(np.float16))


def test_pickling_and_documentation() -> None:
    for name in NAMES:
        function = getattr(gaussian, name)
        assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301 (made here)
        for section in ("Parameters", "Returns", "Raises", "References", "Examples"):
            assert f"\n{section}\n---" in function.__doc__
    rows = {row.name: row for row in estimators.table()}
    assert {f"gaussian.{name}" for name in NAMES} <= set(rows)
    assert rows["gaussian.measure_valued"].options == ("coupling",)


# What is refused -----------------------------------------------------------------------------------------------------

Z = np.zeros((3, 2))


class NoHessian:
    def __call__(self, x: Any) -> Any:
        return x[..., 0]

    def grad(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize(
    ("name", "arguments", "options", "error", "words"),
    [
        (
            "pathwise",
            (Ridge(), MU, -STD, Z),
            {},
            ValueError,
            "std must be finite and greater than 0, got -0.8",
        ),
        ("pathwise", (Ridge(), MU, 0 * STD, Z), {}, ValueError, "std must be finite and greater than 0"),
        ("pathwise", (Ridge(), MU * math.nan, STD, Z), {}, ValueError, "mu must be finite"),
        (
            "pathwise",
            (Ridge(), MU, STD[:1], Z),
            {},
            ValueError,
            "std must have the shape of mu, (2,), got (1,)",
        ),
        (
            "pathwise",
            (Ridge(), MU[None], STD[None], Z),
            {},
            ValueError,
            "mu must have shape (D,), got (1, 2)",
        ),
        ("pathwise", (Ridge(), MU, 0.5, Z), {}, ValueError, "std takes an array, got the number 0.5"),
        (
            "pathwise",
            (Ridge(), MU, STD, Z[:, :1]),
            {},
            ValueError,
            "noise must have shape (n, D=2), got (3, 1)",
        ),
        ("pathwise", (lambda x: x[..., 0], MU, STD, Z), {}, TypeError, "with a method grad(b)"),
        ("pathwise", (3, MU, STD, Z), {}, TypeError, "objective takes a callable"),
        (
            "pathwise",
            (Ridge(), MU, STD, Z),
            {"coupling": "coupled"},
            TypeError,
            "there is no option coupling",
        ),
        ("score_function", (lambda x: x, MU, STD, Z), {}, ValueError, "objective must return shape (3,)"),
        ("score_function", (Ridge(), MU, STD, Z), {"baseline": "mean"}, ValueError, '"optimal"'),
        (
            "score_function",
            (Ridge(), MU, STD, Z),
            {"baseline": [1.0, 2.0, 3.0]},
            ValueError,
            "baseline must have shape",
        ),
        (
            "score_function",
            (Ridge(), MU, STD, Z),
            {"baseline": True},
            TypeError,
            "baseline takes real numbers",
        ),
        (
            "score_function",
            (Ridge(), MU, STD, Z),
            {"baseline": gaussian.Gradients(0.0, "optimal")},
            TypeError,
            "baseline takes a real number",
        ),
        (
            "score_function",
            (Ridge(), MU, STD, Z),
            {"decay": 1.0},
            ValueError,
            "decay must be at least 0 and less than 1",
        ),
        ("delta", (NoHessian(), MU, STD, Z), {}, TypeError, "a method hessian_product(b, v)"),
        ("delta", (Ridge(), MU, STD, Z), {"eta": math.inf}, ValueError, "eta must be finite"),
        (
            "measure_valued",
            (Ridge(), MU, STD, Z),
            {},
            TypeError,
            "noise takes a MeasureValuedNoise(sample, weibull",
        ),
        ("measure_valued", (Ridge(), MU, STD, (Z,) * 5), {}, TypeError, "noise takes a MeasureValuedNoise"),
        (
            "measure_valued",
            (Ridge(), MU, STD, (Z,) * 5 + (Z[1:],)),
            {},
            ValueError,
            "noise.other_normal must have shape",
        ),
        (
            "measure_valued",
            (Ridge(), MU, STD, (Z,) * 6),
            {"coupling": "both"},
            ValueError,
            "coupling takes one of",
        ),
    ],
)
def test_bad_arguments(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=re.escape(words)) as raised:
        estimate(name, *arguments, **options)
    assert f"estimators.gaussian.{name}" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "options", "variables", "cost"),
    [
        ("pathwise", {}, 5, "61^5 = 8.4e8 combinations of noise for 5 variables"),
        ("score_function", {"baseline": "optimal"}, 6, "61^6 = 5.2e10 points for 6 variables"),
        ("score_function", {"baseline": "moving_average"}, 5, "61^5"),
        ("delta", {}, 7, "61^7"),
        ("measure_valued", {}, 4, "192 * 61^3 = 4.4e7 points for each of 4 variables, more than 16777216"),
    ],
)
def test_what_is_too_large_says_its_cost(
    name: str, options: dict[str, Any], variables: int, cost: str
) -> None:
    one = np.ones(variables)
    with pytest.raises(ValueError, match=re.escape(f"too large to do exactly: {cost}")):
        gaussian.exact_moments(name, Ridge(), one, one, **options)


class Kink:
    """|x_0 - 0.1|^1.5, with a derivative that has no tangent."""

    def __call__(self, x: Any) -> Any:
        return np.abs(x[..., 0] - 0.1) ** 1.5

    def grad(self, x: Any) -> Any:
        return 1.5 * np.sign(x - 0.1) * np.abs(x - 0.1) ** 0.5

    def hessian_product(self, x: Any, v: Any) -> Any:
        return 0.75 * np.abs(x - 0.1) ** -0.5 * v


def test_objectives_that_are_not_smooth_are_refused() -> None:
    """Rather than integrated to a few digits."""
    one = np.ones(1)
    for name in NAMES:
        with pytest.raises(ValueError, match=f"gaussian.{name}: objective must be smooth on the scale"):
            gaussian.exact_moments(name, Kink(), one, one)
    for function in (gaussian.exact_value, gaussian.exact_gradient):
        for f in (Kink(), Kink().__call__):
            with pytest.raises(
                ValueError, match=f"{function.__name__}: objective must be smooth on the scale"
            ):
                function(f, one, one)


def test_other_functions_refuse() -> None:
    with pytest.raises(
        ValueError, match=r"no estimator 'reinforce'; name takes one of pathwise, score_function"
    ):
        gaussian.exact_moments("reinforce", Ridge(), MU, STD)
    with pytest.raises(TypeError, match=r"gaussian\.draw_noise: name takes one of"):
        gaussian.draw_noise(3, 5, MU, STD)
    with pytest.raises(ValueError, match=r"gaussian\.draw_noise: n must be 0 or more, got -1"):
        gaussian.draw_noise("pathwise", -1, MU, STD)
    with pytest.raises(ValueError, match=r"exact_value: std must be finite and greater than 0"):
        gaussian.exact_value(Ridge(), MU, -STD)
    with pytest.raises(ValueError, match=r"exact_gradient: std must have shape \(D,\) as mu"):
        gaussian.exact_gradient(Ridge(), MU, STD[:1])
    with pytest.raises(ValueError, match=r"exact_value: too large to do exactly: 61\^5"):
        gaussian.exact_value(Ridge(), np.ones(5), np.ones(5))
    with pytest.raises(ValueError, match=r"exact_gradient: mu must be finite"):
        gaussian.exact_gradient(Ridge(), MU * math.nan, STD)
    with pytest.raises(ValueError, match="one variable or more"):
        gaussian.exact_gradient(Ridge(), np.ones(0), np.ones(0))
