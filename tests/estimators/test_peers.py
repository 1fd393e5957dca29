"""Against torch's own estimators on the same noise, and what `validation/estimators` makes of right and wrong peers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stgref import estimators
from validation.estimators import mistakes, report, rows, sampling
from validation.estimators.objectives import CATEGORIES, CATEGORIES_LOGITS, PAIR, PAIR_LOGITS, TOY
from validation.estimators.rows import Row
from validation.estimators.same_noise import noise_of_samples, paired

RIGHT = (rows.AGREES, rows.NORM)


@pytest.fixture(scope="module")
def peers():
    pytest.importorskip("torch")
    from validation.estimators import torch_peers  # noqa: PLC0415 (needs torch)

    return torch_peers


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_torch_agrees_on_the_same_noise(peers, name):
    for subject, (compare, _, _) in peers.COMPARISONS.items():
        pairing = compare(getattr(peers.torch, name))
        assert pairing.dtype == name
        assert pairing.verdict in RIGHT, subject
        assert pairing.numbers["ulp_median"] < 8, subject


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_torch_loses_the_gradient_of_sure_gates_and_stgref_does_not(peers, name):
    dtype = getattr(peers.torch, name)
    for logit in (min(peers.EXTREMES[dtype]), max(peers.EXTREMES[dtype])):
        torch, own = peers.extreme(dtype, logit)
        assert torch.verdict == rows.LOST
        assert not np.any(torch.got)
        assert own.verdict == rows.AGREES
        assert np.all(own.got != 0)


def test_a_small_mistake_is_seen(peers):
    """A temperature that the slope forgets, and one bit in a thousand."""
    right = peers.relaxed_bernoulli(peers.torch.float32, n=200)
    assert right.verdict in RIGHT
    assert right._replace(got=right.got * np.float32(0.5)).verdict == rows.DIGITS
    assert right._replace(got=right.got * np.float32(1.001)).verdict == rows.DIGITS
    assert right._replace(got=0 * right.got).verdict == rows.LOST


@pytest.mark.parametrize(
    ("objective", "logits"), [(PAIR, PAIR_LOGITS), (CATEGORIES, CATEGORIES_LOGITS), (TOY, np.array([0.5]))]
)
def test_objectives_are_the_same_in_torch_and_by_hand(peers, objective, logits):
    b = np.random.default_rng(0).random((5, *logits.shape))
    x = peers.torch.tensor(b, requires_grad=True)
    values = objective.in_torch(peers.torch.float64)(x)
    values.sum().backward()
    np.testing.assert_allclose(values.detach().numpy(), objective(b), rtol=1e-14)
    np.testing.assert_allclose(x.grad.numpy(), objective.grad(b), rtol=1e-13, atol=1e-15)


def drawn(name, phi, n=20_000, **options):
    logits = np.array([phi])
    noise = estimators.draw_noise(name, n, logits, rng=1, **options)
    return getattr(estimators, name)(TOY, logits, noise, **options)


@pytest.mark.parametrize(
    ("name", "phi"), [("score_function", 0.0), ("rloo", 1.5), ("disarm", 1.5), ("rebar", 0.0)]
)
def test_stgref_passes_the_judge_of_samples(name, phi):
    moments = estimators.exact_moments(name, TOY, np.array([phi]))
    found, variance = drawn(name, phi), np.diag(moments.covariance)
    assert sampling.verdict(sampling.judge(found, moments.mean, variance)) == rows.AGREES
    means = found.reshape(-1, 10, 1).mean(axis=1)
    assert sampling.verdict(sampling.judge(means, moments.mean, variance, averaged=10)) == rows.AGREES
    assert sampling.verdict(sampling.judge(1.5 * found, moments.mean, variance)) != rows.AGREES
    spread = moments.mean + 1.2 * (found - moments.mean)
    assert sampling.verdict(sampling.judge(spread, moments.mean, variance)) == rows.SPREAD


def test_the_judge_of_samples_knows_a_variance_of_zero():
    found = np.full((100, 1), 0.025)
    assert sampling.verdict(sampling.judge(found + 1e-3, [0.025], [0.0])) == rows.BIASED


@pytest.mark.parametrize("phi", [-2.0, 0.0, 1.5])
def test_the_mean_of_wrong_signs_is_that_of_samples_with_them(phi):
    """`mistakes.signs_of_conditional_logit` by differentiation along the path, of an integral made otherwise."""
    p = 1 / (1 + np.exp(-phi))
    v = (np.arange(40_000) + 0.5) / 40_000

    def relaxed(p, b):
        inner = v * p + (1 - p) if b else v * (1 - p)
        product = p * (1 + p) * inner * (1 + inner)
        return product / (1 + product)

    def step(b):
        up, down = (1 / (1 + np.exp(-(phi + h))) for h in (1e-5, -1e-5))
        return (TOY(relaxed(up, b)[:, None]) - TOY(relaxed(down, b)[:, None])) / 2e-5

    relaxation = estimators.exact_moments("relaxation", TOY, np.array([phi]), temperature=1.0).mean[0]
    parts = [
        chance * np.mean((TOY(np.array([b])) - TOY(relaxed(p, b)[:, None])) * (b - p) - step(b))
        for b, chance in ((1.0, p), (0.0, 1 - p))
    ]
    assert mistakes.signs_of_conditional_logit(phi) == pytest.approx(relaxation + sum(parts), abs=1e-6)


def test_noise_of_samples_gives_them_back():
    b = np.array([[0.0, 1.0], [1.0, 1.0]])
    found = estimators.straight_through(PAIR, PAIR_LOGITS, noise_of_samples(b))
    np.testing.assert_array_equal(found, PAIR.grad(b))


def test_a_report_holds_every_number():
    pairing = paired(np.array([1.0, 2.0]), lambda: np.array([1.0, 2.0]), [])
    moments = estimators.exact_moments("score_function", TOY, np.array([0.0]))
    numbers = sampling.judge(drawn("score_function", 0.0), moments.mean, np.diag(moments.covariance))
    found = [
        Row("peer", "1", "a", "b", "c", rows.NOISE, pairing.verdict, pairing.numbers),
        Row("peer", "1", "d", "e", "f", rows.SAMPLING, sampling.verdict(numbers), numbers),
        Row("peer", "1", "g", "h", "i", rows.CALL, rows.CRASHES, {"error": "TypeError: | no"}, "why"),
    ]
    content = report.document(found)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert [row["verdict"] for row in content["rows"]] == [rows.AGREES, rows.AGREES, rows.CRASHES]
    assert content["false_alarms"]["numbers"] == 2
    text = report.markdown(content)
    assert "0.025: z =" in text
    assert "TypeError: \\| no" in text
    assert "- g: why." in text
