"""The vectors of the gate layers: derived anew, judged as the judge judges layers, and wrong layers do not pass."""

from __future__ import annotations

import numpy as np
import pytest

from stgref.conformance import layers
from stgref.conformance.recording import Case
from stgref.conformance.vector_sets import all_cases, document
from tests.conformance.live_stgref import answer, function
from tests.oracle.layers import Grid
from tests.oracle.layers import answer as oracle
from validation.vectors import gates

NODES = document("gates")["cases"]
EVERY = all_cases()
CASES = {node["id"]: EVERY[node["id"]] for node in NODES}
PASSES = [case for case in CASES.values() if case.function.endswith((".forward", ".vjp"))]
VALID = [case for case in PASSES if case.kind != "invalid"]
SAMPLE, SEED = 24, 20261121


def arguments_of(case):
    """As the oracle was asked: exact floats and arrays of them."""

    def exact(value):
        if not isinstance(value, np.ndarray):
            return value
        return (value if value.dtype.kind == "i" else value.astype("float64")) if value.ndim else float(value)

    return {name: exact(value) for name, value in case.arguments.items()}


def test_a_random_sample_is_derived_anew():
    asked = [node for node in NODES if node["kind"] != "invalid"]
    for i in np.random.default_rng(SEED).choice(len(asked), SAMPLE, replace=False):
        node = asked[i]
        given = arguments_of(CASES[node["id"]])
        at_jump = node["flags"][0] == "clip-point"
        again = gates.exact(node["function"], node["dtype"], given, at_jump=at_jump)
        assert again == {"results": node["results"], "conditions": node["conditions"]}, node["id"]


def test_making_a_function_again_gives_the_same_cases():
    name = "GaussianStochasticGates.vjp"
    for dtype in ("float32", "float64"):
        wanted = [node for node in NODES if (node["function"], node["dtype"]) == (name, dtype)]
        assert list(gates.cases(name, dtype)) == wanted


def test_the_yardstick_is_that_of_recordings():
    """The judge of recordings takes conditions from stgref's own derivatives and from differences; both are sums of terms."""
    for case in VALID:
        if case.flags[0] in {"clip-point", "extreme"}:
            continue  # Differences are no derivatives at a clip point, nor across the end of a domain.
        plain = Case(case.id, case.function, case.dtype, case.arguments, case.kind, case.flags)
        for name, wanted in layers.answer(plain).items():
            assert np.allclose(wanted.condition, case.conditions[name], rtol=2e-3, atol=1e-300), (
                case.id,
                name,
            )


def test_stgref_at_clip_points_takes_the_closed_derivative():
    for case in VALID:
        if case.kind == "acceptable":
            assert case.check(answer(case)).status == "pass"


def test_other_clip_conventions_are_acceptable_and_no_others():
    clipped = [case for case in VALID if case.kind == "acceptable"]
    assert len(clipped) == 14
    for case in clipped:
        parameter = case.names[1]
        closed, (opened, _) = case.results[parameter], case.conventions["open"]
        assert np.any(closed != opened[parameter])
        for factor in (0.0, 0.5):
            output = {**case.results, parameter: opened[parameter] + factor * (closed - opened[parameter])}
            assert case.check(output).status == "acceptable", case.id
        output = {**case.results, parameter: opened[parameter] + 0.75 * (closed - opened[parameter])}
        assert case.check(output).status == "fail"


def test_an_element_anywhere_can_fail():
    """One of each result, drawn."""
    rng = np.random.default_rng(SEED)
    for case in VALID[::3]:
        eps, tiny = float(np.finfo(case.dtype).eps), float(np.finfo(case.dtype).smallest_subnormal)
        for name, result in ((n, x) for n, x in case.results.items() if x.size):
            output = {n: x.copy() for n, x in case.results.items()}
            index = np.unravel_index(rng.integers(result.size), result.shape)
            off = 7 * eps * float(case.conditions[name][index]) + 4 * tiny
            output[name][index] = float(result[index]) + off
            assert case.check(output).status == "fail", case.id


def test_a_wrong_shape_fails_and_says_so():
    case = next(case for case in VALID if case.results["gated"].ndim == 2)
    check = case.check({**case.results, "gated": case.results["gated"][:1]})
    assert check.status == "fail"
    assert "gated has shape (1, 4), the right one is (3, 4)" in check.diagnosis


WRONG = {
    "penalty of another temperature": {"temperature": 0.75},
    "weight left out": {"reg_weight": 1.0},
    "always the sum": {"reg_reduction": "sum"},
    "one row of noise": {"noise": lambda noise: noise[:1] + 0 * noise},
    "noise of the other sign": {"noise": lambda noise: -noise},
    "other bounds": {"lower_bound": -0.2, "upper_bound": 1.2},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_layer_that_takes_other_arguments_fails(wrong):
    name = "BinaryConcreteStochasticGates.forward"
    statuses = set()
    for case in (case for case in VALID if case.function == name):

        def changed(case=case, **given):
            other = {k: v(given[k]) if callable(v) and given[k] is not None else v for k, v in wrong.items()}
            return function(name)(**given | {k: v for k, v in other.items() if not callable(v)})

        statuses.add(case.check(case.call(changed)).status)
    assert "fail" in statuses


def test_calls_give_copies():
    case = next(case for case in VALID if case.function.endswith("vjp"))
    before = case.arguments["x"].copy()

    def spoiler(**given):
        assert isinstance(given["reg_weight"], float)
        given["x"][...] = 0

    case.call(spoiler)
    assert np.array_equal(case.arguments["x"], before)


@pytest.mark.parametrize("layer", ["BinaryConcreteStochasticGates", "GaussianStochasticGates"])
@pytest.mark.parametrize("noise", [None, Grid((2, 2), [0.3, -0.4, 0.25, 0.7])])
def test_pullbacks_of_the_oracle_are_differences_of_its_forward_passes(layer, noise):
    """Of d_gated . gated + d_l0_reg . l0_reg, by central differences of 2^-20: an error of some 1e-12."""
    bc = layer.startswith("Binary")
    options = {"temperature": 0.5, "lower_bound": -0.25, "upper_bound": 1.5} if bc else {"std": 0.5}
    parameter = "log_alpha_param" if bc else "mu"
    given = {
        "x": Grid((2, 3), [1.0, 0.5, -2.0, 0.25, 1.5, 3.0]),
        "noise": noise,
        "mask": Grid((3,), [1, 0, 1]),
        parameter: Grid((2,), [0.25, 0.625]),
        "reg_weight": 0.75,
        "reg_reduction": "mean",
        **options,
    }
    d_gated, d_l0_reg = Grid((2, 3), [0.5, -1.0, 0.25, 2.0, 1.0, -0.75]), 0.5
    pulled = oracle(f"{layer}.vjp", given | {"d_gated": d_gated, "d_l0_reg": d_l0_reg})

    def total(name, i, h):
        cells = list(given[name].cells)
        cells[i] += h
        made = oracle(f"{layer}.forward", given | {name: Grid(given[name].shape, cells)})
        pairs = zip(d_gated.cells, made["gated"].cells, strict=True)
        return float(sum(d * z.value for d, z in pairs) + d_l0_reg * made["l0_reg"].cells[0].value)

    h = 2.0**-20
    for name, result in (("x", "input"), (parameter, parameter)):
        for i, cell in enumerate(pulled[result].cells):
            difference = (total(name, i, h) - total(name, i, -h)) / (2 * h)
            assert float(cell.value) == pytest.approx(difference, abs=1e-8)
