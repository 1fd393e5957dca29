"""What is wrong is named: the argument, what it takes, and what it got."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stgref import estimators
from stgref.estimators.table import ROWS
from tests.estimators.catalogue import CASES, OPTIONS, case_id, f

PHI = np.asarray([0.3, -1.1])
NAMES = [e.name.removeprefix("estimators.") for e in ROWS]
FIRST = {name: OPTIONS.get(name, [{}])[0] for name in NAMES}
GRADIENT = [row.name for row in estimators.table() if "grad" in row.needs and row.name in NAMES]


def call(name: str, objective: Any = f, logits: Any = PHI, noise: Any = None, **options: Any) -> Any:
    given = {**FIRST[name], **options}
    if noise is None:
        noise = estimators.draw_noise(name, 4, PHI, rng=0, **FIRST[name])
    return getattr(estimators, name)(objective, logits, noise, **given)


def altered(name: str, change: Any) -> Any:
    noise = estimators.draw_noise(name, 4, PHI, rng=0, **FIRST[name])
    return type(noise)(*map(change, noise)) if isinstance(noise, tuple) else change(noise)


@pytest.mark.parametrize("name", NAMES)
class TestEvery:
    def test_objective_that_is_no_callable(self, name: str) -> None:
        for objective in (3.0, None):
            with pytest.raises(TypeError, match=rf"estimators.{name}: objective takes a callable"):
                call(name, objective=objective)

    def test_noise_that_is_no_number(self, name: str) -> None:
        with pytest.raises(ValueError, match=rf"estimators.{name}: noise\S* must be numbers, got nan"):
            call(name, noise=altered(name, lambda x: np.nan * x))

    def test_wrong_rank_of_logits(self, name: str) -> None:
        with pytest.raises(
            ValueError, match=rf"estimators.{name}: logits must have shape \(D,\), got \(1, 2\)"
        ):
            call(name, logits=PHI[None])

    def test_number_for_logits(self, name: str) -> None:
        with pytest.raises(ValueError, match=rf"estimators.{name}: logits takes an array"):
            call(name, logits=0.5)

    def test_logits_that_are_not_finite(self, name: str) -> None:
        with pytest.raises(ValueError, match=rf"estimators.{name}: logits must be finite"):
            call(name, logits=np.asarray([0.3, np.nan]))

    def test_logits_of_words(self, name: str) -> None:
        with pytest.raises(TypeError, match=rf"estimators.{name}: logits takes"):
            call(name, logits=np.asarray(["a", "b"]))

    def test_wrong_rank_of_noise(self, name: str) -> None:
        with pytest.raises(ValueError, match=rf"estimators.{name}: noise\S* must have shape \(n"):
            call(name, noise=altered(name, lambda a: a[None]))

    def test_noise_of_other_variables(self, name: str) -> None:
        with pytest.raises(ValueError, match=rf"estimators.{name}: noise\S* must have shape .*D=2.*got"):
            call(name, noise=altered(name, lambda a: a[..., :1]))

    def test_noise_that_is_none(self, name: str) -> None:
        with pytest.raises(TypeError, match=rf"estimators.{name}: noise"):
            call(name, noise="noise")

    def test_values_of_a_wrong_shape(self, name: str) -> None:
        class Wrong:
            def __call__(self, b: Any) -> Any:
                return np.sum(b)

            def grad(self, b: Any) -> Any:
                return b[..., :1]

        with pytest.raises(
            ValueError, match=rf"estimators.{name}: objective\S* must return shape .* for points of"
        ):
            call(name, objective=Wrong())

    def test_values_that_are_not_finite(self, name: str) -> None:
        class Wrong:
            def __call__(self, b: Any) -> Any:
                return np.full(b.shape[:-1], np.nan)

            def grad(self, b: Any) -> Any:
                return np.full(b.shape, np.inf)

        with pytest.raises(ValueError, match=rf"estimators.{name}: objective\S* must return finite values"):
            call(name, objective=Wrong())

    def test_values_that_are_no_array(self, name: str) -> None:
        class Wrong:
            def __call__(self, b: Any) -> Any:
                return [0.0] * len(b)

            grad = __call__

        with pytest.raises(
            TypeError, match=rf"estimators.{name}: objective\S* must return an array of numpy, got list"
        ):
            call(name, objective=Wrong())

    def test_unknown_option(self, name: str) -> None:
        with pytest.raises(TypeError, match=rf"estimators.{name}: there is no option temprature; it takes"):
            call(name, temprature=1.0)
        with pytest.raises(TypeError, match=rf"estimators.{name}: there is no option temprature; it takes"):
            estimators.draw_noise(name, 4, PHI, temprature=1.0)
        with pytest.raises(TypeError, match=rf"estimators.{name}: there is no option temprature; it takes"):
            estimators.exact_moments(name, f, PHI, temprature=1.0)

    def test_missing_argument(self, name: str) -> None:
        with pytest.raises(TypeError, match=rf"estimators.{name}.*noise"):
            getattr(estimators, name)(f, PHI, **FIRST[name])

    def test_moments_that_are_too_many(self, name: str) -> None:
        with pytest.raises(
            ValueError, match=rf"estimators.{name}: too large to do exactly: \d+\^40 = \d\.\de\d+ "
        ):
            estimators.exact_moments(name, lambda_with_grad, np.zeros(40), **too_many(name))


def test_a_cost_that_cannot_be_printed() -> None:
    with pytest.raises(ValueError, match=r"too large to do exactly: 6\^20000 = \d\.\de15563 "):
        estimators.exact_moments("arm", lambda_with_grad, np.zeros(20000))
    with pytest.raises(ValueError, match=r"too large to do exactly: 1.0e60206 "):
        estimators.exact_moments("vimco", lambda_with_grad, np.zeros(2), k=10**5)


def too_many(name: str) -> dict[str, Any]:
    return {k: v for k, v in FIRST[name].items() if k != "baseline"}


class _Sum:
    def __call__(self, b: Any) -> Any:
        return np.sum(b, axis=-1)

    def grad(self, b: Any) -> Any:
        return np.ones_like(b)


lambda_with_grad = _Sum()


@pytest.mark.parametrize("name", GRADIENT)
def test_missing_gradient(name: str) -> None:
    def plain(b: Any) -> Any:
        return np.sum(b, axis=-1)

    for objective in (plain, np.sum):
        with pytest.raises(
            TypeError, match=rf"estimators.{name}: objective takes a callable f\(b\) with a method grad"
        ):
            call(name, objective=objective)
        with pytest.raises(
            TypeError, match=rf"estimators.{name}: objective takes a callable f\(b\) with a method grad"
        ):
            estimators.exact_moments(name, objective, PHI, **FIRST[name])


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("score_function", {"baseline": "best"}, "baseline takes"),
        ("score_function", {"baseline": [1.0, 2.0, 3.0]}, r"baseline must have shape \(\) or \(2,\)"),
        ("score_function", {"baseline": np.nan}, "baseline must be finite"),
        (
            "score_function",
            {"baseline": "moving_average", "decay": 1.0},
            "decay must be at least 0 and less than 1",
        ),
        ("score_function", {"baseline": None}, "baseline takes"),
        ("rloo", {"k": 1}, "k must be 2 or more"),
        ("rloo", {"k": 2.0}, "k takes an integer"),
        ("rloo", {"k": 3}, r"noise must have shape \(n, k=3, D=2\), got \(4, 2, 2\)"),
        ("gumbel_rao", {"k": 0}, "k must be 1 or more"),
        ("arms", {"k": 1}, "k must be 2 or more"),
        ("straight_through", {"derivative": "tanh"}, "derivative takes one of"),
        ("straight_through", {"temperature": 0.0}, "temperature must be finite and greater than 0"),
        ("straight_through", {"slope": -1.0}, "slope must be"),
        ("relaxation", {"temperature": -1.0}, "temperature must be"),
        ("relaxation", {"temperature": "warm"}, "temperature takes a real number"),
        ("rebar", {"eta": np.inf}, "eta must be finite"),
        ("rebar", {"coupling": "loose"}, "coupling takes one of"),
        ("relax", {"control_variate": 3.0}, "control_variate takes a callable"),
        ("relax", {"control_variate": np.sum}, "control_variate takes a callable"),
        ("double_cv", {"alpha": np.nan}, "alpha must be finite"),
        ("finite_difference", {"step": 0.0}, "step must be"),
        ("vimco", {"average": "harmonic"}, "average takes one of"),
        ("multiplicative_noise", {"rate": 1.0}, "rate must be"),
        ("sts", {"score": 1}, "score takes True or False"),
    ],
)
def test_options(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"estimators.{name}: {words}"):
        call(name, **options)


def test_required_options() -> None:
    for name, option in (("relax", "control_variate"), ("double_cv", "alpha"), ("finite_difference", "step")):
        noise = estimators.draw_noise(name, 4, PHI)
        with pytest.raises(TypeError, match=rf"estimators.{name}.*{option}"):
            getattr(estimators, name)(f, PHI, noise)


def test_control_variate_of_a_wrong_shape() -> None:
    class Wrong:
        def __call__(self, z: Any) -> Any:
            return z

        def grad(self, z: Any) -> Any:
            return z

    with pytest.raises(ValueError, match=r"estimators.relax: control_variate must return shape"):
        call("relax", control_variate=Wrong())


def test_unknown_estimator() -> None:
    for function in (estimators.draw_noise, estimators.exact_moments):
        with pytest.raises(
            ValueError, match=r"there is no estimator 'reinforce'; name takes one of score_function"
        ):
            function("reinforce", 3 if function is estimators.draw_noise else f, PHI)
        with pytest.raises(TypeError, match="name takes one of"):
            function(3, 3 if function is estimators.draw_noise else f, PHI)


@pytest.mark.parametrize("n", [-1, 2.5, True, "many"])
def test_number_of_estimates(n: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match=r"estimators.draw_noise: n (takes an integer|must be 0 or more)"
    ):
        estimators.draw_noise("arm", n, PHI)


def test_source_of_randomness() -> None:
    with pytest.raises(TypeError, match="rng takes a seed"):
        estimators.draw_noise("arm", 2, PHI, rng=np.random.RandomState(0))


@pytest.mark.parametrize("function", [estimators.exact_value, estimators.exact_gradient])
def test_exact_values(function: Any) -> None:
    name = f"estimators.{function.__name__}"
    with pytest.raises(ValueError, match=rf"{name}: too large to do exactly: 2\^60 = 1.2e18 points"):
        function(lambda b: np.sum(b, axis=-1), np.zeros(60))
    with pytest.raises(ValueError, match=rf"{name}: logits must have shape \(D,\)"):
        function(f, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=rf"{name}: objective must return shape"):
        function(lambda b: b, PHI)
    with pytest.raises(TypeError, match=rf"{name}: objective takes a callable"):
        function(None, PHI)
    with pytest.raises(ValueError, match=rf"{name}: logits must be finite"):
        function(f, np.asarray([np.inf, 0.0]))


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_plain_tuples_and_lists_will_do(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    noise = estimators.draw_noise(name, 4, PHI, rng=0, **options)
    plain = tuple(noise) if isinstance(noise, tuple) else noise.tolist()
    wanted = getattr(estimators, name)(f, PHI, noise, **options)
    np.testing.assert_array_equal(getattr(estimators, name)(f, PHI.tolist(), plain, **options), wanted)


@pytest.mark.parametrize("name", ["rloo", "arms", "double_cv", "vimco"])
def test_more_samples_than_patterns_can_be_listed(name: str) -> None:
    with pytest.raises(ValueError, match=rf"estimators.{name}: too large to do exactly"):
        estimators.exact_moments(name, f, PHI, **{**FIRST[name], "k": 60})
