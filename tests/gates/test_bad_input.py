"""Each argument of each method, wrong in type, shape, range or dtype: an error names it, and nothing is half-done."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.gates.kinds import BINARY_CONCRETE, GAUSSIAN, KINDS, KUMARASWAMY, Kind

NAN, INF = math.nan, math.inf
# Where a long double is a double, it is allowed: something else then takes its place.
WIDE = np.longdouble if np.finfo(np.longdouble).bits > 64 else np.complex128
NOT_NUMBERS = [
    None,
    "0.5",
    1j,
    True,
    np.True_,
    np.complex128(1),
    {},
    object(),
    np.array("a"),
    ["a", "b", "c"],
]
NOT_REAL_ARRAYS = [np.ones(3, complex), np.ones(3, bool), np.array([None] * 3), np.ones(3, "m8[s]")]
WRONG_SHAPES = [np.ones(2), np.ones((1, 3)), np.ones((3, 1)), [1.0, 2.0], np.ones(0)]


def refused(error: type[Exception], name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Assert that a call raises ``error`` with a message that has ``name`` for a word and the offender."""
    with pytest.raises(error, match=rf"(?<!\w){name}(?!\w)"):
        call(*args, **kwargs)


# --- construction ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_gates", [3.0, "3", None, True, np.True_, [3], np.ones(2), 1j, np.array(2.0)])
def test_n_gates_of_a_wrong_type(kind: Kind, n_gates: Any) -> None:
    refused(TypeError, "n_gates", kind.cls, n_gates)


@pytest.mark.parametrize("n_gates", [0, -1, np.int64(-3)])
def test_n_gates_out_of_range(kind: Kind, n_gates: Any) -> None:
    refused(ValueError, "n_gates", kind.cls, n_gates)


def test_n_gates_takes_every_integer(kind: Kind) -> None:
    for n_gates in (3, np.int32(3), np.uint8(3), np.array(3)):
        assert kind.cls(n_gates).n_gates == 3


RANGES = {
    "temperature": [0.0, -1.0, NAN, INF, -INF, -0.0],
    "lower_bound": [0.0, 0.5, NAN, -INF, INF],
    "upper_bound": [1.0, 0.5, -2.0, NAN, INF],
    "std": [0.0, -1.0, NAN, INF],
    "reg_weight": [NAN, INF, -INF, 10**400],
}
PER_GATE = [(kind, name) for kind in KINDS for name in ("reg_weight", *kind.options)]
IDS = [f"{kind.name}-{name}" for kind, name in PER_GATE]


@pytest.mark.parametrize(("kind", "name"), PER_GATE, ids=IDS)
def test_settings_of_a_wrong_type_or_shape(kind: Kind, name: str) -> None:
    gates = kind.cls(3)
    before = getattr(gates, name)
    for value in NOT_NUMBERS + NOT_REAL_ARRAYS:
        refused(TypeError, name, kind.cls, 3, **{name: value})
        refused(TypeError, name, setattr, gates, name, value)
    for value in WRONG_SHAPES:
        refused(ValueError, name, kind.cls, 3, **{name: value})
        refused(ValueError, name, setattr, gates, name, value)
    assert getattr(gates, name) is before


@pytest.mark.parametrize(("kind", "name"), PER_GATE, ids=IDS)
def test_settings_out_of_range(kind: Kind, name: str) -> None:
    gates, good = kind.cls(3), {"lower_bound": -0.1, "upper_bound": 1.1}.get(name, 0.5)
    for bad in RANGES[name]:
        values = (
            [bad]
            if abs(bad) > 1e300
            else [bad, np.float64(bad), np.array([good, bad, good]), [bad, good, good]]
        )
        for value in values:
            refused(ValueError, name, kind.cls, 3, **{name: value})
            refused(ValueError, name, setattr, gates, name, value)


@pytest.mark.parametrize(("kind", "name"), PER_GATE, ids=IDS)
def test_settings_that_are_right(kind: Kind, name: str) -> None:
    good = {"lower_bound": -2, "upper_bound": 3}.get(name, 1)
    for value in (
        good,
        np.float32(good),
        np.full(3, good),
        np.full(3, float(good)),
        [good] * 3,
        np.array(good),
    ):
        gates = kind.cls(3, **{name: value})
        kept = getattr(gates, name)
        np.testing.assert_array_equal(kept, value)
        assert isinstance(kept, float) or kept.dtype == np.float64
        (gated, _), pullback = gates.vjp(np.ones((2, 3)))
        if name in kind.options:
            assert getattr(pullback(gated), name).shape == np.shape(value)


WITH_EPS = pytest.mark.parametrize("kind", [BINARY_CONCRETE, KUMARASWAMY], ids=lambda kind: kind.name)


@WITH_EPS
@pytest.mark.parametrize("eps", [*NOT_NUMBERS, [1e-8], np.ones(3), np.array(1e-8)])
def test_eps_of_a_wrong_type(kind: Kind, eps: Any) -> None:
    refused(TypeError, "eps", kind.cls, 3, eps=eps)
    refused(TypeError, "eps", setattr, kind.cls(3), "eps", eps)


@WITH_EPS
@pytest.mark.parametrize("eps", [-1e-9, 0.5, 1.0, NAN, INF])
def test_eps_out_of_range(kind: Kind, eps: float) -> None:
    refused(ValueError, "eps", kind.cls, 3, eps=eps)


@pytest.mark.parametrize(("name", "good"), [("reg_reduction", "sum"), ("noise_sharing", "batch")])
def test_words(kind: Kind, name: str, good: str) -> None:
    gates = kind.cls(3, **{name: good})
    for value in (None, 0, True, [good], good.encode()):
        refused(TypeError, name, kind.cls, 3, **{name: value})
        refused(TypeError, name, setattr, gates, name, value)
    for value in ("", "foo", good.upper(), good + " "):
        refused(ValueError, name, kind.cls, 3, **{name: value})
        refused(ValueError, name, setattr, gates, name, value)
    assert getattr(gates, name) == good


@pytest.mark.parametrize("rng", ["seed", 1.5, np.random.RandomState, object()])
def test_rng_of_a_wrong_type(kind: Kind, rng: Any) -> None:
    refused(TypeError, "rng", kind.cls, 3, rng=rng)
    refused(TypeError, "rng", kind.make, np.zeros(3), rng=rng)


def test_rng_out_of_range(kind: Kind) -> None:
    refused(ValueError, "rng", kind.cls, 3, rng=-1)


@pytest.mark.parametrize("dtype", ["int64", "complex128", "float128x", int, bool, WIDE, object()])
def test_dtype(kind: Kind, dtype: Any) -> None:
    refused(TypeError, "dtype", kind.cls, 3, dtype=dtype)


@pytest.mark.parametrize("xp", ["numpy", 3, math, object()])
def test_xp(kind: Kind, xp: Any) -> None:
    refused(TypeError, "xp", kind.cls, 3, xp=xp)


def test_device(kind: Kind) -> None:
    refused(ValueError, "device", kind.cls, 3, device="cuda:99")
    refused(ValueError, "device", kind.cls, 3, device=7)


def test_devices_of_torch_and_the_standard(kind: Kind) -> None:
    torch = pytest.importorskip("torch")
    refused(ValueError, "device", kind.cls, 3, xp=torch, device="nowhere")
    if not torch.cuda.is_available():
        refused(ValueError, "device", kind.cls, 3, xp=torch, device="cuda")
    strict = pytest.importorskip("array_api_strict")
    refused(ValueError, "device", kind.cls, 3, xp=strict, device="nowhere")


def test_unknown_arguments(kind: Kind) -> None:
    for make in (lambda **kw: kind.cls(3, **kw), lambda **kw: kind.make(np.zeros(3), **kw)):
        refused(TypeError, "hardness", make, hardness=1)
    other = "temperature" if kind is GAUSSIAN else "std"
    refused(TypeError, other, kind.cls, 3, **{other: 0.5})


def test_from_pretrained(kind: Kind) -> None:
    for name in kind.trained:
        check_from_pretrained(kind, name)


def check_from_pretrained(kind: Kind, name: str) -> None:
    """The parameter ``name`` wrong, and the others right."""

    def make(value: Any, **settings: Any) -> Any:
        others = {key: [1.0, 2.0] for key in kind.trained}
        return kind.cls.from_pretrained(**{**others, name: value}, **settings)

    for value in (
        None,
        "abc",
        {},
        1j,
        True,
        np.ones(3, bool),
        np.ones(3, complex),
        ["a"],
        np.ones(3, WIDE),
    ):
        refused(TypeError, name, make, value)
    for value in (0.5, np.float64(1), np.ones(()), np.ones((2, 2)), [[1.0], [2.0]], [[1.0], [2.0, 3.0]]):
        refused(ValueError, name, make, value)
    for bad in (NAN, INF, -INF, *((0.0, -1.0) if kind is KUMARASWAMY else ())):
        refused(ValueError, name, make, [1.0, bad])
    for argument in ("n_gates", "dtype", "device", "xp"):
        refused(TypeError, argument, make, [1.0, 2.0], **{argument: 1})
    np.testing.assert_array_equal(getattr(make([1, 2]), name), [1.0, 2.0])


# --- between calls ---------------------------------------------------------------------------------------------------


def test_setting_the_parameter(gates: Any, kind: Kind) -> None:
    for name in kind.trained:
        check_setting(gates, name)
    if kind is KUMARASWAMY:
        refused(ValueError, "b", setattr, gates, "b", [0.5, 0.0, 1.0])
        refused(ValueError, "b", kind.cls.from_pretrained, [1.0, 2.0], [1.0])
        torch = pytest.importorskip("torch")
        refused(TypeError, "b", kind.cls.from_pretrained, np.ones(2), torch.ones(2))


def check_setting(gates: Any, name: str) -> None:
    """Wrong values of the parameter ``name``, and a right one."""
    before = getattr(gates, name)
    for value in (
        np.ones(3, "float32"),
        np.ones(3, int),
        np.ones(3, bool),
        None,
        "abc",
        [1j, 0, 0],
        [1, 2, 3],
    ):
        refused(TypeError, name, setattr, gates, name, value)
    for value in (np.ones(2), np.ones((3, 1)), np.ones(()), 0.5, [NAN, 0.0, 1.0], np.array([0, INF, 1])):
        refused(ValueError, name, setattr, gates, name, value)
    assert getattr(gates, name) is before
    setattr(gates, name, [0.1, 0.2, 0.3])
    assert getattr(gates, name).tolist() == [0.1, 0.2, 0.3]


def test_what_cannot_be_set(gates: Any) -> None:
    for name in ("n_gates", "training"):
        with pytest.raises(AttributeError):
            setattr(gates, name, 3)


def test_the_mode(gates: Any) -> None:
    for mode in (1, None, "train", np.ones(1)):
        refused(TypeError, "mode", gates.train, mode)
    assert gates.train(False).training is False
    assert gates.train().training is True
    assert gates.eval() is gates
    assert gates.training is False


# --- calls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["forward", "vjp", "__call__"])
def test_inputs(gates: Any, method: str) -> None:
    run = getattr(gates, method)
    for x in (None, "abc", {}, np.ones((2, 3), complex), np.full((2, 3), "a"), np.ones((2, 3), WIDE)):
        refused(TypeError, "x", run, x)
    for x in (0.5, [1.0, 2.0, 3.0], np.ones((2, 4)), np.ones((2, 3, 2)), [[1.0], [2.0, 3.0]]):
        refused(ValueError, "x", run, x)


def test_other_libraries_and_devices(gates: Any) -> None:
    torch = pytest.importorskip("torch")
    refused(TypeError, "x", gates, torch.ones((2, 3)))
    refused(TypeError, "noise", gates, np.ones((2, 3)), torch.ones((2, 3)))
    _, pullback = gates.vjp(np.ones((2, 3)))
    refused(TypeError, "d_gated", pullback, torch.ones((2, 3)))
    refused(TypeError, "d_l0_reg", pullback, np.ones((2, 3)), torch.ones(()))
    refused(TypeError, "mask", type(gates), 3, mask=torch.tensor([0, 1, 2]))
    refused(TypeError, "reg_weight", type(gates), 3, reg_weight=torch.ones(3))
    ours = type(gates)(3, xp=torch)
    refused(TypeError, "x", ours, np.ones((2, 3)))
    refused(TypeError, "x", ours, [[1.0, 2.0, 3.0]])
    refused(TypeError, "reg_weight", setattr, ours, "reg_weight", np.ones(3))
    refused(TypeError, "x", ours, torch.ones((2, 3), device="meta"))


def test_devices_do_not_mix(kind: Kind) -> None:
    strict = pytest.importorskip("array_api_strict")
    gates = kind.cls(3, xp=strict, device=strict.Device("device1"))
    refused(TypeError, "x", gates, strict.ones((2, 3)))
    x = strict.ones((2, 3), device=strict.Device("device1"))
    refused(TypeError, "noise", gates, x, strict.ones((2, 3)))
    refused(TypeError, "d_gated", gates.vjp(x)[1], strict.ones((2, 3)))


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_noise(kind: Kind, gates: Any, training: bool) -> None:
    x = np.ones((2, 3))
    for run in (gates.train(training).forward, gates.vjp):
        for noise in ("abc", {}, True, np.ones((2, 3), complex), np.ones((2, 3), bool)):
            refused(TypeError, "noise", run, x, noise)
        for noise in (
            0.5,
            np.ones(3),
            np.ones((1, 3)),
            np.ones((3, 2)),
            np.ones((2, 3, 1)),
            [[0.0], [0.0, 1.0]],
        ):
            refused(ValueError, "noise", run, x, noise)
        if kind is KUMARASWAMY:
            for bad in (-1e-9, 1.0 + 1e-9, NAN, INF):
                refused(ValueError, "noise", run, x, np.full((2, 3), [0.5, 0.5, bad]))
    gates.noise_sharing = "batch"
    for noise in (0.5, np.ones((2, 3)), np.ones((1, 3)), np.ones(2)):
        refused(ValueError, "noise", gates, x, noise)
    gates(x, np.ones(3))


@pytest.mark.parametrize("reduction", ["sum", "mean", "none"])
def test_cotangents(gates: Any, reduction: str) -> None:
    gates.reg_reduction = reduction
    x = np.ones((2, 3))
    _, pullback = gates.vjp(x)
    for d_gated in (None, "abc", np.ones((2, 3), complex), np.ones((2, 3), bool)):
        refused(TypeError, "d_gated", pullback, d_gated)
    for d_gated in (1.0, np.ones(3), np.ones((1, 3)), np.ones((2, 3, 1))):
        refused(ValueError, "d_gated", pullback, d_gated)
    for d_l0_reg in (None, "abc", 1j, True, np.ones(3, complex), np.ones((), bool), np.complex64(1)):
        refused(TypeError, "d_l0_reg", pullback, x, d_l0_reg)
    for d_l0_reg in (np.ones(2), np.ones((3, 1)), np.ones(0), [1.0, 2.0]):
        refused(ValueError, "d_l0_reg", pullback, x, d_l0_reg)
    if reduction == "none":
        pullback(x, np.ones(3))
    else:
        refused(ValueError, "d_l0_reg", pullback, x, np.ones(3))
    for good in (2, 2.0, np.float32(2), np.array(2), np.array(2.0)):
        for a, b in zip(pullback(x, good), pullback(x, 2.0), strict=True):
            np.testing.assert_array_equal(a, b)


def test_integers_and_bools_are_promoted_to_the_parameters_dtype(kind: Kind) -> None:
    for dtype in ("float16", "float32", "float64"):
        gates = kind.make(np.array([0.1, 0.7], dtype)).eval()
        for x in (np.array([[2, 3]]), np.array([[2, 3]], "uint8"), np.array([[True, False]])):
            (gated, l0_reg), pullback = gates.vjp(x)
            expected, _ = gates(x.astype(dtype))
            np.testing.assert_array_equal(gated, expected)
            assert gated.dtype == l0_reg.dtype == pullback(gated).input.dtype == dtype


def test_lists_are_numpys(gates: Any) -> None:
    for a, b in zip(gates.eval()([[1.0, 2.0, 3.0]]), gates(np.array([[1.0, 2.0, 3.0]])), strict=True):
        np.testing.assert_array_equal(a, b)


# --- state dicts -----------------------------------------------------------------------------------------------------


def snapshot(gates: Any) -> dict[str, Any]:
    return {name: np.array(value) for name, value in gates.state_dict().items()}


def broken_states(kind: Kind) -> list[tuple[type[Exception], str, Any]]:
    """Pairs of an error and a change of a good state that raises it; a name of ``None`` removes, others replace."""
    out: list[tuple[type[Exception], str, Any]] = [
        (ValueError, "mask", "absent"),
        (ValueError, "hardness", 1.0),
    ]
    for name in kind.trained:
        values = (None, "abc", np.ones(2, int), np.ones(2, complex), np.ones(2, WIDE))
        out += [(TypeError, name, v) for v in values]
        wrong = ("absent", np.ones(3), np.ones((2, 1)), np.array([1.0, NAN]), [1.0, INF])
        out += [(ValueError, name, v) for v in wrong]
    out += [(TypeError, "mask", v) for v in (None, np.zeros(3), np.zeros(3, bool))]
    out += [
        (ValueError, "mask", v)
        for v in (np.array([0, 0, 0]), np.array([0, 1, 2]), np.array([[0, 1, 1]]), [0, 1])
    ]
    for setting in ("reg_weight", *kind.options):
        out += [(TypeError, setting, v) for v in (None, "abc", True, np.ones(2, complex))]
        out += [(ValueError, setting, v) for v in (NAN, np.ones(3), np.array([NAN, 2.0]), np.array(NAN))]
    out += [
        (ValueError, "reg_reduction", "foo"),
        (TypeError, "reg_reduction", 1),
        (ValueError, "noise_sharing", "foo"),
    ]
    out += [(TypeError, "fill", v) for v in (None, "abc", True, np.ones(2, bool))]
    out += [(ValueError, "fill", v) for v in (NAN, np.array([INF, 1.0]))]
    if kind is not GAUSSIAN:
        out += [(ValueError, "eps", 0.5), (TypeError, "eps", np.ones(2))]
        out += [(ValueError, kind.parameter, np.array([-1.0, 1.0]))] if kind is KUMARASWAMY else []
        out += [(ValueError, "temperature", -1.0)]
    return out


def test_broken_state_dicts_change_nothing(kind: Kind) -> None:
    options = {name: 1.25 * value for name, value in kind.options.items()}
    good = kind.cls(2, mask=[1, 0, 0], reg_weight=0.7, reg_reduction="mean", rng=1, **options).state_dict()
    for error, name, value in broken_states(kind):
        gates = kind.cls(2, mask=[0, 1, 1], rng=2)
        before, held = snapshot(gates), dict(vars(gates))
        # The wrong entry comes last, when all the others have been looked at.
        state = {key: v for key, v in good.items() if key != name}
        state |= {} if isinstance(value, str) and value == "absent" else {name: value}
        refused(error, name, gates.load_state_dict, state)
        assert vars(gates) == held
        for key, kept in snapshot(gates).items():
            np.testing.assert_array_equal(kept, before[key])


def test_a_mask_for_gates_without_one(kind: Kind) -> None:
    gates = kind.cls(2)
    refused(ValueError, "mask", gates.load_state_dict, {**gates.state_dict(), "mask": np.array([0, 1])})


@pytest.mark.parametrize("state", [None, [], "abc", 3, [("mu", np.zeros(2))]])
def test_no_mapping(kind: Kind, state: Any) -> None:
    refused(TypeError, "state", kind.cls(2).load_state_dict, state)


def test_digits_are_not_lost_on_loading(kind: Kind) -> None:
    gates = kind.cls(2, dtype="float32")
    good = {name: np.array([0.25, 0.5], "float16") for name in kind.trained}
    for name in kind.trained:
        refused(TypeError, name, gates.load_state_dict, {**good, name: np.array([0.1, 0.2])})
    gates.load_state_dict(good)
    assert all(getattr(gates, name).dtype == np.float32 for name in kind.trained)


def test_the_other_kinds_state(kind: Kind) -> None:
    for other in KINDS:
        if other is not kind:
            refused(ValueError, kind.parameter, kind.cls(2).load_state_dict, other.cls(2).state_dict())


def test_options_changed_in_place_are_checked_when_they_are_used(kind: Kind) -> None:
    for name, value in kind.options.items():
        gates = kind.cls(3, rng=0, **{name: np.full(3, value)})
        getattr(gates, name)[1] = 0.5 * (value < 0.0 or value > 1.0) - (name in ("temperature", "std"))
        with pytest.raises(ValueError, match=f"{kind.cls.__name__}.vjp: {name} must be "):
            gates.vjp(np.ones((2, 3)))


# --- parameters of a call, and what closed gates put in ----------------------------------------------------------------


def test_parameters_of_a_call(kind: Kind) -> None:
    gates, x = kind.cls(3, rng=0), np.ones((2, 3))
    runs = {
        "vjp": lambda **p: gates.vjp(x, **p),
        "forward": lambda **p: gates(x, **p),
        "values": gates.get_gate_values,
        "probabilities": gates.get_gate_active_probs,
    }
    for method, run in runs.items():
        refused(TypeError, "hardness", run, hardness=np.ones(3))
        refused(TypeError, "method", run, method=np.ones(3))
        for name in kind.names:
            good = kind.options.get(name, 0.5)
            for wrong in (None, "abc", np.ones(3, bool), np.ones((2, 3), complex), True):
                refused(TypeError, name, run, **{name: wrong})
            for wrong in (np.ones(2), np.ones((3, 1)), np.ones((1, 2, 3)), np.full((2, 3), NAN)):
                refused(ValueError, name, run, **{name: wrong})
            for bad in RANGES.get(name, [INF, -INF]):
                refused(ValueError, name, run, **{name: np.full((2, 3), [good, good, bad])})
            if method in ("vjp", "forward"):
                refused(ValueError, "parameters", run, **{name: np.full((1, 3), good)})
            run(**{name: np.full((2, 3), good)})
            if name in kind.trained:
                refused(ValueError, name, run, **{name: 0.5})
                refused(ValueError, name, run, **{name: np.array(0.5)})
            else:
                run(**{name: good})
    first, last = kind.names[0], kind.names[-1]
    own = {first: np.ones((2, 3)), last: np.full((1, 3), kind.options[last])}
    refused(ValueError, "parameters", gates.get_gate_values, **own)


def test_parameters_of_a_call_of_another_library(kind: Kind) -> None:
    torch = pytest.importorskip("torch")
    refused(TypeError, kind.parameter, kind.cls(3), np.ones((2, 3)), **{kind.parameter: torch.ones((2, 3))})


def test_fills(kind: Kind) -> None:
    gates, x = kind.cls(6), np.ones((4, 2, 3))
    for wrong in (*NOT_NUMBERS, np.ones(3, bool)):
        refused(TypeError, "fill", kind.cls, 6, fill=wrong)
        refused(TypeError, "fill", setattr, gates, "fill", wrong)
    for wrong in (NAN, INF, [1.0, NAN, 2.0], 10**400):
        refused(ValueError, "fill", setattr, gates, "fill", wrong)
    assert gates.fill == 0.0
    for shape in ((2,), (3, 1), (4, 2, 3), (1, 2, 3), (2, 3, 1), (6,)):
        gates.fill = np.ones(shape)
        for run in (gates, gates.vjp, gates.eval()):
            refused(ValueError, "fill", run, x)
    for shape in ((), (1,), (3,), (2, 1), (1, 3), (2, 3)):
        gates.fill = np.ones(shape)
        assert gates.vjp(x)[1](x).fill.shape == shape
