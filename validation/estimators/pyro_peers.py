"""Pyro's straight-through distributions, and the moving-average baseline of its `TraceGraph_ELBO`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyro
import torch
from pyro import distributions as dist

from stgref import estimators
from stgref.estimators import categorical
from validation.estimators import rows, torch_draws
from validation.estimators.objectives import CATEGORIES, CATEGORIES_LOGITS, PAIR, PAIR_LOGITS, TOY
from validation.estimators.rows import Row
from validation.estimators.same_noise import Pairing, noise_of_samples, paired
from validation.estimators.torch_peers import (
    DTYPES,
    SAMPLES,
    SATURATION,
    SEED,
    gradients,
    rounded,
)

CLAMPED = f"{SATURATION}; what is clamped to [eps, 1 - eps] has no gradient at all"
TEMPERATURES = (0.5, 0.1)
BETA, STEPS, CHAINS, LOGIT = 0.9, 40, 1000, 0.75


def relaxed_bernoulli(dtype: Any, temperature: float) -> Pairing:
    """`RelaxedBernoulliStraightThrough.rsample` at the same logistic noise."""

    def sample(logits: Any) -> Any:
        tau = torch.tensor(temperature, dtype=dtype)
        return dist.RelaxedBernoulliStraightThrough(tau, logits=logits).rsample()

    got, _ = gradients(PAIR, PAIR_LOGITS, dtype, SAMPLES, sample)
    noise = torch_draws.logistic(SEED, (SAMPLES, *PAIR_LOGITS.shape), dtype)

    def reference(logits: Any, noise: Any) -> Any:
        return estimators.gumbel_softmax_st(PAIR, logits, noise, temperature=temperature)

    return paired(got, reference, [rounded(PAIR_LOGITS, dtype), noise])


def relaxed_one_hot(dtype: Any, temperature: float) -> Pairing:
    """`RelaxedOneHotCategoricalStraightThrough.rsample` at the same Gumbel noise."""

    def sample(logits: Any) -> Any:
        tau = torch.tensor(temperature, dtype=dtype)
        return dist.RelaxedOneHotCategoricalStraightThrough(tau, logits=logits).rsample()

    got, _ = gradients(CATEGORIES, CATEGORIES_LOGITS, dtype, SAMPLES, sample)
    noise = torch_draws.gumbel(SEED, (SAMPLES, *CATEGORIES_LOGITS.shape), dtype)

    def reference(logits: Any, noise: Any) -> Any:
        return categorical.gumbel_softmax_st(CATEGORIES, logits, noise, temperature=temperature)

    return paired(got, reference, [rounded(CATEGORIES_LOGITS, dtype), noise])


def baseline() -> Pairing:
    """`TraceGraph_ELBO` with ``use_decaying_avg_baseline``: independent chains of steps, at the same samples.

    With p(b) = 1/2 and a factor exp(-f), the cost of a sample is f(b) + log q(b) - log(1/2), q held fixed.
    """
    pyro.clear_param_store()
    pyro.set_rng_seed(SEED)
    logits = torch.full((CHAINS,), LOGIT, dtype=torch.float64, requires_grad=True)
    options = {"use_decaying_avg_baseline": True, "baseline_beta": BETA}
    samples, found = [], []

    def model() -> None:
        with pyro.plate("chains", CHAINS):
            b = pyro.sample("b", dist.Bernoulli(torch.tensor(0.5, dtype=torch.float64)))
            pyro.factor("f", -TOY.in_torch(torch.float64)(b[:, None]))

    def guide() -> None:
        with pyro.plate("chains", CHAINS):
            samples.append(pyro.sample("b", dist.Bernoulli(logits=logits), infer={"baseline": options}))

    elbo = pyro.infer.TraceGraph_ELBO()
    for _ in range(STEPS):
        logits.grad = None
        elbo.loss_and_grads(model, guide)
        found.append(logits.grad.clone().numpy())
    noise = noise_of_samples(np.asarray([np.asarray(b.detach()) for b in samples]))

    def cost(b: Any) -> Any:
        return TOY(b) + (b[..., 0] * LOGIT - np.logaddexp(0.0, LOGIT)) + np.log(2.0)

    def chain(noise: Any) -> Any:
        return estimators.score_function(
            cost, np.array([LOGIT]), noise[:, None], baseline="moving_average", decay=BETA
        )[:, 0]

    return paired(np.stack(found), lambda: np.stack([chain(c) for c in noise.T], axis=1), [])


def found() -> Iterator[Row]:
    """All rows."""

    def row(
        subject: str, reference: str, setting: str, check: str, pairing: Pairing, cause: str = CLAMPED
    ) -> Row:
        numbers = pairing.numbers
        return Row(
            "pyro",
            pyro.__version__,
            subject,
            reference,
            setting,
            check,
            pairing.verdict,
            numbers,
            cause,
        )

    for dtype in DTYPES:
        name = str(dtype).removeprefix("torch.")
        for tau in TEMPERATURES:
            for kind, compare, family in (
                ("Bernoulli", relaxed_bernoulli, ""),
                ("OneHotCategorical", relaxed_one_hot, "categorical."),
            ):
                subject = f"Relaxed{kind}StraightThrough({tau:g}).rsample"
                reference = f"{family}gumbel_softmax_st(temperature={tau:g})"
                yield row(subject, reference, name, rows.NOISE, compare(dtype, tau))
    yield row(
        "TraceGraph_ELBO, decaying average baseline",
        f'score_function(baseline="moving_average", decay={BETA:g})',
        f"float64, {CHAINS} chains of {STEPS} steps",
        rows.SAMPLES,
        baseline(),
        "f less a baseline of nearly its value",
    )
