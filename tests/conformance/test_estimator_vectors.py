"""The vectors of the estimators: derived anew, with honest yardsticks, and wrong estimators do not pass."""

from __future__ import annotations

import numpy as np
import pytest

from stgref import estimators
from stgref.conformance.vector_sets import all_cases, document
from tests.conformance.live_stgref import function
from tests.estimators.oracle import draws
from validation.vectors import estimates
from validation.vectors import estimators as made
from validation.vectors.estimator_plans import OBJECTIVES, OPTIONS
from validation.vectors.objectives import Objective
from validation.vectors.tracked import Arithmetic

NODES = document("estimators")["cases"]
EVERY = all_cases()
VALID = [EVERY[node["id"]] for node in NODES if node["kind"] == "valid"]
SAMPLE, SEED = 24, 20261121


def of(name):
    return [case for case in VALID if case.function == f"estimators.{name}"]


def test_a_random_sample_is_derived_anew():
    asked = [node for node in NODES if node["kind"] != "invalid"]
    for i in np.random.default_rng(SEED).choice(len(asked), SAMPLE, replace=False):
        node = asked[i]
        case = EVERY[node["id"]]
        given = {
            n: x.astype("float64") if isinstance(x, np.ndarray) else x for n, x in case.arguments.items()
        }
        again = made.exact(case.function, case.dtype, given)
        assert again == {"results": node["results"], "conditions": node["conditions"]}, node["id"]


def test_making_an_estimator_again_gives_the_same_cases():
    for dtype in ("float32", "float64"):
        wanted = [n for n in NODES if (n["function"], n["dtype"]) == ("estimators.rebar", dtype)]
        assert list(made.cases("estimators.rebar", dtype)) == wanted


def test_every_bernoulli_estimator_with_an_oracle_is_asked():
    known = {row.name for row in estimators.table() if "." not in row.name}
    assert known - {case.function.removeprefix("estimators.") for case in VALID} == {"multiplicative_noise"}


def test_every_set_of_options_is_asked_in_the_middle():
    for name, some in OPTIONS.items():
        asked = [case.arguments["options"] for case in of(name) if case.flags == ("bulk",)]
        assert all(options in asked for options in some), name


@pytest.mark.parametrize("node", [each for some in OBJECTIVES.values() for each in some], ids=str)
def test_objectives_are_those_of_stgref(node):
    size = next(d for d, some in OBJECTIVES.items() if node in some)
    fields = {name: value for name, value in node.items() if name != "name"}
    theirs, mine = getattr(estimators.objectives, node["name"])(**fields), Objective(node, float)
    for b in np.random.default_rng(SEED).uniform(-2, 2, (20, size)):
        assert mine.f(*b) == pytest.approx(float(theirs(b)), rel=1e-13, abs=1e-13)
        assert mine.df(*b) == pytest.approx(theirs.grad(b).tolist(), rel=1e-13, abs=1e-13)


# Yardsticks -------------------------------------------------------------------------------------------------------------


def test_sizes_of_sums_products_and_functions():
    m = Arithmetic(40)
    a, b, t = m.argument(3.0), m.argument(-2.0), m.argument(0.5)
    assert float((a + b).size) == 5
    assert float((a * b - 6).size) == 12
    assert float((a / b).size) == 3
    assert float((a**2).size) == 18
    assert float(m.exp(t).size) == pytest.approx(1.5 * np.exp(0.5))
    assert float(m.sigmoid(t).size) == pytest.approx(estimates_size(0.5))
    assert float(abs(b).value) == 2
    assert float((-1) ** m.mpf(1)) == -1


def estimates_size(x):
    """Of sigma(x): the value, and x times the slope."""
    p = 1 / (1 + np.exp(-x))
    return p + abs(x) * p * (1 - p)


def test_what_is_missing_to_one_has_its_own_size():
    m = Arithmetic(40)
    theta = m.sigmoid(m.argument(40.0))
    q = 1 - theta
    assert float(q.value) == pytest.approx(np.exp(-40))
    assert float(q.size) == pytest.approx(41 * np.exp(-40))
    assert float((theta - 1).size) == float(q.size)
    assert float((1 - q).size) == float(theta.size)
    v = m.sigmoid(m.argument(0.5))
    u = q + v * theta  # 1 - u = theta (1 - v)
    assert float((1 - u).size) == pytest.approx(estimates_size(-0.5) + float((1 - v).value), rel=1e-6)
    w = v * q  # 1 - w = (1 - v) + v (1 - q)
    assert float((1 - w).value) == pytest.approx(1)
    assert float((2 - w).size) == pytest.approx(float(w.size))


def test_comparisons_remember_how_near_they_were():
    m = Arithmetic(40)
    a, b = m.argument(1.0), m.argument(1.0 + 2.0**-30)
    assert a < b
    assert float(m.gap) == pytest.approx(2.0**-31)


@pytest.mark.parametrize("phi", [-30.0, -1.5, 0.25, 3.0, 40.0])
def test_rewritten_estimates_are_those_of_the_oracle(phi):
    m = Arithmetic(400)
    asked = Objective(OBJECTIVES[1][0], m.argument)
    p = estimates.Question(asked.f, asked.df, (phi,), m)
    for noise in (-3.0, 0.5, 4.0, -2 * phi):
        u, temperature = [m.sigmoid(m.argument(noise))], m.argument(0.75)
        pairs = [
            (draws.reinmax(p, u, temperature=temperature), estimates.reinmax(p, u, temperature=temperature))
        ]
        options = {"temperature": temperature, "eta": m.argument(-0.5)}
        pairs.append((draws.rebar(p, u, None, **options), estimates.coupled_estimate(p, u, **options)))
        for (oracle,), (mine,) in pairs:
            assert abs(oracle.value - mine.value) <= 1e-100 * mine.size
            assert mine.size >= abs(mine.value)


def test_conditions_are_no_less_than_those_of_the_arguments():
    """|g| + sum |x dg/dx| over logits and noise, by differences of stgref; where no sample changes."""
    for case in VALID:
        if case.dtype != "float64" or case.flags != ("bulk",):
            continue
        call, value = function(case.function), np.asarray(case.results["value"])
        total = np.abs(value)
        for name, x in case.arguments.items():
            if not isinstance(x, np.ndarray):
                continue
            for index in np.ndindex(x.shape):
                moved = x.copy()
                moved[index] *= 1 + 2.0**-24
                other = type(case)(**{**vars(case), "arguments": {**case.arguments, name: moved}})
                total = total + np.abs(np.asarray(other.call(call)) - value) * 2.0**24
        assert np.all(case.conditions["value"] >= 0.999 * total - 1e-6), case.id


# Wrong estimators -------------------------------------------------------------------------------------------------------


def halved(f, logits, noise, **options):
    return 2 * estimators.disarm(f, logits, noise, **options)


def uncentred(f, logits, noise):
    """ARM without the -1/2."""
    b, other = (logits + noise > 0).astype(logits.dtype), (noise < logits).astype(logits.dtype)
    return (f(b) - f(other))[:, None] / (1 + np.exp(-noise))


def without_temperature(f, logits, noise, *, temperature):
    return temperature * estimators.relaxation(f, logits, noise, temperature=temperature)


def average_with_the_present(f, logits, noise, *, baseline=0.0, decay=0.0):
    if baseline != "moving_average":
        return estimators.score_function(f, logits, noise, baseline=baseline)
    b = (logits + noise > 0).astype(logits.dtype)
    score, value, c, rows = b - 1 / (1 + np.exp(-logits)), f(b), 0.0, []
    for v, s in zip(value, score, strict=True):
        c = decay * c + (1 - decay) * v
        rows.append((v - c) * s)
    return np.array(rows).reshape(noise.shape)


def own_value_in_the_baseline(f, logits, noise, *, k):
    return (k - 1) / k * estimators.rloo(f, logits, noise, k=k)


def hard_slope(f, logits, noise, *, temperature):
    """The gradient at the hard sample where the relaxed one is meant."""
    return estimators.gumbel_softmax_st(f, logits, noise, temperature=temperature)


def latent_held_fixed(f, logits, noise, *, control_variate, coupling="independent"):
    """The gradient is not taken through the conditional latent."""
    right = estimators.relax(f, logits, noise, control_variate=control_variate, coupling=coupling)
    if coupling == "coupled":
        return right
    given = estimators.RelaxNoise(noise.latent, noise.conditional)
    p = 1 / (1 + np.exp(-logits))
    b = (logits + noise.latent > 0).astype(float)
    v = 1 / (1 + np.exp(-given.conditional))
    u = np.where(b > 0, 1 - p + v * p, v * (1 - p))
    slope = 1 + np.where(b > 0, (v - 1) * p * (1 - p), -v * p * (1 - p)) / (u * (1 - u))
    z = logits + np.log(u / (1 - u))
    return right + control_variate.grad(z) * (slope - 1)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("disarm", halved),
        ("arm", uncentred),
        ("relaxation", without_temperature),
        ("score_function", average_with_the_present),
        ("rloo", own_value_in_the_baseline),
        ("relaxation", hard_slope),
        ("relax", latent_held_fixed),
    ],
)
def test_wrong_estimators_fail(name, wrong):
    with np.errstate(all="ignore"):
        assert "fail" in {case.check(case.call(wrong)).status for case in of(name) if case.flags == ("bulk",)}


def test_subjects_get_objects_and_copies():
    case = next(case for case in of("relax") if case.flags == ("bulk",))
    before = case.arguments["logits"].copy()

    def subject(objective, logits, noise, *, control_variate, coupling="independent"):
        assert isinstance(noise, estimators.RelaxNoise)
        assert objective.grad(logits).shape == logits.shape
        assert control_variate(noise.latent).shape == noise.latent.shape[:1]
        logits[...] = 0
        return coupling

    assert case.call(subject) in {"independent", "coupled"}
    assert np.array_equal(case.arguments["logits"], before)
