"""Noise: given or drawn, per example or shared, and many threads at once."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import stgref
from tests.gates.kinds import BINARY_CONCRETE, GAUSSIAN, KUMARASWAMY, Kind

BASE = {
    "binary-concrete": stgref.noise.logistic,
    "gaussian": stgref.noise.ziggurat,
    "kumaraswamy": stgref.noise.uniform,
}


def open_gates(kind: Kind, n: int, **settings: Any) -> Any:
    """Gates whose samples are never clipped, so that each shows its noise."""
    if kind is BINARY_CONCRETE:
        return kind.cls.from_pretrained(
            np.zeros(n), lower_bound=-1e-6, upper_bound=1 + 1e-6, temperature=5.0, **settings
        )
    if kind is KUMARASWAMY:
        ones = np.ones(n)
        return kind.cls.from_pretrained(ones, ones, lower_bound=-1e-17, upper_bound=1 + 1e-15, **settings)
    return kind.cls.from_pretrained(np.full(n, 0.5), std=1e-3, **settings)


@pytest.mark.parametrize("sharing", ["example", "batch"])
def test_what_is_drawn_is_the_laws_base_noise(kind: Kind, sharing: str) -> None:
    """With ``eps=0`` exactly what `stgref.noise` draws from the same seed, call after call."""
    settings = {} if kind is GAUSSIAN else {"eps": 0.0}
    gates = open_gates(kind, 3, rng=5, noise_sharing=sharing, **settings)
    x, rng = np.ones((4, 3)), np.random.default_rng(5)
    for run in (gates, gates, lambda x: gates.vjp(x)[0], gates):
        noise = BASE[kind.name](3 if sharing == "batch" else (4, 3), rng)
        np.testing.assert_array_equal(run(x)[0], gates(x, noise)[0])


@pytest.mark.parametrize("kind", [BINARY_CONCRETE, GAUSSIAN], ids=["binary-concrete", "gaussian"])
@pytest.mark.parametrize("stream", ["single", "host"])
@pytest.mark.parametrize("masked", [False, True])
def test_single_precision_draws_its_own_stream(kind: Kind, masked: bool, stream: str) -> None:
    """Unless it is asked for that of double precision, rounded; by the twin, and with a mask by the kernels."""
    settings = {"eps": 0.0} if kind is BINARY_CONCRETE else {}
    gates = kind.cls.from_pretrained(
        np.zeros(3, np.float32), rng=5, mask=[0, 1, 2] if masked else None, **settings
    )
    gates.noise_stream = stream
    draw = BASE[kind.name] if stream == "host" else getattr(stgref.noise, gates.family.base)
    options = {} if stream == "host" else {"stream": stream}
    dtype = np.float64 if stream == "host" and masked else np.float32  # what the kernels compute in
    x, rng = np.ones((5, 3), np.float32), np.random.default_rng(5)
    for run in (gates, lambda x: gates.vjp(x)[0], gates):
        noise = draw((5, 3), rng, dtype, **options)
        np.testing.assert_array_equal(run(x)[0], gates(x, noise)[0])
    assert gates.vjp(x)[1].stream == "numpy-PCG64" + ("" if stream == "host" else "-single")
    wide = x.astype(np.float64)
    assert gates.vjp(wide)[1].stream == "numpy-PCG64"
    half = kind.cls.from_pretrained(np.zeros(3, np.float16), rng=5)
    assert half.vjp(x.astype(np.float16))[1].stream == "numpy-PCG64-single"


def test_uniform_noise_has_one_stream() -> None:
    """That of double precision, rounded where the gates are of single precision."""
    ones = np.ones(3, np.float32)
    assert (
        KUMARASWAMY.cls.from_pretrained(ones, ones).vjp(np.ones((2, 3), np.float32))[1].stream
        == "numpy-PCG64"
    )


@pytest.mark.parametrize("eps", [0.1, 0.4])
def test_eps_truncates_in_single_precision(eps: float) -> None:
    """The lowest and the highest of 1e5 gates that are their uniforms are next to eps and 1 - eps; each is further than
    1e-3 away once in e^-125 runs."""
    gates = BINARY_CONCRETE.cls.from_pretrained(
        np.zeros(1, np.float32), eps=eps, temperature=1.0, lower_bound=-0.01, upper_bound=1.01
    )
    gated, _ = gates(np.ones((100_000, 1), np.float32))
    u = (gated + 0.01) / 1.02
    assert eps - 1e-6 < u.min() < eps + 1e-3
    assert 1 - eps - 1e-3 < u.max() < 1 - eps + 1e-6


def test_noise_differs_from_gate_to_gate_and_from_example_to_example(kind: Kind) -> None:
    """All 4800 samples are different numbers: two draws of 52 bits are equal with probability 2^-52, so that this fails
    by accident less than once in 10^8 runs."""
    gated, _ = open_gates(kind, 60, rng=0)(np.ones((80, 60)))
    assert len(np.unique(gated)) == gated.size


def test_shared_noise_is_one_row(kind: Kind) -> None:
    gated, _ = open_gates(kind, 60, rng=0, noise_sharing="batch")(np.ones((80, 60)))
    assert np.all(gated == gated[0])
    assert len(np.unique(gated[0])) == 60


def test_elements_that_share_a_gate_share_its_noise(kind: Kind) -> None:
    gates = open_gates(kind, 2, rng=0, mask=[0, 1, 0, 1, 1])
    gated, _ = gates(np.ones((7, 5)))
    assert np.all(gated == gated[:, [0, 1, 0, 1, 1]])
    assert len(np.unique(gated)) == 14


def test_seeds_and_generators(kind: Kind) -> None:
    x = np.ones((3, 2))
    parameter = [getattr(kind.cls(2, rng=rng), kind.parameter) for rng in (4, 4, 5, np.random.default_rng(4))]
    np.testing.assert_array_equal(parameter[0], parameter[1])
    np.testing.assert_array_equal(parameter[0], parameter[3])
    assert np.all(parameter[0] != parameter[2])
    assert np.any(open_gates(kind, 2)(x)[0] != open_gates(kind, 2)(x)[0])
    generator = np.random.default_rng(4)
    first, second = open_gates(kind, 2, rng=generator), open_gates(kind, 2, rng=generator)
    assert np.all(first(x)[0] != second(x)[0])


def test_the_global_state_is_left_alone(kind: Kind) -> None:
    before = np.random.get_state()  # noqa: NPY002 (it must not be used)
    kind.cls(3)(np.ones((2, 3)))
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002


def test_initial_parameters_are_captums(kind: Kind) -> None:
    """Mean and spread of 4e4 numbers, at 6 standard errors: a false alarm in 1e8 runs, and the seed is fixed."""
    n = 40_000
    gates = kind.cls(n, rng=0)
    for name, centre in kind.trained.items():
        parameter = getattr(gates, name)
        assert abs(np.mean(parameter) - centre) < 6 * 0.01 / np.sqrt(n)
        assert abs(np.std(parameter) / 0.01 - 1) < 6 / np.sqrt(2 * n)


def test_no_noise_in_evaluation(gates: Any) -> None:
    """What is given is not used, and nothing is drawn."""
    gates.eval()
    x = np.ones((2, 3))
    state = gates._rng.bit_generator.state
    for a, b in zip(gates(x), gates(x, np.full((2, 3), 0.9)), strict=True):
        np.testing.assert_array_equal(a, b)
    assert gates._rng.bit_generator.state == state


def test_given_noise_draws_nothing(gates: Any) -> None:
    state = gates._rng.bit_generator.state
    gates(np.ones((2, 3)), np.zeros((2, 3)))
    assert gates._rng.bit_generator.state == state


def test_an_error_draws_nothing(kind: Kind) -> None:
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match="reg_reduction"):
        kind.cls(3, reg_reduction="foo", rng=rng)
    gates = kind.make(np.zeros(3), rng=rng)
    with pytest.raises(ValueError, match="x must have shape"):
        gates(np.ones((2, 4)))
    assert rng.bit_generator.state == state


def test_eps_does_not_touch_given_noise() -> None:
    x, noise = np.ones((1, 1)), np.array([[30.0]])
    narrow, plain = (
        BINARY_CONCRETE.cls.from_pretrained([-29.5], eps=eps, temperature=1.0) for eps in (0.4, 0.0)
    )
    assert narrow(x, noise)[0] == plain(x, noise)[0] == pytest.approx(1.2 / (1 + np.exp(-0.5)) - 0.1)


@pytest.mark.parametrize("eps", [0.1, 0.4])
@pytest.mark.parametrize("kind", [BINARY_CONCRETE, KUMARASWAMY], ids=["binary-concrete", "kumaraswamy"])
def test_eps_truncates_and_makes_no_atoms(kind: Kind, eps: float) -> None:
    """Of 1e5 draws none is outside [eps, 1 - eps], all differ, and their distribution is uniform on it: the largest
    deviation is within the DKW band of false-alarm rate 1e-9."""
    u = kind.cls(1, eps=eps, rng=0)._draw((100_000,), np.float64)
    u = 1 / (1 + np.exp(-u)) if kind is BINARY_CONCRETE else u
    assert u.min() >= eps * (1 - 1e-15)
    assert u.max() <= 1 - eps + 1e-15
    assert len(np.unique(u)) > 99_990
    v = np.sort((u - eps) / (1 - 2 * eps))
    deviation = np.max(np.abs(v - (np.arange(v.size) + 0.5) / v.size))
    assert deviation < np.sqrt(np.log(2 / 1e-9) / (2 * v.size))


def test_threads_get_the_same_bits(kind: Kind) -> None:
    rng = np.random.default_rng(0)
    gates = kind.cls(20, mask=rng.permutation(np.r_[np.arange(20), rng.integers(0, 20, 40)]), rng=1)
    problems = [(rng.standard_normal((30, 60)), kind.noise(rng.standard_normal((30, 20)))) for _ in range(40)]

    def run(problem: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
        x, noise = problem
        out, pullback = gates.vjp(x, noise)
        return [*out, *pullback(x, 0.3), *pullback(x), *gates(x, noise), gates.get_gate_values()]

    alone = [run(problem) for problem in problems]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(run, problems * 3))
    for got, wanted in zip(together, alone * 3, strict=True):
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(a, b)


def test_threads_share_a_generator_without_repeating_draws(kind: Kind) -> None:
    """As above: an accidental repetition among 3.2e4 draws of 52 bits has probability 1.1e-7."""
    gates = open_gates(kind, 20, rng=0)
    x = np.ones((20, 20))
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: gates(x)[0], range(80)))
    assert len(np.unique(drawn)) == 80 * 400


def test_copies_and_pickles(kind: Kind) -> None:
    gates = kind.cls(3, mask=[0, 1, 2, 2], rng=0, reg_weight=[0.1, 0.2, 0.3])
    x = np.ones((2, 4))
    twins = [copy.deepcopy(gates), pickle.loads(pickle.dumps(gates))]  # noqa: S301 (our own)
    expected = gates(x)
    for twin in twins:
        for a, b in zip(twin(x), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_numpy_archives_hold_a_state_dict(kind: Kind, tmp_path: Any) -> None:
    gates = kind.cls(3, mask=[0, 1, 2, 2], rng=0, reg_weight=0.3, reg_reduction="none")
    np.savez(tmp_path / "state.npz", **gates.state_dict())
    other = kind.cls(3, mask=[0, 0, 1, 2])
    with np.load(tmp_path / "state.npz") as archive:
        other.load_state_dict(archive)
    assert other.state_dict().keys() == gates.state_dict().keys()
    for name, value in gates.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], value)
        assert type(other.state_dict()[name]) is type(value)


def test_state_dicts_are_copies(kind: Kind) -> None:
    gates = kind.cls(3, rng=0, reg_weight=np.ones(3))
    state = gates.state_dict()
    for name in kind.trained:
        kept = getattr(gates, name).copy()
        state[name][:] = 9
        state["reg_weight"][:] = 9
        np.testing.assert_array_equal(getattr(gates, name), kept)
        np.testing.assert_array_equal(gates.reg_weight, 1)
    gates.load_state_dict(state)
    for name in kind.trained:
        state[name][:] = -9
        np.testing.assert_array_equal(getattr(gates, name), 9)


def test_repr_says_what_the_gates_are(kind: Kind) -> None:
    text = repr(kind.cls(3, reg_weight=0.25))
    assert text.startswith(kind.cls.__name__)
    assert "n_gates=3" in text
    assert "reg_weight=0.25" in text
