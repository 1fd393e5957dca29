"""relaxit's Bernoulli estimators on the same samples, and its decoupled Gumbel-softmax on the same noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from relaxit.distributions import (
    DecoupledStraightThroughGumbelSoftmax,
    StochasticTimesSmooth,
    StraightThroughBernoulli,
)

from stgref import estimators
from stgref.estimators import categorical
from validation.estimators import rows
from validation.estimators.objectives import CATEGORIES, CATEGORIES_LOGITS, PAIR, PAIR_LOGITS
from validation.estimators.rows import Row
from validation.estimators.same_noise import Pairing, noise_of_samples, paired
from validation.estimators.torch_peers import DTYPES, SAMPLES, SATURATION, SEED, gradients, rounded


def same_samples(dtype: Any, law: Any, reference: Callable[[Any, Any], Any]) -> Pairing:
    """A distribution's gradient to the logits, and the reference's at the noise of the same samples."""
    got, points = gradients(
        PAIR, PAIR_LOGITS, dtype, SAMPLES, lambda logits: law(logits=logits, validate_args=False).rsample()
    )
    noise = noise_of_samples(2.0 * points)
    return paired(got, lambda logits: reference(logits, noise), [rounded(PAIR_LOGITS, dtype)])


def straight_through(logits: Any, noise: Any) -> Any:
    """stgref's, with the sigmoid's derivative."""
    return estimators.straight_through(PAIR, logits, noise, derivative="sigmoid")


def sts(logits: Any, noise: Any) -> Any:
    """stgref's stochastic times smooth unit."""
    return estimators.sts(PAIR, logits, (noise,))


def decoupled(dtype: Any, forward: float, backward: float) -> Pairing:
    """`DecoupledStraightThroughGumbelSoftmax` against the estimator of its backward temperature alone."""

    def sample(logits: Any) -> Any:
        return DecoupledStraightThroughGumbelSoftmax(forward, backward, logits=logits).rsample()

    got, _ = gradients(CATEGORIES, CATEGORIES_LOGITS, dtype, SAMPLES, sample)
    torch.manual_seed(SEED)
    u = torch.rand((SAMPLES, *CATEGORIES_LOGITS.shape), dtype=dtype).double().numpy()

    def reference(logits: Any, noise: Any) -> Any:
        return categorical.gumbel_softmax_st(CATEGORIES, logits, noise, temperature=backward)

    return paired(got, reference, [rounded(CATEGORIES_LOGITS, dtype), -np.log(-np.log(u))])


def found() -> Iterator[Row]:
    """All rows."""
    for dtype in DTYPES:
        name = str(dtype).removeprefix("torch.")
        cases = [
            (
                "StraightThroughBernoulli",
                'straight_through(derivative="sigmoid")',
                rows.SAMPLES,
                same_samples(dtype, StraightThroughBernoulli, straight_through),
            ),
            ("StochasticTimesSmooth", "sts", rows.SAMPLES, same_samples(dtype, StochasticTimesSmooth, sts)),
        ]
        for forward in (0.1, 10.0):
            subject = f"DecoupledStraightThroughGumbelSoftmax({forward:g}, 1)"
            reference = "categorical.gumbel_softmax_st(temperature=1)"
            cases.append((subject, reference, rows.NOISE, decoupled(dtype, forward, 1.0)))
        for subject, reference, check, pairing in cases:
            yield Row(
                "relaxit",
                version("relaxit"),
                subject,
                reference,
                name,
                check,
                pairing.verdict,
                pairing.numbers,
                SATURATION,
            )
