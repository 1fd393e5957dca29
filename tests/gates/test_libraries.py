"""Every array library: the same library, device and dtype out as in, and NumPy's digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conftest import Library
from tests.declared import across, called
from tests.gates.kinds import KINDS, KUMARASWAMY, Kind

CASES = [
    # mask, training, reduction, noise_sharing, dtype
    (None, True, "sum", "example", "float32"),
    (None, False, "mean", "example", "float64"),
    ([[0, 1], [1, 1], [0, 2]], True, "none", "batch", "float32"),
    ([[0, 1], [1, 1], [0, 2]], True, "mean", "example", "float64"),
    ([[2], [0], [1]], False, "sum", "example", "float32"),
]
TOLERANCE = {"float32": 3e-7, "float64": 2e-14}


@pytest.fixture(autouse=True)
def _few_compilations(request: pytest.FixtureRequest) -> None:
    """JAX compiles the many operations of the Kumaraswamy kernels one by one, for each shape: half a minute in all."""
    if {"kind", "xp"} <= set(request.fixturenames):
        kind, xp = (request.getfixturevalue(name) for name in ("kind", "xp"))
        traced = xp.name != "jax" and {"mask", "method"} & request.node.callspec.params.keys()
        if kind is KUMARASWAMY and "jax" in xp.name and not traced:
            pytest.skip("all results are tested under jax.jit, which compiles them at once")


def flat(value: Any) -> list[Any]:
    return [a for item in value for a in flat(item)] if isinstance(value, tuple) else [value]


def compare(lib: Library, got: Any, wanted: Any, dtype: str) -> None:
    got, wanted = flat(got), flat(wanted)
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted, strict=True):
        lib.assert_own(a, dtype, np.shape(b))
        # All results are sums of a few terms near 1, which may cancel.
        np.testing.assert_allclose(lib.to_numpy(a), b, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def everything(kind: Kind, mask: Any, training: bool, reduction: str, sharing: str) -> Any:
    """Return a function of arrays alone: all that gates compute from them."""

    def run(parameter: Any, options: Any, x: Any, noise: Any, d_gated: Any, weight: Any) -> Any:
        noise = kind.noise(noise)
        name = next(iter(kind.options))
        settings = {
            name: kind.options[name] * (0.5 + options),
            "reg_weight": weight,
            "reg_reduction": reduction,
        }
        gates = kind.make(parameter, mask=mask, noise_sharing=sharing, **settings)
        out, pullback = gates.train(training).vjp(x, noise)
        values = (
            gates.get_gate_values(),
            gates.get_gate_values(rule="threshold"),
            gates.get_gate_active_probs(),
        )
        return out, pullback(d_gated), pullback(d_gated, 0.5), gates(x, noise), values

    return run


def arguments(mask: Any, sharing: str, dtype: str, seed: int = 0) -> list[np.ndarray]:
    """What `everything` is a function of."""
    rng = np.random.default_rng(seed)
    n = 6 if mask is None else 3
    shapes = [n, (), (4, 3, 2), n if sharing == "batch" else (4, n), (4, 3, 2), n]
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    arrays[1] = np.asarray(0.5 + seed / 8, dtype)
    return arrays


# Laws are tested across libraries where they are; what the layer does with them is the same for all.
KINDS_AND_CASES = [
    (kind, *case) for kind in KINDS for case in (CASES if kind is not KUMARASWAMY else CASES[3:4])
]
EACH = pytest.mark.parametrize(
    ("kind", "mask", "training", "reduction", "sharing", "dtype"), KINDS_AND_CASES, ids=str
)


@pytest.mark.most(40)
@across("jax-vmap")
@EACH
def test_all_results(
    xp: Library, kind: Kind, mask: Any, training: bool, reduction: str, sharing: str, dtype: str
) -> None:
    arrays = arguments(mask, sharing, dtype)
    run = everything(kind, mask, training, reduction, sharing)
    compare(xp, xp.call(run, *map(xp.asarray, arrays)), run(*arrays), dtype)


@pytest.mark.most(4)
@pytest.mark.parametrize("xp", ["jax-vmap"], indirect=True, scope="session")
@EACH
def test_vmap_is_a_layer_for_each(
    xp: Library, kind: Kind, mask: Any, training: bool, reduction: str, sharing: str, dtype: str
) -> None:
    """Forward, pullback and test-time values of two layers at once, each with its own parameters and data."""
    layers = [arguments(mask, sharing, dtype, seed) for seed in (0, 1)]
    run = everything(kind, mask, training, reduction, sharing)
    got = flat(xp.call(run, *(xp.asarray(np.stack(pair)) for pair in zip(*layers, strict=True))))
    for i, arrays in enumerate(layers):
        compare(xp, tuple(a[i] for a in got), tuple(flat(run(*arrays))), dtype)


@across("jax-vmap")
@pytest.mark.parametrize("method", ["forward", "vjp"])
def test_noise_is_not_drawn_under_transformations(xp: Library, kind: Kind, method: str) -> None:
    """But evaluation draws none, and is taken everywhere."""
    parameter, x = np.array([0.2, 0.6]), np.ones((6, 2))

    def run(parameter: Any, x: Any, training: bool) -> Any:
        gates = kind.make(parameter, rng=7).train(training)
        return gates.forward(x) if method == "forward" else gates.vjp(x)[0]

    support, where = kind.cls.libraries[f"{method} without noise"], f"{kind.cls.__name__}.{method}"
    given = xp.asarray(parameter), xp.asarray(x)
    got = called(xp, support, where, lambda p, x: run(p, x, training=True), *given)
    if got is not None:
        compare(xp, got, run(parameter, x, training=True), "float64")
    compare(
        xp,
        xp.call(lambda p, x: run(p, x, training=False), *given),
        run(parameter, x, training=False),
        "float64",
    )


@pytest.mark.parametrize("xp", ["jax-jit"], indirect=True, scope="session")
def test_state_dicts_are_not_loaded_under_transformations(xp: Library, kind: Kind) -> None:
    def run(parameter: Any) -> Any:
        gates = kind.make(parameter)
        gates.load_state_dict(gates.state_dict())
        return gates.get_gate_values()

    support = kind.cls.libraries["load_state_dict"]
    assert called(xp, support, f"{kind.cls.__name__}.load_state_dict", run, xp.asarray(np.zeros(2))) is None


@pytest.mark.parametrize("dtype", ["float32"])
def test_new_gates_live_where_they_are_told(xp: Library, kind: Kind, dtype: str) -> None:
    gates = kind.cls(4, xp=xp.xp, device=xp.device, dtype=getattr(xp.xp, dtype), mask=[[0, 1], [2, 3]], rng=3)
    xp.assert_own(getattr(gates, kind.parameter), dtype, (4,))
    host = kind.cls(4, dtype=dtype, mask=[[0, 1], [2, 3]], rng=3)
    np.testing.assert_array_equal(xp.to_numpy(getattr(gates, kind.parameter)), getattr(host, kind.parameter))
    np.testing.assert_array_equal(xp.to_numpy(gates.mask), host.mask)
    x = np.random.default_rng(0).standard_normal((5, 2, 2)).astype(dtype)
    compare(xp, gates(xp.asarray(x)), host(x), dtype)


def test_the_seed_alone_decides_what_is_drawn(xp: Library, kind: Kind) -> None:
    """One seed gives the same noise in every library, and in every dtype up to its rounding."""
    host, x = kind.make(np.array([0.2, 0.6]), rng=7), np.ones((6, 2))
    gates = kind.make(xp.asarray(np.array([0.2, 0.6])), rng=7)
    gates.noise_stream = "host"
    for _ in range(2):
        compare(xp, gates(xp.asarray(x)), host(x), "float64")


def test_a_double_parameter_and_a_single_input(xp: Library, kind: Kind) -> None:
    """The output has the input's dtype, and each gradient that of what it belongs to; in double precision between."""
    rng = np.random.default_rng(0)
    parameter, x = rng.standard_normal(3), rng.standard_normal((4, 3)).astype("float32")
    noise = kind.noise(rng.standard_normal((4, 3)))
    gates = kind.make(xp.asarray(parameter))
    (gated, l0_reg), pullback = gates.vjp(xp.asarray(x), xp.asarray(noise))
    wide = kind.make(parameter)(x.astype("float64"), noise)
    for got, exact in zip((gated, l0_reg), wide, strict=True):
        xp.assert_own(got, "float32")
        if "jax" in xp.name:
            np.testing.assert_allclose(xp.to_numpy(got), exact, rtol=1e-7)
        else:
            np.testing.assert_array_equal(xp.to_numpy(got), np.asarray(exact).astype("float32"))
    gradients = pullback(gated)
    xp.assert_own(gradients.input, "float32")
    for name in kind.names:
        xp.assert_own(getattr(gradients, name), "float64")


def test_per_gate_settings_and_masks_of_the_library(xp: Library, kind: Kind) -> None:
    options = {name: np.linspace(value, 1.5 * value, 3) for name, value in kind.options.items()}
    mask = np.array([2, 0, 1, 1])
    own = {name: xp.asarray(value) for name, value in options.items()}
    gates = kind.make(xp.asarray(np.zeros(3)), mask=xp.asarray(mask), **own).eval()
    host = kind.make(np.zeros(3), mask=mask, **options).eval()
    x = np.ones((2, 4))
    compare(xp, gates(xp.asarray(x)), host(x), "float64")
    compare(xp, gates.vjp(xp.asarray(x))[1](xp.asarray(x)), host.vjp(x)[1](x), "float64")


def test_state_dicts_travel_between_libraries(xp: Library, kind: Kind) -> None:
    options = {name: np.linspace(value, 1.5 * value, 3) for name, value in kind.options.items()}
    host = kind.cls(3, mask=[0, 2, 1], reg_weight=0.5, rng=0, **options)
    gates = kind.cls(3, mask=[0, 1, 2], xp=xp.xp, device=xp.device)
    gates.load_state_dict(host.state_dict())
    xp.assert_own(getattr(gates, kind.parameter), "float64", (3,))
    again = kind.cls(3, mask=[0, 1, 2])
    again.load_state_dict(gates.state_dict())
    assert again.state_dict().keys() == host.state_dict().keys()
    for name, value in host.state_dict().items():
        np.testing.assert_array_equal(again.state_dict()[name], value)


def test_inputs_are_not_written_to(kind: Kind) -> None:
    rng = np.random.default_rng(0)
    x, noise, d = rng.standard_normal((3, 4, 3))
    parameter, weight = rng.standard_normal((2, 3))
    kept = [a.copy() for a in (x, noise, d, parameter, weight)]
    gates = kind.make(parameter, reg_weight=weight)
    gates.vjp(x, kind.noise(noise))[1](d)
    for a, b in zip((x, noise, d, parameter, weight), kept, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("mask", [None, [[0, 1], [1, 1], [0, 2]]], ids=["no-mask", "mask"])
def test_torch_differentiates_the_forward_pass_alike(kind: Kind, mask: Any, training: bool) -> None:
    """Automatic differentiation of our own forward pass, to every setting: only the derivatives are in question."""
    torch = pytest.importorskip("torch")
    torch_rng = torch.Generator().manual_seed(0)
    n = 6 if mask is None else 3

    def leaf(*shape: int) -> Any:
        return torch.randn(*shape, generator=torch_rng, dtype=torch.float64).requires_grad_()

    scales = 1 + 0.3 * torch.rand(len(kind.options), n, generator=torch_rng, dtype=torch.float64)
    defaults = torch.tensor(list(kind.options.values()), dtype=torch.float64)[:, None]
    leaves = [*kind.of(leaf(n)), *((scales * defaults).unbind())]
    leaves = [value.detach().requires_grad_() for value in leaves]
    x, noise, d, dl = leaf(4, 3, 2), leaf(4, n).detach(), leaf(4, 3, 2).detach(), leaf(n).detach()
    noise, count = kind.noise(noise), len(kind.trained)
    settings = dict(zip(kind.options, leaves[count:], strict=True))
    gates = kind.cls.from_pretrained(
        *leaves[:count], mask=mask, reg_reduction="none", reg_weight=0.3, **settings
    )
    out, pullback = gates.train(training).vjp(x, noise)
    wanted = torch.autograd.grad(out, (x, *leaves), (d, dl), materialize_grads=True)
    for got, want in zip(pullback(d, dl), wanted, strict=True):
        np.testing.assert_allclose(got.detach().numpy(), want.numpy(), rtol=1e-11, atol=1e-13)
