"""A live subject: called on the shipped cases; first of all stgref itself, in both dtypes."""

import math
import operator
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import stgref
from stgref.cli import main
from stgref.conformance import Case, Profile, Recording, UnusableInputError, validate
from stgref.conformance.adapters import NAMES, recorders
from stgref.conformance.adapters import subject as adapted
from stgref.conformance.adapters.stgref import SUBJECT
from stgref.conformance.files import shipped, shipped_cases, shipped_names
from stgref.conformance.functions import LAYERS
from stgref.conformance.summary import coverage
from stgref.conformance.vector_sets import all_cases

LAYERED = [f"{name}.{method}" for name in LAYERS for method in ("forward", "vjp", "get_gate_values")]


def subject():
    """Some functions of the laws, and every layer."""
    return {
        name: operator.attrgetter(name)(SUBJECT)
        for name in (
            "hard_concrete.mean",
            "hard_concrete.prob_active",
            "rectified_gaussian.mean",
            "rectified_gaussian.prob_active",
            *LAYERED,
        )
    }


@pytest.mark.most(1)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stgref_passes_every_case_there_is(dtype):
    """Vectors of every function of the scalar laws among them; only what is no function of stgref's is skipped."""
    functions = {case.function for case in (*all_cases().values(), *shipped_cases().values())}
    report = validate(SUBJECT, dtype=dtype, functions=sorted(functions))
    wrong = [check for check in report.checks if check.status not in {"pass", "acceptable"}]
    assert [check for check in wrong if not check.function.endswith(".sample")] == []
    assert len(report.checks) > 3000
    assert {check.dtype for check in report.checks} == {dtype}


@pytest.mark.parametrize("function", ["hard_concrete.prob_active", "GaussianStochasticGates.vjp"])
def test_a_wrong_function_is_blamed_and_no_other(function):
    right = subject()

    def wrong(*args, **kwargs):
        value = right[function](*args, **kwargs)
        return {name: 1.001 * x for name, x in value.items()} if isinstance(value, dict) else 1.001 * value

    report = validate({**right, function: wrong})
    assert not report.passed
    assert {check.function for check in report.checks if check.status == "fail"} == {function}


def test_what_a_subject_has_not_is_skipped():
    report = validate({"hard_concrete.mean": stgref.hard_concrete.mean}, dtype="float32")
    assert report.passed
    assert {check.status for check in report.checks if check.function == "hard_concrete.mean"} == {"pass"}
    assert {check.status for check in report.checks if check.function != "hard_concrete.mean"} == {"skipped"}


def test_an_object_is_looked_up_by_attribute_path():
    found = SimpleNamespace(
        rectified_gaussian=SimpleNamespace(prob_active=stgref.rectified_gaussian.prob_active)
    )
    statuses = {check.function: check.status for check in validate(found).checks}
    assert statuses.pop("rectified_gaussian.prob_active") == "pass"
    assert set(statuses.values()) == {"skipped"}


def test_errors_and_warnings_of_a_subject():
    def loud(log_alpha, *rest):
        warnings.warn("loud", stacklevel=1)
        return stgref.hard_concrete.prob_active(log_alpha, *rest)

    def broken(*_):
        raise ZeroDivisionError("never")

    assert validate({"hard_concrete.prob_active": loud}).passed
    report = validate({"hard_concrete.prob_active": broken})
    assert all(
        "ZeroDivisionError: never" in check.diagnosis for check in report.checks if check.status == "fail"
    )
    assert not report.passed


def test_a_subject_cannot_spoil_the_cases():
    def spoil(*arguments):
        value = stgref.hard_concrete.prob_active(*arguments)
        for x in arguments:
            x[...] = 0.5
        return value

    assert validate({"hard_concrete.prob_active": spoil}).passed


def test_arguments_have_one_shape_and_dtype():
    seen = []

    def look(*arguments):
        seen.append({(x.shape, x.dtype, type(x)) for x in arguments})
        return stgref.hard_concrete.prob_active(*arguments)

    validate({"hard_concrete.prob_active": look}, dtype="float32")
    assert all(len(kinds) == 1 for kinds in seen)
    assert {dtype for kinds in seen for _, dtype, _ in kinds} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("bad", "dtype", "error"),
    [
        ({}, "float64", TypeError),
        (3, "float64", TypeError),
        ({"nonsense": abs}, "float64", TypeError),
        (subject(), "float16", ValueError),
    ],
)
def test_a_bad_subject_is_refused(bad, dtype, error):
    with pytest.raises(error, match=r"subject|dtype"):
        validate(bad, dtype=dtype)


def test_a_function_of_numbers_is_called_once_for_all():
    calls = []

    def look(log_alpha, temperature, lower, upper):
        calls.append(log_alpha.shape)
        return stgref.hard_concrete.prob_active(log_alpha, temperature, lower, upper)

    report = validate({"hard_concrete.prob_active": look})
    assert report.passed
    assert max(shape[0] for shape in calls if shape) > 10


def test_one_bad_number_does_not_spoil_the_others():
    """An error for one argument: each case is asked by itself, and that one fails alone."""

    def picky(log_alpha, *rest):
        if np.any(log_alpha > 1000):
            raise OverflowError("too large")
        return stgref.hard_concrete.prob_active(log_alpha, *rest)

    failed = [
        check for check in validate({"hard_concrete.prob_active": picky}).checks if check.status == "fail"
    ]
    assert failed
    assert all("OverflowError" in check.diagnosis for check in failed)
    assert all("extreme" in check.id or "far" in check.id or check.id.endswith(".drawn") for check in failed)


def test_a_subject_may_use_its_memory_again():
    buffer = np.empty(10_000)

    def same(log_alpha, *rest):
        out = buffer[: log_alpha.size].reshape(log_alpha.shape)
        out[...] = stgref.hard_concrete.prob_active(log_alpha, *rest)
        return out

    assert validate({"hard_concrete.prob_active": same}).passed


def test_fields_that_are_absent_are_not_judged():
    def half(*own):
        return {"mu": stgref.rectified_gaussian.grad_mean(*own).mu}

    assert validate({"rectified_gaussian.grad_mean": half}).passed
    wrong = validate({"rectified_gaussian.grad_mean": lambda *own: {"mu": 1.001 * half(*own)["mu"]}})
    assert not wrong.passed
    none = validate({"rectified_gaussian.grad_mean": lambda *own: {"sigma": half(*own)["mu"]}})
    assert "returns none of mu, std" in next(c.diagnosis for c in none.checks if c.status == "fail")


def failures(subject, *names):
    """What is said of the functions of a subject that fail."""
    checks = validate(subject, functions=names or sorted(subject)).checks
    return {check.diagnosis for check in checks if check.status == "fail"}


def test_a_gradient_that_is_none_is_absent():
    def half(mu, std):
        return {"mu": stgref.rectified_gaussian.grad_mean(mu, std).mu, "std": None}

    assert failures({"rectified_gaussian.grad_mean": half}) == set()
    (said,) = failures({"rectified_gaussian.grad_mean": lambda *_: {"mu": None, "std": None}})
    assert "returns none of mu, std" in said


def test_a_result_that_is_none_is_an_error():
    name = "GaussianStochasticGates.forward"
    forward = SUBJECT.GaussianStochasticGates.forward
    said = failures({name: lambda **own: (forward(**own)[0], None)})
    assert any("TypeError: returns None for l0_reg" in each for each in said)
    (said,) = failures({"bernoulli.mean": lambda _: None})
    assert "returns None for value" in said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x: x + 0j, "returns complex numbers for value"),
        (lambda x: x.astype(str), "returns no numbers for value"),
        (lambda x: x.astype(str).astype(object), "returns no numbers for value"),
        (lambda x: np.full(x.shape, None), "returns no numbers for value"),
        (lambda x: x.astype("datetime64[s]"), "returns no numbers for value"),
    ],
)
def test_results_that_are_no_real_numbers(wrong, words):
    assert {f"an error instead of numbers: TypeError: {words}"} == failures({"bernoulli.mean": wrong})


def test_an_empty_list_is_an_empty_batch():
    """It does not tell the number of its columns; an array does."""
    name, forward = "GaussianStochasticGates.forward", SUBJECT.GaussianStochasticGates.forward

    def judged(change):
        def answer(**own):
            gated, l0_reg = forward(**own)
            return (change(gated) if gated.shape[0] == 0 else gated), l0_reg

        return failures({name: answer})

    assert judged(lambda gated: gated.tolist()) == set()
    assert any("gated has shape (0,)" in each for each in judged(np.ravel))
    assert judged(lambda _: [1.0]) != set()


def test_a_function_that_exits_has_failed():
    def leave(*_):
        sys.exit(4)

    assert failures({"bernoulli.mean": leave}) == {"an error instead of numbers: SystemExit: 4"}

    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validate({"bernoulli.mean": interrupted})


def test_an_error_that_cannot_be_told():
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    def fail(*_):
        raise MuteError

    assert failures({"bernoulli.mean": fail}) == {"an error instead of numbers: MuteError"}


def test_what_an_object_does_not_give_it_has_not():
    class Odd:
        bernoulli = stgref.bernoulli

        def __getattr__(self, name):
            raise RuntimeError(name)

        @property
        def hard_concrete(self):
            raise ValueError

    report = validate(Odd(), functions=["bernoulli.mean", "hard_concrete.mean"])
    assert report.subjects[0]["name"] == "Odd"
    statuses = {check.function: check.status for check in report.checks}
    assert statuses == {"bernoulli.mean": "pass", "hard_concrete.mean": "skipped"}


def test_a_number_outside_the_domain_is_acceptable():
    def statuses(function):
        checks = validate({"rectified_gaussian.prob_active": function}).checks
        return {check.status for check in checks if ".outside." in check.id}

    def unchecked(outside):
        return lambda mu, std: np.where(
            std > 0, stgref.rectified_gaussian.prob_active(mu, np.where(std > 0, std, 1)), outside
        )

    assert statuses(stgref.rectified_gaussian.prob_active) == {"pass"}
    assert statuses(unchecked(np.nan)) == statuses(unchecked(0.25)) == {"acceptable"}


def test_a_method_without_its_object_is_no_function():
    class BinaryConcreteStochasticGates:
        def forward(self, x):
            raise AssertionError

    class hard_concrete:  # noqa: N801
        def mean(*own):
            return stgref.hard_concrete.mean(*own)

    found = SimpleNamespace(
        BinaryConcreteStochasticGates=BinaryConcreteStochasticGates, hard_concrete=hard_concrete
    )
    statuses = {check.function: check.status for check in validate(found).checks}
    assert statuses["BinaryConcreteStochasticGates.forward"] == "skipped"
    assert statuses["hard_concrete.mean"] == "pass"


# What is claimed ------------------------------------------------------------------------------------------------------


def right_below_zero(x, loc, scale):
    return np.where(x > 0, 1.0, stgref.normal.cdf(x, loc, scale))


def test_a_domain_leaves_out_what_is_not_claimed():
    half = {"normal.cdf": right_below_zero}
    assert not validate(half).passed
    claimed = validate(half, domain={"x": (-math.inf, 0)})
    assert claimed.passed
    passed = sum(check.status == "pass" for check in claimed.checks)
    assert 5 < passed < sum(check.function == "normal.cdf" for check in validate(half).checks)


def test_a_domain_names_the_parameters_of_layers_too():
    cold = validate(SUBJECT, domain={"temperature": (0.1, 0.4)}, functions="BinaryConcreteStochasticGates.*")
    every = validate(SUBJECT, functions="BinaryConcreteStochasticGates.*")
    assert 0 < len(cold.checks) < len(every.checks)
    narrow = validate(
        SUBJECT, domain={"log_alpha": (-1, 1)}, functions="BinaryConcreteStochasticGates.forward"
    )
    assert len(narrow.checks) < len(every.checks)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"domain": {"temprature": (0, 1)}}, ValueError, "domain: no case has an argument 'temprature'"),
        ({"domain": {"x": (1, 0)}}, ValueError, "domain: x takes"),
        ({"domain": {"x": 3}}, TypeError, "domain: x takes two numbers"),
        ({"domain": [("x", 1)]}, TypeError, "domain: takes a mapping"),
        (
            {"functions": "hard_concrete.maen"},
            ValueError,
            "function: there is none called 'hard_concrete.maen'",
        ),
        ({"profile": "capum"}, ValueError, "profile: takes one of captum"),
        ({"profile": {"clip": "open"}}, ValueError, "profile: takes one of clip_gradient"),
        ({"profile": {"clip_gradient": "ajar"}}, ValueError, "clip_gradient takes one of closed, open, half"),
        ({"profile": {"parameters": {"mu": "2 mu"}}}, ValueError, "parameters, mu takes one of mu"),
        ({"profile": {"clamps": {"uniform": 0.7}}}, ValueError, "clamps, uniform takes a number between"),
        ({"profile": 3}, TypeError, "profile: it takes a mapping"),
        ({"profile": "no/such.json"}, UnusableInputError, "profile no/such.json: No such file"),
    ],
)
def test_bad_claims(options, error, words):
    with pytest.raises(error, match=words.replace("+", r"\+")):
        validate({"hard_concrete.mean": stgref.hard_concrete.mean}, **options)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        *(
            (name, value, TypeError)
            for name in ("tolerance", "false_alarm")
            for value in ("4", None, [4], True)
        ),
        *((name, value, ValueError) for name in ("tolerance", "false_alarm") for value in (0, -1, math.nan)),
        ("tolerance", math.inf, ValueError),
        ("false_alarm", 1, ValueError),
        ("dtype", 3, TypeError),
        ("dtype", "float16", ValueError),
        *(("functions", value, TypeError) for value in (3, [3], ["bernoulli.mean", None])),
    ],
)
def test_arguments_that_are_not_what_they_should_be(name, value, error):
    with pytest.raises(error, match=rf"{name}:? (takes|must be) .*, got "):
        validate({"bernoulli.mean": stgref.bernoulli.mean}, **{name: value})


def test_a_name_that_is_a_slip_is_told():
    mine = {"bernoulli.mean": stgref.bernoulli.mean, "bernoulli.men": abs, "somebody.mean": abs, 3: abs}
    told = [check for check in validate(mine).checks if check.diagnosis == "there is no such function"]
    assert [(check.function, check.id, check.status) for check in told] == [("bernoulli.men", "*", "skipped")]
    assert any("bernoulli.men\n  there is no such function" in row for row in coverage(validate(mine)).rows)
    assert "bernoulli.men" not in {c.function for c in validate(mine, functions="bernoulli.mean").checks}


# What is declared -----------------------------------------------------------------------------------------------------


def shifted(quantity):
    f = getattr(stgref.rectified_gaussian, quantity)
    return lambda mu, std: f(mu + 0.5, std)


def test_mu_from_half_is_a_defect_unless_it_is_declared():
    stg = {
        f"rectified_gaussian.{name}": shifted(name) for name in ("prob_active", "grad_prob_active", "mean")
    }
    assert not validate(stg).passed
    for profile in ("stg", {"parameters": {"mu": "mu + 0.5"}}, Profile(parameters={"mu": "mu + 0.5"})):
        report = validate(stg, profile=profile)
        assert report.passed
        judged = [check for check in report.checks if check.status not in {"skipped", "pass"}]
        assert {check.status for check in judged} == {"acceptable"}
    right = {"rectified_gaussian.prob_active": stgref.rectified_gaussian.prob_active}
    assert not validate(right, profile="stg").passed


@pytest.mark.parametrize(
    ("meaning", "own", "slope"),
    [
        ("alpha", np.log, lambda a: 1 / a),
        ("-log_alpha", np.negative, lambda a: -np.ones_like(a)),
        ("drop rate", lambda r: np.log1p(-r) - np.log(r), lambda r: -1 / (r * (1 - r))),
    ],
)
def test_gradients_are_to_the_parameter_that_is_declared(meaning, own, slope):
    law = stgref.hard_concrete

    def value(a, *rest):
        return law.prob_active(own(a), *rest)

    def gradient(a, *rest):
        return law.grad_prob_active(own(a), *rest)._replace(
            log_alpha=law.grad_prob_active(own(a), *rest).log_alpha * slope(a)
        )

    profile = {"parameters": {"log_alpha": meaning}}
    mine = {"hard_concrete.prob_active": value, "hard_concrete.grad_prob_active": gradient}
    assert statuses_of_recording(mine, profile) == {"acceptable"}
    assert statuses_of_recording(mine, None) == {"fail"}
    unchained = {"hard_concrete.grad_prob_active": lambda a, *rest: law.grad_prob_active(own(a), *rest)}
    assert statuses_of_recording(unchained, profile) == {"fail"}


def statuses_of_recording(functions, profile):
    """Record some functions where log alpha may be a drop rate."""
    arguments = {
        "log_alpha": np.array([0.01, 0.3, 0.62, 0.999]),
        "temperature": np.array(0.5),
        "lower": np.array(-0.1),
        "upper": np.array(1.1),
    }
    cases = {name: Case(name, name, "float64", arguments) for name in functions}
    outputs = {}
    for name, f in functions.items():
        found = f(*np.broadcast_arrays(*arguments.values()))
        outputs[name] = found._asdict() if hasattr(found, "_asdict") else {"value": found}
    return {
        check.status for check in validate(Recording({"name": "x"}, cases, outputs), profile=profile).checks
    }


def test_where_nothing_is_claimed_there_is_nothing_to_check():
    with pytest.raises(UnusableInputError, match="nothing to check"):
        validate({"hard_concrete.sample": stgref.hard_concrete.sample}, domain={"temperature": (50, 60)})


def test_samplers_are_asked_what_is_claimed():
    def cold(shape, log_alpha, temperature, *bounds, rng):
        if np.any(temperature >= 1):
            raise ValueError("temperature")
        return stgref.hard_concrete.sample(shape, log_alpha, temperature, *bounds, rng=rng)

    assert not validate({"hard_concrete.sample": cold}).passed
    assert validate({"hard_concrete.sample": cold}, domain={"temperature": (0.1, 0.9)}).passed
    arm = {"estimators.arm.sample": SUBJECT.estimators.arm.sample}
    assert validate(arm, domain={"logits": (-1, 1)}).passed
    with pytest.raises(UnusableInputError, match="nothing to check"):
        validate(arm, domain={"logits": (2, 3)})


def test_samplers_are_held_to_what_is_declared():
    def from_half(shape, mu, std, *, rng):
        return np.clip(rng.normal(mu + 0.5, std, size=shape), 0, 1)

    subject = {"rectified_gaussian.sample": from_half}
    assert not validate(subject).passed
    assert validate(subject, profile="stg").passed
    right = {"rectified_gaussian.sample": stgref.rectified_gaussian.sample}
    assert not validate(right, profile="stg").passed


@pytest.mark.parametrize("as_is", [np.ndarray.tolist, lambda z: z.astype("longdouble"), np.asfortranarray])
def test_samples_of_more_digits_and_as_lists(as_is):
    def sample(shape, loc, scale, *, rng):
        return as_is(rng.normal(loc.astype("float64"), scale, size=shape))

    assert validate({"normal.sample": sample}, dtype="float32").passed
    coin = {
        "bernoulli.sample": lambda shape, logits, rng: as_is(
            (rng.random(shape) < stgref.bernoulli.mean(logits)) * 1.0
        )
    }
    assert validate(coin).passed
    few = {
        "normal.sample": lambda shape, loc, scale, rng: rng.normal(loc, scale, size=shape).astype("float32")
    }
    assert not validate(few).passed


def test_a_clip_gradient_that_is_declared_is_the_only_right_one():
    law = stgref.rectified_gaussian

    def with_slope(at_clip):
        def gradient(noise, mu, std):
            found, z = law.grad_transform(noise, mu, std), mu + std * noise
            edge, inside = (z == 0) | (z == 1), law.grad_transform(0 * mu, 0 * mu + 0.5, std)
            scale = np.where(edge, at_clip, np.where(found.mu > 0, 1.0, 0.0))
            return {
                "value": found.value,
                "noise": scale * std * inside.mu,
                "mu": scale * inside.mu,
                "std": scale * noise,
            }

        return {"rectified_gaussian.grad_transform": gradient}

    for convention, at_clip in (("closed", 1.0), ("open", 0.0), ("half", 0.5)):
        assert validate(with_slope(at_clip)).passed
        assert validate(with_slope(at_clip), profile={"clip_gradient": convention}).passed
        other = {"closed": "open", "open": "half", "half": "closed"}[convention]
        assert not validate(with_slope(at_clip), profile={"clip_gradient": other}).passed


def test_clamps_that_are_declared():
    law = stgref.hard_concrete

    def clamped(*own):
        return np.clip(law.prob_active(*own), 1e-6, 1 - 1e-6)

    subject = {"hard_concrete.prob_active": clamped}
    assert not validate(subject).passed
    assert validate(subject, profile={"clamps": {"probability": 1e-6}}).passed
    assert not validate(subject, profile={"clamps": {"probability": 1e-5}}).passed


class ByRule:
    """Layers that multiply by another value of the gate at test time."""

    def __init__(self, rule):
        self.rule, self.layer = rule, SUBJECT.BinaryConcreteStochasticGates
        self.BinaryConcreteStochasticGates = self

    def get_gate_values(self, clamp, log_alpha_param, temperature, lower_bound, upper_bound):
        own = (log_alpha_param, temperature, lower_bound, upper_bound)
        if not clamp:
            return self.layer.get_gate_values(
                False,
                **dict(
                    zip(("log_alpha_param", "temperature", "lower_bound", "upper_bound"), own, strict=True)
                ),
            )
        return getattr(stgref.hard_concrete, self.rule)(*own)

    def forward(self, x, noise, mask, **own):
        gated, l0_reg = self.layer.forward(x=x, noise=noise, mask=mask, **own)
        if noise is None:
            z = self.gates(own)
            gated = x * (z.reshape(x.shape[1:]) if mask is None else z[np.asarray(mask)])
        return gated, l0_reg

    def gates(self, own):
        names = ("log_alpha_param", "temperature", "lower_bound", "upper_bound")
        return getattr(stgref.hard_concrete, self.rule)(*(own[name] for name in names))


@pytest.mark.parametrize("rule", ["median", "mean"])
def test_a_test_time_rule_that_is_declared(rule):
    functions = ["BinaryConcreteStochasticGates.forward", "BinaryConcreteStochasticGates.get_gate_values"]
    assert not validate(ByRule(rule), functions=functions).passed
    report = validate(ByRule(rule), functions=functions, profile={"test_time_rule": rule})
    failed = [check for check in report.checks if check.status == "fail"]
    assert all(check.defect in {"mask-gap", "mask-range", "empty-batch"} for check in failed)
    assert sum("test-time rule" in check.diagnosis for check in report.checks) >= 10


# Adapters -------------------------------------------------------------------------------------------------------------


def test_names_of_adapters():
    assert {"captum", "stgref"} <= set(NAMES)
    assert adapted("stgref") is SUBJECT
    assert adapted("stgref.conformance.adapters.stgref:SUBJECT") is SUBJECT
    assert adapted("math").sqrt(4) == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nonsense", "there is no module 'nonsense'"),
        ("math:nonsense", "math has no 'nonsense'"),
        ("", "there is no module ''"),
        (":x", "there is no module ''"),
        (".relative", "there is no module"),
        ("no.such.module", "there is no module"),
    ],
)
def test_a_subject_that_is_not_there(name, words):
    with pytest.raises(UnusableInputError, match=words):
        adapted(name)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise RuntimeError('two\\nlines')", "RuntimeError: two"),
        ("(", "SyntaxError: "),
        ("import sys; sys.exit(4)", "SystemExit: 4"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_module_that_cannot_be_imported(code, words, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("broken_subject.py", "broken_package/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    for name in ("broken_subject", "broken_subject:x", "broken_package.part"):
        assert main(["validate", "--live", name]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert words in said or "there is no module" in said


def test_a_framework_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "stgref.conformance.adapters.captum", None)
    with pytest.raises(UnusableInputError, match="captum is not installed"):
        adapted("captum")


def test_live_captum_has_the_defects_of_its_recording():
    pytest.importorskip("captum")
    report = validate(adapted("captum"))
    failed = [check for check in report.checks if check.status == "fail"]
    assert all(check.defect for check in failed if check.id in shipped_cases())
    assert {"erf-tail", "mask-gap", "rule-as-mean", "none-in-place"} <= {check.defect for check in failed}


@pytest.mark.most(4)
@pytest.mark.parametrize("name", sorted(recorders.names()))
def test_a_recorded_framework_is_asked_again(name):
    """It fails where its recording does, and nowhere else: in float64, where it is of the recorded version."""
    try:
        found = adapted(name)
    except UnusableInputError as error:
        pytest.skip(str(error))
    (recording,) = (
        shipped(each) for each in shipped_names() if shipped(each).subject["name"].partition("-")[0] == name
    )
    live = {check.id: check.status for check in validate(found, functions=sorted(found)).checks}
    was = {check.id: check.status for check in validate(recording).checks}
    both = live.keys() & was.keys()
    assert len(both) > 10
    # Thousands of numbers at once take other instructions than one: a vector unit's last digit may differ.
    differ = [each for each in both if {live[each], was[each]} == {"pass", "fail"}]
    assert len(differ) <= 0.05 * len(both)


def test_what_is_not_installed_leaves_nothing_behind(tmp_path, monkeypatch):
    folder = tmp_path / "hardly_a_framework"
    folder.mkdir()
    (tmp_path / "recording.py").write_text("")
    (folder / "record.py").write_text(
        "import sys; sys.path.append(sys.argv_folder); import hardly_a_framework; hardly_a_framework.version"
    )
    monkeypatch.setattr(sys, "argv_folder", str(tmp_path), raising=False)
    monkeypatch.setattr(recorders, "FOLDERS", (tmp_path,))
    before = list(sys.path)
    with pytest.raises(UnusableInputError, match="hardly_a_framework is not installed"):
        adapted("hardly_a_framework")
    assert "hardly_a_framework" not in sys.modules
    assert sys.path == before


def test_a_live_subject_may_answer_outside_the_domain():
    report = validate({"normal.variance": lambda _, scale: scale * scale})
    outside = [check for check in report.checks if ".outside." in check.id]
    assert report.passed
    assert [(check.status, check.defect) for check in outside] == [("acceptable", None)]
