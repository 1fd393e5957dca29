"""torch's straight-through and relaxed distributions against stgref, on torch's own noise.

Every function returns a `Pairing` of gradients to the logits, one for each of n samples: torch's by its automatic
differentiation through f, stgref's by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.distributions import OneHotCategoricalStraightThrough, RelaxedBernoulli, RelaxedOneHotCategorical
from torch.nn import functional

from stgref import estimators
from stgref.estimators import categorical
from validation.estimators import rows, torch_draws
from validation.estimators.objectives import (
    CATEGORIES,
    CATEGORIES_LOGITS,
    PAIR,
    PAIR_LOGITS,
    TOY,
    Squares,
)
from validation.estimators.rows import Row
from validation.estimators.same_noise import Pairing, paired

SEED = 20
SAMPLES = 1000
DTYPES = (torch.float32, torch.float64)


def gradients(objective: Squares, logits: Any, dtype: Any, n: int, sample: Callable[[Any], Any]) -> Any:
    """Gradient of f(sample(logits)) to the logits, by autograd, for each of n copies of them; and the samples."""
    copies = torch.tensor(logits, dtype=dtype).expand(n, *np.shape(logits)).clone().requires_grad_()
    torch.manual_seed(SEED)
    points = sample(copies)
    objective.in_torch(dtype)(points).sum().backward()
    return copies.grad.numpy(), points.detach().numpy()


def rounded(logits: Any, dtype: Any) -> Any:
    """Logits as they are in a dtype."""
    return torch.tensor(logits, dtype=dtype).double().numpy()


def straight_through(dtype: Any, n: int = SAMPLES) -> Pairing:
    """`OneHotCategoricalStraightThrough.rsample`: J(p) f'(b) at the same samples."""

    def sample(logits: Any) -> Any:
        return OneHotCategoricalStraightThrough(logits=logits).rsample()

    got, points = gradients(CATEGORIES, CATEGORIES_LOGITS, dtype, n, sample)
    noise = np.where(points > 0.5, 1e3, 0.0)

    def reference(logits: Any) -> Any:
        return categorical.straight_through(CATEGORIES, logits, noise, derivative="sigmoid")

    return paired(got, reference, [rounded(CATEGORIES_LOGITS, dtype)])


def gumbel_softmax(dtype: Any, *, hard: bool, temperature: float = 0.5, n: int = SAMPLES) -> Pairing:
    """`torch.nn.functional.gumbel_softmax` at the same Gumbel noise."""

    def sample(logits: Any) -> Any:
        return functional.gumbel_softmax(logits, tau=temperature, hard=hard)

    got, _ = gradients(CATEGORIES, CATEGORIES_LOGITS, dtype, n, sample)
    noise = torch_draws.gumbel_of_exponential(SEED, (n, *CATEGORIES_LOGITS.shape), dtype)
    estimator = categorical.gumbel_softmax_st if hard else categorical.relaxation

    def reference(logits: Any, noise: Any) -> Any:
        return estimator(CATEGORIES, logits, noise, temperature=temperature)

    return paired(got, reference, [rounded(CATEGORIES_LOGITS, dtype), noise])


def relaxed_one_hot(dtype: Any, temperature: float = 0.5, n: int = SAMPLES) -> Pairing:
    """`RelaxedOneHotCategorical.rsample` at the same Gumbel noise."""

    def sample(logits: Any) -> Any:
        return RelaxedOneHotCategorical(torch.tensor(temperature, dtype=dtype), logits=logits).rsample()

    got, _ = gradients(CATEGORIES, CATEGORIES_LOGITS, dtype, n, sample)
    noise = torch_draws.gumbel(SEED, (n, *CATEGORIES_LOGITS.shape), dtype)

    def reference(logits: Any, noise: Any) -> Any:
        return categorical.relaxation(CATEGORIES, logits, noise, temperature=temperature)

    return paired(got, reference, [rounded(CATEGORIES_LOGITS, dtype), noise])


def relaxed_bernoulli(
    dtype: Any,
    objective: Squares = PAIR,
    logits: Any = PAIR_LOGITS,
    temperature: float = 0.5,
    n: int = SAMPLES,
) -> Pairing:
    """`RelaxedBernoulli.rsample` at the same logistic noise."""

    def sample(logits: Any) -> Any:
        return RelaxedBernoulli(torch.tensor(temperature, dtype=dtype), logits=logits).rsample()

    got, _ = gradients(objective, logits, dtype, n, sample)
    noise = torch_draws.logistic(SEED, (n, *np.shape(logits)), dtype)

    def reference(logits: Any, noise: Any) -> Any:
        return estimators.relaxation(objective, logits, noise, temperature=temperature)

    return paired(got, reference, [rounded(logits, dtype), noise])


def extreme(dtype: Any, logit: float, n: int = SAMPLES) -> tuple[Pairing, Pairing]:
    """`RelaxedBernoulli` at one extreme logit, tau = 1, and stgref in the same dtype, both against float64."""
    peer = relaxed_bernoulli(dtype, TOY, np.array([logit]), 1.0, n)
    noise = torch_draws.logistic(SEED, (n, 1), dtype)
    host = str(dtype).removeprefix("torch.")
    own = estimators.relaxation(TOY, np.array([logit], host), noise.astype(host))
    return peer, Pairing(own, peer.wanted, host)


def enumerated(dtype: Any) -> Pairing:
    """Autograd of the expectation summed over all points, against the closed form of the gradient."""
    logits = torch.tensor(PAIR_LOGITS, dtype=dtype, requires_grad=True)
    theta, total = torch.sigmoid(logits), 0.0
    for x, y in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)):
        b = torch.tensor([x, y], dtype=dtype)
        total = total + (b * theta + (1 - b) * (1 - theta)).prod() * PAIR.in_torch(dtype)(b)
    total.backward()
    reference = estimators.exact_gradient
    return paired(
        logits.grad.numpy(), lambda phi: np.asarray(reference(PAIR, phi)), [rounded(PAIR_LOGITS, dtype)]
    )


COMPARISONS: dict[str, tuple[Callable[[Any], Pairing], str, str]] = {
    "OneHotCategoricalStraightThrough.rsample": (
        straight_through,
        'categorical.straight_through(derivative="sigmoid")',
        rows.SAMPLES,
    ),
    "F.gumbel_softmax(tau=0.5, hard=True)": (
        lambda dtype: gumbel_softmax(dtype, hard=True),
        "categorical.gumbel_softmax_st(temperature=0.5)",
        rows.NOISE,
    ),
    "F.gumbel_softmax(tau=0.5, hard=False)": (
        lambda dtype: gumbel_softmax(dtype, hard=False),
        "categorical.relaxation(temperature=0.5)",
        rows.NOISE,
    ),
    "RelaxedOneHotCategorical(0.5).rsample": (
        relaxed_one_hot,
        "categorical.relaxation(temperature=0.5)",
        rows.NOISE,
    ),
    "RelaxedBernoulli(0.5).rsample": (relaxed_bernoulli, "relaxation(temperature=0.5)", rows.NOISE),
    "autograd of the sum over all points": (enumerated, "exact_gradient", rows.NOISE),
}
"""The subject, and with it the comparison, the reference, and the kind of check."""

EXTREMES = {
    torch.float32: (-17.0, -15.0, -8.0, 4.0, 8.0, 12.0, 15.0, 17.0),
    torch.float64: (-37.0, -30.0, 8.0, 16.0, 24.0, 32.0, 37.0),
}
"""Logits on both sides of where the probability or its complement falls below eps."""

CLAMP = "the logits pass through probabilities: 1 - p has the digits of 1, and p is clamped to [eps, 1 - eps], which has no gradient"


SATURATION = "where a sample is saturated, autograd takes 1 - y from the rounded y, and its digits are lost"


def row(subject: str, reference: str, setting: str, check: str, pairing: Pairing, cause: str) -> Row:
    """One comparison as a row."""
    return Row(
        "torch",
        torch.__version__,
        subject,
        reference,
        setting,
        check,
        pairing.verdict,
        pairing.numbers,
        cause,
    )


def found() -> Iterator[Row]:
    """All rows."""
    for dtype in DTYPES:
        name = str(dtype).removeprefix("torch.")
        for subject, (compare, reference, check) in COMPARISONS.items():
            yield row(subject, reference, name, check, compare(dtype), SATURATION)
        for logit in EXTREMES[dtype]:
            peer, own = extreme(dtype, logit)
            one = row(
                "RelaxedBernoulli(1).rsample",
                "relaxation",
                f"{name}, logit {logit:g}",
                rows.NOISE,
                peer,
                CLAMP,
            )
            if dtype is torch.float32:
                one.numbers.update({f"stgref_{k}": own.numbers[k] for k in ("tolerances", "relative")})
            yield one
