"""Each defect measured in Captum 0.9.0's gates, by its number in the project's notes: none of them is here.

The numbers are exact ones (mpmath) unless a test says whose they are.
"""

from __future__ import annotations

import doctest
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import stgref
from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates
from stgref.numerics import noise
from tests.gates.kinds import Kind

OFFSET = 2 / 3 * math.log(0.1 / 1.1)


def test_d01_an_unreduced_penalty_has_a_gradient() -> None:
    """Captum raises RuntimeError: it multiplies the sigmoid's saved output in place."""
    log_alpha, d = np.array([-1.0, 0.0, 2.0]), np.array([0.5, -2.0, 1.0])
    gates = BinaryConcreteStochasticGates.from_pretrained(log_alpha, reg_weight=0.5, reg_reduction="none")
    p = 1 / (1 + np.exp(OFFSET - log_alpha))
    for training in (True, False):
        _, pullback = gates.train(training).vjp(np.ones((2, 3)))
        gradient = pullback(np.zeros((2, 3)), d).log_alpha_param
        np.testing.assert_allclose(gradient, d * 0.5 * p * (1 - p), rtol=1e-14)


def test_d02_an_unreduced_penalty_is_what_its_docstring_says(gates: Any) -> None:
    """Captum says that it equals the active probabilities, and multiplies them by reg_weight."""
    gates.reg_reduction, gates.reg_weight = "none", 0.25
    _, l0_reg = gates.eval()(np.ones((1, 3)))
    np.testing.assert_array_equal(l0_reg, 0.25 * gates.get_gate_active_probs())


@pytest.mark.parametrize(
    ("log_alpha", "louizos", "mean"),
    [
        (-3.0, 0.0, 0.060419),
        (-2.5, 0.0, 0.094119),
        (-2.0, 0.0430, 0.142676),
        (-1.0, 0.2227, 0.292946),
        (-0.5, 0.3530, 0.392156),
        (0.0, 0.5, 0.5),
        (1.0, 0.7773, 0.707054),
        (2.0, 0.9570, 0.857324),
        (3.0, 1.0, 0.939581),
    ],
)
def test_d03_louizos_rule_and_the_mean_are_two_rules(log_alpha: float, louizos: float, mean: float) -> None:
    """Captum calls the first "the means of the underneath distributions"."""
    gates = BinaryConcreteStochasticGates.from_pretrained([log_alpha])
    assert gates.get_gate_values()[0].round(4) == louizos
    assert gates.get_gate_values(rule="mean")[0].round(6) == mean


def test_d03_other_temperatures_bounds_and_the_mean_before_clipping() -> None:
    def values(log_alpha: Any, *args: float, **kwargs: Any) -> list[float]:
        names = ("temperature", "lower_bound", "upper_bound")
        gates = BinaryConcreteStochasticGates.from_pretrained(
            log_alpha, **dict(zip(names, args, strict=False))
        )
        return gates.get_gate_values(rule="mean", **kwargs).round(6).tolist()

    assert values([0.0], 0.5, -0.2, 1.05) == [0.461875]
    wide = values([-0.5, 0.0, 1.0], 2 / 3, -2.0, 2.0)
    np.testing.assert_allclose(wide, [0.3015, 0.4146, 0.6558], atol=5e-5)
    raw = values([-3.0, -2.5, -2.0, -1.0, -0.5], clamp=False)
    np.testing.assert_allclose(raw, [-0.005184, 0.039667, 0.1003, 0.2737, 0.3829], atol=5e-5)
    wide = values([-0.5, 0.0, 1.0], 2 / 3, -2.0, 2.0, clamp=False)
    np.testing.assert_allclose(wide, [-0.390, 0.0, 0.754], atol=5e-4)


def test_d04_the_gaussian_mean_is_exact() -> None:
    gates = GaussianStochasticGates.from_pretrained([-0.5, 0.0, 0.25, 1.0, 1.5])
    exact = [0.041467, 0.195226, 0.334245, 0.804774, 0.958533]
    assert gates.get_gate_values(rule="mean").round(6).tolist() == exact
    assert gates.get_gate_values().tolist() == [0.0, 0.0, 0.25, 1.0, 1.0]
    for std, error in [(0.1, 0.0399), (0.5, 0.1952), (1.0, 0.3156), (2.0, 0.4023)]:
        gates = GaussianStochasticGates.from_pretrained([0.0], std=std)
        assert (gates.get_gate_values(rule="mean") - gates.get_gate_values()).round(4) == error


def test_d05_a_test_time_gate_can_close_when_the_probability_says_so() -> None:
    """Louizos's rule closes a gate that is open with probability .31; ``threshold`` closes where P(z > 0) is 1/2."""
    closing = math.log(0.1 / 1.1)
    gates = BinaryConcreteStochasticGates.from_pretrained(
        [closing - 1e-9, 2 / 3 * closing - 1e-9, 2 / 3 * closing + 1e-9]
    )
    assert gates.get_gate_values()[0] == 0
    assert gates.get_gate_active_probs()[0].round(4) == 0.3102
    assert gates.get_gate_values(rule="mean")[0].round(4) == 0.1027
    assert gates.get_gate_values(rule="threshold").tolist() == [0.0, 0.0, 1.0]
    np.testing.assert_array_equal(gates.get_gate_values(rule="median") > 0, [False, False, True])


@pytest.mark.parametrize(
    ("ratio", "exact"),
    [
        (-4.0, 3.167124183311992e-5),
        (-5.0, 2.866515718791939e-7),
        (-5.4, 3.332044848542849e-8),
        (-5.5, 1.898956246588772e-8),
        (-6.0, 9.865876450376981e-10),
        (-8.0, 6.220960574271785e-16),
        (-8.3, 5.205569744890281e-17),
        (-10.0, 7.619853024160527e-24),
        (-37.0, 5.725571222524577e-300),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_d06_the_gaussian_open_probability_keeps_its_digits(ratio: float, exact: float, dtype: str) -> None:
    """Captum's .5 (1 + erf) is 0 from -6 in single precision, and 57 % off at -5.5."""
    std = 0.5
    gates = GaussianStochasticGates.from_pretrained(np.array([ratio * std], dtype))
    eps, condition = np.finfo(dtype).eps, ratio * ratio + 2
    smallest = float(np.finfo(dtype).smallest_subnormal)
    ratio = float(gates.mu[0]) / std
    exact = 0.5 * math.erfc(-ratio / math.sqrt(2)) if dtype == "float32" else exact
    got = gates.get_gate_active_probs()[0]
    assert abs(float(got) - exact) <= max(4 * eps * exact * condition, smallest)
    assert gates.eval()(np.ones((1, 1), dtype))[1] == got


@pytest.mark.parametrize(
    ("dtype", "log_alpha", "p"),
    [
        ("float32", -50.0, 9.539765404182175e-22),
        ("float64", -50.0, 9.539765404182175e-22),
        ("float32", -100.0, 1.83998e-43),
        ("float64", -745.0, 1.39596e-323),
        ("float64", -1e4, 0.0),
        ("float64", 1e4, 1.0),
    ],
)
def test_d07_the_binary_concrete_open_probability_underflows_gradually(
    dtype: str, log_alpha: float, p: float
) -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained(np.array([log_alpha], dtype))
    got = float(gates.get_gate_active_probs()[0])
    assert got == pytest.approx(p, rel=3e-6, abs=float(np.finfo(dtype).smallest_subnormal))
    assert (got > 0) == (p > 0)


@pytest.mark.parametrize(
    ("dtype", "log_alpha", "slope"),
    [
        ("float32", 16.0, 2.27524e-8),
        ("float32", 50.0, 3.89955e-23),
        ("float64", 50.0, 3.89955e-23),
        ("float64", -10.0, 2.24451e-4),
    ],
)
def test_d07_the_penalty_has_a_gradient_however_open_the_gate(
    dtype: str, log_alpha: float, slope: float
) -> None:
    """Captum's is exactly 0 from 15.04 in single and 35.14 in double precision."""
    gates = BinaryConcreteStochasticGates.from_pretrained(np.array([log_alpha], dtype)).eval()
    x = np.zeros((1, 1), dtype)
    gradient = gates.vjp(x)[1](x).log_alpha_param[0]
    assert gradient == pytest.approx(slope, rel=3e-6)


def test_d08_annealing_reaches_the_penalty() -> None:
    """Captum keeps the offset that it computed when it was built: .83337 throughout."""
    log_alpha = math.log(0.83337 / (1 - 0.83337)) + OFFSET
    x, noise = np.ones((1, 1)), np.zeros((1, 1))
    gates = BinaryConcreteStochasticGates.from_pretrained([log_alpha])
    assert gates(x, noise)[1] == pytest.approx(0.83337, rel=1e-15)
    settings = {}
    for name, value, p in [("temperature", 0.1, 0.56240), ("lower_bound", -1.0, 0.50516)]:
        setattr(gates, name, value)
        settings[name] = value
        fresh = BinaryConcreteStochasticGates.from_pretrained([log_alpha], **settings)
        assert gates(x, noise) == fresh(x, noise)
        assert gates(x, noise)[1] == gates.get_gate_active_probs()[0] == pytest.approx(p, abs=2e-5)


def test_d09_temperature_and_std_can_be_learned(kind: Kind) -> None:
    """Captum's second step raises, as does a std that is no Python number; here descent on them reduces a loss."""
    rng = np.random.default_rng(0)
    x, noise, target = rng.standard_normal((64, 3)), kind.noise(rng.standard_normal((64, 3))), 0.6
    options = {name: np.full(3, value) for name, value in kind.options.items()}
    gates = kind.make(np.zeros(3), reg_weight=0.0, **options)
    name, losses = next(iter(options)), []
    rate = 0.05 if name == "lower_bound" else 0.5
    for _ in range(5):
        (gated, _), pullback = gates.vjp(x, noise)
        losses.append(np.mean((gated - target * x) ** 2))
        gradient = getattr(pullback(2 * (gated - target * x) / x.size), name)
        assert gradient.shape == (3,)
        setattr(gates, name, getattr(gates, name) - rate * gradient)
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_d10_dtype_in_is_dtype_out_in_training_too(kind: Kind, dtype: str) -> None:
    gates = kind.cls(3, dtype=dtype, rng=0)
    for training in (True, False):
        (gated, l0_reg), pullback = gates.train(training).vjp(np.ones((2, 3), dtype))
        assert {gated.dtype, l0_reg.dtype, *(g.dtype for g in pullback(gated))} == {np.dtype(dtype)}


def test_d10_bfloat16(kind: Kind) -> None:
    torch = pytest.importorskip("torch")
    gates = kind.cls(3, dtype=torch.bfloat16, xp=torch, rng=0)
    (gated, l0_reg), pullback = gates.vjp(torch.ones((2, 3), dtype=torch.bfloat16))
    assert {gated.dtype, l0_reg.dtype, *(g.dtype for g in pullback(gated))} == {torch.bfloat16}


@pytest.mark.parametrize(
    ("log_alpha", "p"), [(-20.0, 1.0195e-8), (-10.0, 2.24502e-4), (0.0, 0.831822), (8.0, 0.99993)]
)
def test_d10_half_precision_is_rounded_once(log_alpha: float, p: float) -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained(np.array([log_alpha], "float16"))
    assert gates.get_gate_active_probs()[0] == np.float16(p)


def test_d10_double_precision_noise_has_double_precision(kind: Kind) -> None:
    gates = kind.cls(200, rng=0)
    gated, _ = gates(np.ones((50, 200)))
    inside = gated[(gated > 0) & (gated < 1)]
    assert np.mean(inside == inside.astype("float32")) < 0.01


@pytest.mark.parametrize("eps", [1e-8, 1e-3, 0.25, 0.0])
def test_d11_eps_bounds_both_tails_alike(eps: float) -> None:
    """Captum's range of logits is [-18.42, 16.64] with the default eps, and one end is coarser."""
    ends = np.array([[2.0**-53], [0.25], [0.5 - 2.0**-53], [0.5 + 2.0**-53], [0.75], [1 - 2.0**-53]])
    n = ends[:, 0] - 2.0**-53  # the corners of their cells
    n[[1, 4]] = ends[[1, 4], 0]
    ends[[1, 4]] += [[2.0**-53], [-(2.0**-53)]]  # no ends of cells are drawn
    n[4] -= 2.0**-52
    noise._to_logistic(n, eps)
    np.testing.assert_array_equal(n, -n[::-1])
    if eps:
        assert n[0] == pytest.approx(math.log(eps / (1 - eps)), rel=1e-7)
    else:
        np.testing.assert_array_equal(n, stgref.noise.logistic_from_uniform(ends)[:, 0])
    assert np.all(np.diff(n) > 0)


@pytest.mark.parametrize("end", [-math.inf, math.inf])
def test_d11_a_uniform_of_zero_or_one_is_no_accident(kind: Kind, end: float) -> None:
    """The noise of such a uniform is infinite; the gate is then 0 or 1, and its derivatives 0."""
    gates = kind.make(np.array([-500.0, 0.3, 500.0]))
    x = np.ones((1, 3))
    (gated, _), pullback = gates.vjp(x, np.full((1, 3), kind.noise(end)))
    assert gated.tolist() == [[float(end > 0)] * 3]
    for gradient in pullback(x, 0.0)[1:]:
        assert not np.any(gradient)


@pytest.mark.parametrize("temperature", [1e-3, 1e-8, 1e-38, 1e-40, 1e-46, 1e-300])
def test_d12_any_positive_temperature(temperature: float) -> None:
    """Captum's gradient is infinite at 1e-40 and NaN at 1e-46."""
    gates = BinaryConcreteStochasticGates.from_pretrained([0.0], temperature=temperature)
    x = np.ones((1, 1))
    (gated, _), pullback = gates.vjp(x, np.zeros((1, 1)))
    # The standard's 4 eps (|z| + |upper s| + |lower (1 - s)|).
    assert abs(gated[0, 0] - 0.5) <= 4 * 2.0**-52 * (0.5 + 0.55 + 0.05)
    # The standard's 4 eps (|f| + |t df/dt|), with f proportional to 1 / t.
    assert pullback(x, 0.0).log_alpha_param[0] == pytest.approx(0.3 / temperature, rel=8 * 2.0**-52)


@pytest.mark.parametrize("temperature", [1.0, 2.5, 100.0])
def test_d12_temperatures_of_one_and_above(temperature: float) -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained([0.4], temperature=temperature)
    gated, _ = gates(np.ones((1, 1)), np.full((1, 1), 0.8))
    expected = 1.2 / (1 + math.exp(-1.2 / temperature)) - 0.1
    assert gated[0, 0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("mu", "slope"),
    [(0.0, 1.0), (-0.0, 1.0), (1.0, 1.0), (-5e-324, 0.0), (float(np.nextafter(1, 2)), 0.0), (5e-324, 1.0)],
)
def test_d13_the_derivative_at_a_clip_point_is_the_closed_intervals(mu: float, slope: float) -> None:
    """As in Captum (torch.clamp), and said so."""
    _, pullback = GaussianStochasticGates.from_pretrained([mu]).eval().vjp(np.ones((1, 1)))
    assert pullback(np.ones((1, 1)), 0.0).mu.tolist() == [slope]


@pytest.mark.filterwarnings("error")
def test_d14_a_closed_gate_does_not_hide_nan(kind: Kind) -> None:
    """As in Captum; the docstrings say so."""
    gates = kind.make(np.array([-50.0, -50.0, -50.0])).eval()
    gated, l0_reg = gates(np.array([[1.0, math.nan, math.inf]]))
    assert gated[0, 0] == 0
    assert np.isnan(gated[0, 1:]).all()
    assert np.isfinite(l0_reg)
    assert "NaN" in (kind.cls.__doc__ or "")
    assert "NaN" in (kind.cls.forward.__doc__ or "")


@pytest.mark.parametrize("mask", [None, [0, 2, 1, 0]], ids=["no-mask", "mask"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("sharing", ["example", "batch"])
def test_d15_empty_batches_give_empty_outputs(kind: Kind, mask: Any, training: bool, sharing: str) -> None:
    n = 4 if mask is None else 3
    gates = kind.cls(n, mask=mask, noise_sharing=sharing).train(training)
    x = np.zeros((0, 4))
    (gated, l0_reg), pullback = gates.vjp(x)
    assert gated.shape == (0, 4)
    np.testing.assert_array_equal(l0_reg, gates(np.ones((2, 4)))[1])
    gradients = pullback(gated)
    assert gradients.input.shape == (0, 4)
    np.testing.assert_array_equal(gradients[1], gates.vjp(np.ones((1, 4)))[1](np.zeros((1, 4)))[1])


def test_d15_no_gates_are_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="n_gates must be 1 or more, got 0"):
        kind.cls(0)
    with pytest.raises(ValueError, match="n_gates must be 1 or more, got 0"):
        kind.make(np.zeros(0))


@pytest.mark.parametrize(
    ("mask", "error", "words"),
    [
        ([0, 0, 2], ValueError, r"every index from 0 to n_gates - 1 = 2 and no other, got \[0 2\]"),
        ([-1, 0, 1, 2], ValueError, r"got \[-1  0  1  2\]"),
        ([-1, 1, 2], ValueError, r"got \[-1  1  2\]"),
        ([0, 1, 2, 3], ValueError, r"got \[0 1 2 3\]"),
        ([0.0, 1.0, 2.0], TypeError, "mask takes integers, got float64"),
        ([0.5], TypeError, "mask takes integers, got float64"),
        ([True, False], TypeError, "mask takes integers, got bool"),
        (np.zeros(0, int), ValueError, "got none"),
        ([], TypeError, "mask takes integers"),
        ("012", TypeError, "mask takes"),
        ([[0, 1], [2]], ValueError, "mask is no array"),
    ],
)
def test_d16_masks_are_checked_when_the_gates_are_made(
    kind: Kind, mask: Any, error: type, words: str
) -> None:
    with pytest.raises(error, match=words):
        kind.cls(3, mask=mask)


def test_d16_unsigned_and_short_integers_and_lists_are_masks(kind: Kind) -> None:
    x, parameter = np.ones((2, 3)), np.array([0.1, 0.7])
    expected, _ = kind.make(parameter, mask=np.array([0, 1, 1])).eval()(x)
    for mask in ([0, 1, 1], np.array([0, 1, 1], "uint8"), np.array([0, 1, 1], "int32")):
        gated, _ = kind.make(parameter, mask=mask).eval()(x)
        np.testing.assert_array_equal(gated, expected)


def test_d16_an_input_without_a_batch_axis_is_refused(kind: Kind) -> None:
    """Captum takes the features for a batch, and gives elements with the same index different gates."""
    with pytest.raises(ValueError, match=r"x must have shape \(batch, ...\), got \(3,\)"):
        kind.cls(2, mask=[0, 0, 1])(np.ones(3))
    with pytest.raises(ValueError, match=r"x must have shape \(batch, ...\)"):
        kind.cls(3)(np.ones(3))


def test_d17_a_state_dict_holds_what_the_gates_depend_on(kind: Kind) -> None:
    settings = {name: 1.5 * value for name, value in kind.options.items()}
    gates = kind.cls(3, mask=[0, 1, 2, 2], reg_weight=0.3, reg_reduction="mean", rng=0, **settings)
    other = kind.cls(3, mask=[2, 1, 0, 0])
    other.load_state_dict(gates.state_dict())
    x, noise = np.random.default_rng(0).standard_normal((2, 4)), np.zeros((2, 3))
    for a, b in zip(gates(x, noise), other(x, noise), strict=True):
        np.testing.assert_array_equal(a, b)


def test_d17_pretrained_parameters_keep_their_dtype_and_shape(kind: Kind) -> None:
    for dtype in ("float16", "float32", "float64"):
        given = np.array([0.1, 0.2], dtype)
        gates = kind.make(given)
        wanted = kind.values(given.copy())
        given[:] = 9
        for name, value in wanted.items():
            assert getattr(gates, name).dtype == dtype
            np.testing.assert_array_equal(getattr(gates, name), value)
    with pytest.raises(ValueError, match=rf"{kind.parameter} must have shape \(n_gates,\), got \(2, 2\)"):
        kind.make(np.zeros((2, 2)))


def test_d18_traced_gates_do_what_they_did_when_they_were_traced(kind: Kind) -> None:
    """Captum's cannot be traced by torch.fx without a mask, or sample after ``eval()``; here with jax.jit."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x, noise = jax.numpy.ones((2, 4)), jax.numpy.full((2, 4), 0.3)
    for mask in (None, [0, 1, 3, 2]):
        gates = kind.cls(4, mask=mask, xp=jax.numpy, rng=0)
        in_training = jax.jit(lambda x, noise, g=gates: g.train()(x, noise))
        in_evaluation = jax.jit(lambda x, g=gates: g.eval()(x))
        for traced, plain in [
            (in_training(x, noise), gates.train()(x, noise)),
            (in_evaluation(x), gates.eval()(x)),
        ]:
            for a, b in zip(traced, plain, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-14)


OPTIMISED = """
import numpy as np
from stgref.gates import BinaryConcreteStochasticGates as B, GaussianStochasticGates as G
wrong = [
    lambda: B(3, temperature=-1), lambda: B(3, temperature=float("nan")), lambda: G(3, std=0),
    lambda: B(3, reg_reduction="foo"), lambda: B(3, mask=[0, 1]), lambda: B(3)(np.ones((2, 4))),
    lambda: B(3, lower_bound=-float("inf")), lambda: B(3, upper_bound=float("inf")),
    lambda: B(3, lower_bound=0), lambda: B(3, upper_bound=1), lambda: B(3, eps=-1), lambda: B(3, eps=0.6),
]
for case in wrong:
    try:
        case()
    except ValueError:
        continue
    raise SystemExit("accepted")
"""


def test_d19_checks_survive_an_optimised_interpreter() -> None:
    """Captum's are assertions."""
    done = subprocess.run(
        [sys.executable, "-O", "-c", OPTIMISED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_d20_the_examples_of_the_docstrings_run(kind: Kind) -> None:
    """Captum's uses a name that it does not define. Pytest runs ours, as they stand (``--doctest-modules``)."""
    module = sys.modules[kind.cls.__module__]
    with_examples = [test.name for test in doctest.DocTestFinder().find(module) if test.examples]
    assert f"{module.__name__}.{kind.cls.__name__}" in with_examples
    assert f"{module.__name__}.{kind.cls.__name__}.from_pretrained" in with_examples
