"""The vectors of the estimators: derived anew, with honest yardsticks, and wrong estimators do not pass."""

from __future__ import annotations

import numpy as np
import pytest

from stgref import estimators
from stgref.conformance import calls
from stgref.conformance.vector_sets import all_cases, document
from tests.conformance.live_stgref import function
from tests.estimators.oracle import Problem, choices, draws, mp, normals
from validation.vectors import estimates
from validation.vectors import estimators as made
from validation.vectors.estimator_plans import BERNOULLI, FAMILIES
from validation.vectors.objectives import Objective
from validation.vectors.tracked import Arithmetic

EVERY = all_cases()
VALID = [case for case in EVERY.values() if case.function.startswith("estimators.") and case.kind == "valid"]
SAMPLE, SEED = 24, 20261121
OBJECTIVES = [
    (family.owner, sizes, node)
    for families in FAMILIES.values()
    for family in families[:1]
    for sizes, some in family.objectives.items()
    for node in some
]


def of(name):
    return [case for case in VALID if case.function == f"estimators.{name}"]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_random_sample_is_derived_anew(name):
    asked = [node for node in document(name)["cases"] if node["kind"] != "invalid"]
    for i in np.random.default_rng(SEED).choice(len(asked), SAMPLE, replace=False):
        node = asked[i]
        case = EVERY[node["id"]]
        given = {
            n: x.astype("float64") if isinstance(x, np.ndarray) else x for n, x in case.arguments.items()
        }
        again = made.exact(case.function, case.dtype, given)
        assert again == {"results": node["results"], "conditions": node["conditions"]}, node["id"]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("estimators", "estimators.rebar"),
        ("estimators_categorical", "estimators.categorical.arsm"),
        ("estimators_gaussian", "estimators.gaussian.measure_valued"),
        ("estimators_gates", "estimators.gates.hard_concrete"),
    ],
)
def test_making_an_estimator_again_gives_the_same_cases(name, function):
    for dtype in ("float32", "float64"):
        wanted = [n for n in document(name)["cases"] if (n["function"], n["dtype"]) == (function, dtype)]
        assert list(made.cases(function, dtype)) == wanted


def test_which_estimators_are_not_asked():
    known = {f"estimators.{row.name}" for row in estimators.table()}
    assert known - {case.function for case in VALID} == {"estimators.gaussian.delta"}


def test_every_set_of_options_is_asked_in_the_middle():
    for family in (family for families in FAMILIES.values() for family in families):
        for name, some in family.options.items():
            cases = [case for case in VALID if case.function == f"{family.owner}.{name}"]
            asked = [case.arguments["options"] for case in cases if case.flags == ("bulk",)]
            assert all(options in asked for options in some), name


@pytest.mark.parametrize(("owner", "sizes", "node"), OBJECTIVES, ids=str)
def test_objectives_are_those_of_stgref(owner, sizes, node):
    theirs, mine = calls._option(node), Objective(node, float)
    for b in np.random.default_rng(SEED).uniform(-2, 2, (20, *sizes)):
        assert mine.f(*b.ravel()) == pytest.approx(float(theirs(b)), rel=1e-13, abs=1e-13)
        assert mine.df(*b.ravel()) == pytest.approx(theirs.grad(b).ravel().tolist(), rel=1e-13, abs=1e-13)


# Oracles ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("score_function", {"baseline": 0.25}),
        ("score_function", {"baseline": "optimal"}),
        ("rloo", {}),
        ("straight_through", {"derivative": "sigmoid", "temperature": 0.75}),
        ("relaxation", {"temperature": 0.75}),
        ("gumbel_softmax_st", {"temperature": 0.75}),
        ("reinmax", {"temperature": 1.5}),
        ("measure_valued", {}),
    ],
)
def test_two_categories_are_a_bit(name, options):
    """With logits (0, phi), and noise whose difference is that of the bit, in thirty digits."""
    f, df = (lambda x, y: (x - 0.25) ** 2 + x * y), (lambda x, y: (2 * (x - 0.25) + y, x))
    logits = (0.5, -1.25)
    bit = Problem(f, df, logits)
    both = choices.Choices(
        lambda *b: f(b[1], b[3]),
        lambda *b: (0, df(b[1], b[3])[0], 0, df(b[1], b[3])[1]),
        tuple((0.0, phi) for phi in logits),
    )
    rng = np.random.default_rng(SEED)
    count = 3 if name == "rloo" else 1
    for _ in range(8):
        noise = rng.gumbel(size=(count, 2, 2)).tolist()
        u = [[bit.sigmoid(mp.mpf(b) - mp.mpf(a)) for a, b in row] for row in noise]
        exact = [[[mp.mpf(x) for x in pair] for pair in row] for row in noise]
        several = name == "rloo"
        want = getattr(draws, name)(bit, u if several else u[0], **options)
        got = getattr(choices, name)(both, exact if several else exact[0], **options)
        for (zero, one), wanted in zip(got, want, strict=True):
            assert abs(one - wanted) < 1e-26
            assert abs(zero + one) < 1e-26


def test_coupled_latents_are_independent_ones_of_the_noise_that_gives_them():
    p = choices.Choices(
        lambda *b: sum(x * x * i for i, x in enumerate(b, 1)),
        lambda *b: [2 * x * i for i, x in enumerate(b, 1)],
        ((0.5, -1.0, 0.25),),
    )
    options = {"temperature": mp.mpf("0.75"), "eta": mp.mpf("-0.5")}
    rng = np.random.default_rng(SEED)
    for _ in range(8):
        noise = [[mp.mpf(x) for x in rng.gumbel(size=3)]]
        (z,), (hot,) = p.latent(noise), p.sample(noise)
        k, lse = hot.index(1), p.lse[0]
        solved = [
            x - lse if j == k else -mp.log(mp.exp(-x) - mp.exp(-z[k])) - a
            for j, (x, a) in enumerate(zip(z, p.phi[0], strict=True))
        ]
        both = [choices.rebar(p, noise, given, **options) for given in (None, [solved])]
        assert max(abs(a - b) for a, b in zip(both[0][0], both[1][0], strict=True)) < 1e-24


def test_gaussian_estimates_of_a_square_by_hand():
    """f = (x - 1)^2 at mu = 0.5, std = 2, e = 1.5: x = 3.5."""
    f, df = (lambda x: (x - 1) ** 2), (lambda x: [2 * (x - 1)])
    assert normals.pathwise(f, df, [0.5], [2.0], [1.5]) == {"mu": [5.0], "std": [7.5]}
    score = normals.score_function(f, df, [0.5], [2.0], [1.5], baseline=0.25)
    assert score == {"mu": [6 * 0.75], "std": [6 * 1.25 / 2]}
    fields = [[x] for x in (0.0, 1.5, -0.5, 0.5, 1.0, 2.0)]
    weak = normals.measure_valued(f, df, [0.5], [2.0], *fields, root=2.0)
    assert weak == {"mu": [(6.25 - 12.25) / 4], "std": [(2.25 - 1.0) / 2]}
    weak = normals.measure_valued(f, df, [0.5], [2.0], *fields, root=2.0, coupling="independent")
    assert weak == {"mu": [(6.25 - 6.25) / 4], "std": [(2.25 - 12.25) / 2]}


# Yardsticks -------------------------------------------------------------------------------------------------------------


def test_probabilities_that_add_up_to_one():
    m = Arithmetic(40)
    row = [m.argument(x) for x in (0.5, -1.25, 30.0)]
    p = m.softmax(row)
    exact = np.exp([0.5, -1.25, 30.0])
    assert [float(x.value) for x in p] == pytest.approx((exact / exact.sum()).tolist())
    assert float((1 - p[2]).value) == pytest.approx((exact[:2].sum()) / exact.sum(), rel=1e-14)
    assert float(p[0].size) == pytest.approx(float(p[0].value) * (1 + 0.5 + 30), rel=1e-9)
    assert float((1 - p[2]).size) < 40 * float((1 - p[2]).value)
    assert float((1 - (1 - p[2])).value) == pytest.approx(float(p[2].value))
    assert float(m.log_sum(row).value) == pytest.approx(30)
    assert float(m.log_sum(row).size) == pytest.approx(60)


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
    asked = Objective(BERNOULLI.objectives[1,][0], m.argument)
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
    """|g| + sum |x dg/dx| over parameters and noise, by differences of stgref; where no sample changes."""
    for case in VALID:
        if case.dtype != "float64" or case.flags != ("bulk",):
            continue
        call, value = function(case.function), results(case, case.results)
        total = np.abs(value)
        for name, x in case.arguments.items():
            if not isinstance(x, np.ndarray):
                continue
            for index in np.ndindex(x.shape):
                moved = x.copy()
                moved[index] *= 1 + 2.0**-24
                other = type(case)(**{**vars(case), "arguments": {**case.arguments, name: moved}})
                total = total + np.abs(results(case, other.call(call)) - value) * 2.0**24
        assert np.all(results(case, case.conditions) >= 0.999 * total - 1e-5), case.id


def results(case, found):
    """All results in one array."""
    found = found._asdict() if hasattr(found, "_asdict") else found
    return np.stack([np.asarray(found[n] if isinstance(found, dict) else found) for n in case.names])


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
