"""Optimisers against torch's, step by step, and against their formulas in exact arithmetic."""

from __future__ import annotations

import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest

from stgref.study import optim, schedules

KEYS = {"decay": "alpha", "epsilon": "eps", "rate": "lr"}
CASES = [
    optim.SGD(),
    optim.SGD(0.1, momentum=0.9),
    optim.SGD(0.1, momentum=0.9, nesterov=True),
    optim.SGD(0.1, momentum=0.5, maximize=True),
    optim.Adam(),
    optim.Adam(0.05, beta1=0.5, beta2=0.9, epsilon=1e-3, maximize=True),
    optim.RMSprop(),
    optim.RMSprop(0.1, decay=0.9, momentum=0.9),
    optim.RMSprop(0.1, decay=0.9, momentum=0.5, centered=True),
    optim.Adagrad(),
    optim.Adagrad(0.5, maximize=True),
]
IDS = [str(case) for case in CASES]


def in_torch(torch, optimizer, params):
    settings = {KEYS.get(name, name): value for name, value in vars(optimizer).items() if name != "inside"}
    if isinstance(optimizer, optim.Adam):
        settings["betas"] = (settings.pop("beta1"), settings.pop("beta2"))
    return getattr(torch.optim, type(optimizer).__name__)([params], foreach=False, **settings)


def state_of(torch, optimizer, found, params, count):
    """Torch's state as one of ours."""
    held = found.state[params]

    def average(name):
        value = held.get(name)
        return np.zeros_like(params.detach().numpy()) if value is None else value.numpy().copy()

    return optim.State(count, tuple(average(name) for name in optimizer.names))


def cancellation(optimizer, state):
    """How much larger v is than the difference v - mean^2 that a centred root is taken of."""
    if not getattr(optimizer, "centered", False):
        return 1.0
    v, mean, _ = state.averages
    with np.errstate(all="ignore"):
        return np.where(v > 0, v / (v - mean**2), 1.0)


@pytest.mark.parametrize("scale", ["usual", "tiny", "huge"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", CASES, ids=IDS)
def test_every_step_is_torchs(optimizer, dtype, scale):
    """From torch's own state, so that an error cannot hide in the ones before; in roundings of what is added up."""
    torch = pytest.importorskip("torch")
    eps, rng = np.finfo(dtype).eps, np.random.default_rng(0)
    power = {"usual": 0.0, "tiny": -0.8, "huge": 0.45}[scale] * np.log10(np.finfo(dtype).max)
    params = torch.tensor(rng.normal(size=8).astype(dtype), requires_grad=True)
    peer = in_torch(torch, optimizer, params)
    for count in range(30):
        before, state = params.detach().numpy().copy(), state_of(torch, optimizer, peer, params, count)
        grad = (rng.normal(size=8) * 10.0**power).astype(dtype)
        grad[count % 8] = 0.0
        after, new = optimizer.step(before, grad, state)
        params.grad = torch.tensor(grad)
        peer.step()
        assert after.dtype == dtype
        assert new.steps == count + 1
        theirs = state_of(torch, optimizer, peer, params, count + 1)
        wanted = params.detach().numpy()
        for name, ours, old, other in zip(
            optimizer.names, new.averages, state.averages, theirs.averages, strict=True
        ):
            if name == "grad_avg" or (name == "momentum_buffer" and not optimizer.momentum):
                continue  # torch keeps none
            size = abs(old) + (np.abs(grad) if name != "exp_avg_sq" else 0.0) + abs(other)
            assert np.all(abs(ours - other) <= 3 * eps * size + np.finfo(dtype).smallest_subnormal), name
        loss = cancellation(optimizer, new) * abs(wanted - before)
        assert np.all(abs(after - wanted) <= 4 * eps * (abs(before) + abs(wanted) + loss))


STABLE = [case for case in CASES if not getattr(case, "centered", False)]


@pytest.mark.parametrize("optimizer", STABLE, ids=str)
def test_a_hundred_steps_lead_to_torchs_place(optimizer):
    torch = pytest.importorskip("torch")
    start = np.array([1.0, -2.0, 3.0])
    scale = np.array([1.0, 0.1, 3.0])
    sign = -1.0 if optimizer.maximize else 1.0
    params = torch.tensor(start, requires_grad=True)
    peer = in_torch(torch, optimizer, params)
    x, state = start, optimizer.init(start)
    for _ in range(100):
        params.grad = sign * torch.tensor(scale) * params.detach()
        peer.step()
        x, state = optimizer.step(x, sign * scale * x, state)
    np.testing.assert_allclose(x, params.detach().numpy(), rtol=1e-11, atol=1e-12)
    assert np.all(abs(x) < abs(start))


def test_defaults_are_torchs():
    torch = pytest.importorskip("torch")
    for optimizer in (optim.SGD(), optim.Adam(), optim.RMSprop(), optim.Adagrad()):
        theirs = getattr(torch.optim, type(optimizer).__name__)([torch.zeros(1)]).defaults
        beta1, beta2 = theirs.get("betas", (None, None))
        ours = {KEYS.get(name, name): value for name, value in vars(optimizer).items()}
        assert ours.pop("beta1", None) == beta1
        assert ours.pop("beta2", None) == beta2
        assert ours.pop("inside", False) is False
        assert ours == {name: theirs[name] for name in ours}


def test_two_steps_of_each_formula_by_hand():
    """In rational numbers, where the roots are exact: gradients 3 and 4, decays 1/2, rate 1, no epsilon."""
    g, x = [np.array([3.0]), np.array([4.0])], np.array([0.0])

    def path(optimizer):
        params, state = x, optimizer.init(x)
        for grad in g:
            params, state = optimizer.step(params, grad, state)
        return params[0], state

    assert path(optim.SGD(1.0, momentum=0.5))[0] == -(3 + 4 + Fraction(3, 2))
    assert path(optim.SGD(1.0, momentum=0.5, nesterov=True))[0] == -(3 * 1.5 + 4 + 0.5 * (4 + 1.5))
    v = [9.0, 25.0]  # 9, then 9 + 16
    assert path(optim.Adagrad(1.0, epsilon=0.0))[0] == pytest.approx(-(3 / v[0] ** 0.5 + 4 / v[1] ** 0.5))
    v1, v2 = 4.5, 0.5 * 4.5 + 8.0
    assert path(optim.RMSprop(1.0, decay=0.5, epsilon=0.0))[0] == pytest.approx(-(3 / v1**0.5 + 4 / v2**0.5))
    inside = optim.RMSprop(1.0, decay=0.5, epsilon=2.0, inside=True)
    assert path(inside)[0] == pytest.approx(-(3 / (v1 + 2) ** 0.5 + 4 / (v2 + 2) ** 0.5))
    m1, m2 = 1.5, 0.5 * 1.5 + 2.0
    adam = optim.Adam(1.0, beta1=0.5, beta2=0.5, epsilon=1.0)
    one = (m1 / 0.5) / ((v1 / 0.5) ** 0.5 + 1.0)
    assert path(adam)[0] == pytest.approx(-(one + (m2 / 0.75) / ((v2 / 0.75) ** 0.5 + 1.0)))
    assert path(adam)[1].steps == 2
    centered = optim.RMSprop(1.0, decay=0.5, epsilon=0.0, centered=True)
    wanted = 3 / (v1 - m1**2) ** 0.5 + 4 / (v2 - m2**2) ** 0.5
    assert path(centered)[0] == pytest.approx(-wanted)


@pytest.mark.parametrize("optimizer", CASES, ids=IDS)
def test_going_up_is_going_down_the_negative(optimizer):
    x, other = (
        np.array([0.5, 2.0]),
        type(optimizer)(**{**vars(optimizer), "maximize": not optimizer.maximize}),
    )
    g = np.array([1.0, -3.0])
    up = optimizer.step(x, g, optimizer.init(x))[0]
    np.testing.assert_array_equal(up, other.step(x, -g, other.init(x))[0])
    assert np.all(np.sign(up - x) == np.sign(g) * (1 if optimizer.maximize else -1))


def test_the_rate_may_be_a_schedule():
    optimizer, x = optim.SGD(schedules.Linear(1.0, 0.0, 4)), np.array([0.0])
    state, path = optimizer.init(x), []
    for _ in range(5):
        x, state = optimizer.step(x, np.array([1.0]), state)
        path.append(-float(x[0]))
    assert path == [1.0, 1.75, 2.25, 2.5, 2.5]


@pytest.mark.parametrize("optimizer", CASES, ids=IDS)
def test_no_gradient_is_no_step_and_nothing_is_written_to(optimizer):
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    g = np.zeros(2)
    g.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        after, state = optimizer.step(x, g, optimizer.init(x))
    np.testing.assert_array_equal(after, x)
    assert state.steps == 1
    assert pickle.loads(pickle.dumps(optimizer)) == optimizer  # noqa: S301 (made here)


@pytest.mark.parametrize("optimizer", CASES, ids=IDS)
def test_every_library(xp, optimizer):
    x, g = np.array([0.5, 2.0], np.float32), np.array([1.0, -3.0], np.float32)
    there = xp.asarray(x)
    after, state = optimizer.step(there, xp.asarray(g), optimizer.init(there))
    xp.assert_own(after, np.float32, (2,))
    wanted, known = optimizer.step(x, g, optimizer.init(x))
    np.testing.assert_allclose(xp.to_numpy(after), wanted, rtol=1e-6)
    for ours, other in zip(state.averages, known.averages, strict=True):
        np.testing.assert_allclose(xp.to_numpy(ours), other, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: optim.SGD(-1.0), ValueError, "SGD: rate must be finite and 0 or more, got -1.0"),
        (lambda: optim.SGD("a"), TypeError, "SGD: rate takes"),
        (lambda: optim.SGD(momentum=1.0), ValueError, "SGD: momentum must be at least 0 and less than 1"),
        (lambda: optim.SGD(nesterov=1), TypeError, "SGD: nesterov takes True or False"),
        (lambda: optim.Adam(beta2=1.5), ValueError, "Adam: beta2"),
        (lambda: optim.Adam(epsilon=-1e-8), ValueError, "Adam: epsilon"),
        (lambda: optim.RMSprop(decay=-0.1), ValueError, "RMSprop: decay"),
        (lambda: optim.Adagrad(maximize=0), TypeError, "Adagrad: maximize"),
        (
            lambda: optim.SGD().init(np.array([1])),
            TypeError,
            "SGD: params takes an array of single or double",
        ),
        (lambda: optim.SGD().init(1.0), TypeError, "SGD: params takes an array"),
        (
            lambda: optim.SGD().step(np.zeros(2), np.zeros(3), optim.SGD().init(np.zeros(2))),
            ValueError,
            r"SGD: grad must have the shape of params, \(2,\), got \(3,\)",
        ),
        (
            lambda: optim.SGD().step(np.zeros(2), np.zeros(2, np.float32), optim.SGD().init(np.zeros(2))),
            TypeError,
            "SGD: grad must be float64 as params, got float32",
        ),
    ],
)
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()
