"""storchastic's estimators: same samples where it says which, and its own samples against the exact moments.

Estimates are made a batch at a time: a batch of copies of the logits, each with its own sample, so that the gradient to each
copy is one estimate (divided by the size of the batch, since storchastic averages its costs).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import storch
import torch
from storch import method as methods
from torch.distributions import Bernoulli, OneHotCategorical

from stgref import estimators
from stgref.estimators import categorical
from validation.estimators import mistakes, rows, sampling
from validation.estimators.objectives import (
    CATEGORIES,
    CATEGORIES_LOGITS,
    ONE,
    ONE_LOGITS,
    PAIR,
    PAIR_LOGITS,
    TOY,
    Squares,
)
from validation.estimators.rows import Row
from validation.estimators.same_noise import noise_of_samples, paired

SEED, BATCH, BATCHES = 20, 50_000, 6
VERSION = version("storchastic")

Law = Callable[[Any], Any]


class Peer(NamedTuple):
    """One estimator of storchastic, and what it should be."""

    subject: str
    method: Callable[[Squares], Any]
    reference: str
    options: dict[str, Any]
    cause: str = ""
    mean_if: Callable[[float], float] | None = None


def bernoulli(logits: Any) -> Any:
    """Independent Bernoulli variables."""
    return Bernoulli(logits=logits)


def one_hot(logits: Any) -> Any:
    """Independent categorical variables, by their logits."""
    return OneHotCategorical(logits=logits)


def one_hot_of_probs(logits: Any) -> Any:
    """Independent categorical variables, by their probabilities."""
    return OneHotCategorical(probs=logits.softmax(-1))


def backward(method: Any, law: Law, objective: Squares, logits: Any) -> Any:
    """One pass of storchastic; returns its samples."""
    try:
        samples = method(law(logits))
        storch.add_cost(objective.in_torch(torch.float32)(samples), "cost")
        storch.backward()
    finally:
        storch.reset()
    return samples._tensor.detach().numpy()  # noqa: SLF001 (there is no other way to the values)


def batch(peer: Peer, law: Law, objective: Squares, logits: Any) -> Any:
    """One batch of estimates."""
    copies = torch.tensor(logits, dtype=torch.float32).expand(BATCH, *np.shape(logits)).clone()
    copies.requires_grad_()
    backward(peer.method(objective), law, objective, storch.denote_independent(copies, 0, "batch"))
    return BATCH * copies.grad.detach().double().numpy()


def estimates(peer: Peer, law: Law, objective: Squares, logits: Any) -> Any:
    """All batches."""
    torch.manual_seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.concatenate([batch(peer, law, objective, logits) for _ in range(BATCHES)])


class Problem(NamedTuple):
    """An objective, the logits of Bernoulli variables, and the law that storchastic is given."""

    setting: str
    objective: Any
    logits: Any
    law: Law = bernoulli

    @property
    def family(self) -> Any:
        """stgref's estimators for that law."""
        return estimators if self.law is bernoulli else categorical


SIGNS = (
    "the latent given a Bernoulli sample has log p + log(1 + p) + log v + log(1 + v) where its logits are "
    "log p - log(1 - p) + log v - log(1 - v)"
)
OWN_COST = "the average has taken in the current cost when it is subtracted, so that every estimate is the right one times the decay"
ROUNDING = 1e-5
"""Relative error of float32 estimates."""

RELAXED = estimators.Relaxed(TOY, 1.0, 1.0)


def gumbel_softmax(*, straight_through: bool) -> Callable[[Squares], Any]:
    """storchastic's Gumbel-softmax, at its own temperature of 1."""
    return lambda _: methods.GumbelSoftmax("z", straight_through=straight_through)


def rloo(k: int) -> Callable[[Squares], Any]:
    """Score function with the mean of the other samples as its baseline."""
    return lambda _: methods.ScoreFunction("z", n_samples=k, baseline_factory="batch_average")


def relax(objective: Squares) -> Any:
    """RELAX whose control variate is f of the relaxed sample: REBAR."""
    return methods.RELAX("z", c_phi=objective.in_torch(torch.float32))


PLAIN = (
    Peer("ScoreFunction", lambda _: methods.ScoreFunction("z"), "score_function", {}),
    Peer("ScoreFunction, batch_average, 2 samples", rloo(2), "rloo", {"k": 2}),
    Peer("ScoreFunction, batch_average, 4 samples", rloo(4), "rloo", {"k": 4}),
    Peer("ARM", lambda _: methods.ARM("z"), "arm", {}),
    Peer("GumbelSoftmax", gumbel_softmax(straight_through=False), "relaxation", {"temperature": 1.0}),
    Peer(
        "GumbelSoftmax(straight_through=True)",
        gumbel_softmax(straight_through=True),
        "gumbel_softmax_st",
        {"temperature": 1.0},
    ),
)
RELAXING = (
    Peer(
        "REBAR, which is RELAX(rebar=True)",
        lambda _: methods.REBAR("z"),
        "rebar",
        {"temperature": 1.0, "eta": 1.0},
        SIGNS,
        mistakes.signs_of_conditional_logit,
    ),
    Peer(
        "RELAX, c = f of the relaxed sample",
        relax,
        "relax",
        {"control_variate": RELAXED},
        SIGNS,
        mistakes.signs_of_conditional_logit,
    ),
)


def sampled(peer: Peer, problem: Problem) -> Row:
    """The row of an estimator by sampling."""
    moments = problem.family.exact_moments(peer.reference, problem.objective, problem.logits, **peer.options)
    variance = np.diag(moments.covariance.reshape((moments.mean.size,) * 2)).reshape(moments.mean.shape)
    found = estimates(peer, problem.law, problem.objective, problem.logits)
    numbers = sampling.judge(found, moments.mean, variance)
    if peer.mean_if is not None and problem.objective is TOY:
        numbers.update(sampling.explained(found, peer.mean_if(float(problem.logits[0]))))
    shown = {k: "..." if k == "control_variate" else f"{v:g}" for k, v in peer.options.items()}
    options = ", ".join(f"{k}={v}" for k, v in shown.items())
    family = "" if problem.law is bernoulli else "categorical."
    return Row(
        "storchastic",
        VERSION,
        peer.subject,
        f"{family}{peer.reference}({options})" if options else f"{family}{peer.reference}",
        problem.setting,
        rows.SAMPLING,
        sampling.verdict(numbers),
        numbers,
        peer.cause,
    )


def crash(subject: str, reference: str, setting: str, cause: str, call: Callable[[], Any]) -> Row:
    """The row of a call that is suspected to raise."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 (whatever it raises is the finding)
        verdict, numbers = rows.CRASHES, {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    else:
        verdict, numbers = rows.AGREES, {}
    return Row("storchastic", VERSION, subject, reference, setting, rows.CALL, verdict, numbers, cause)


def moving_average(decay: float, phi: float = 1.5, steps: int = 400) -> Row:
    """The moving-average baseline, one sample a step: every estimate against the right one at the same samples."""
    torch.manual_seed(SEED)
    method = methods.ScoreFunction("z", baseline_factory="moving_average", exponential_decay=decay)
    samples, found = [], []
    for _ in range(steps):
        logits = torch.tensor([phi], requires_grad=True)
        samples.append(backward(method, bernoulli, TOY, logits))
        found.append(logits.grad.detach().numpy())
    noise = noise_of_samples(np.stack(samples))

    def right() -> Any:
        options = {"baseline": "moving_average", "decay": float(np.float32(decay))}
        return estimators.score_function(TOY, np.array([phi]), noise, **options)

    pairing = paired(np.stack(found), right, [])
    wanted = pairing.wanted.value
    numbers = {
        **pairing.numbers,
        "ratio": np.median(pairing.got / wanted),
        "relative_if": np.max(np.abs(pairing.got - decay * wanted)) / np.max(np.abs(wanted)),
    }
    wrong = pairing.verdict not in (rows.AGREES, rows.NORM)
    return Row(
        "storchastic",
        VERSION,
        f"ScoreFunction, moving_average, exponential_decay={decay:g}",
        f'score_function(baseline="moving_average", decay={decay:g})',
        f"toy, logit {phi:g}, {steps} steps",
        rows.SAMPLES,
        rows.BIASED if wrong and numbers["relative_if"] < ROUNDING else pairing.verdict,
        numbers,
        OWN_COST,
    )


class Floats(Squares):
    """An objective that makes floats of its points."""

    def in_torch(self, dtype: Any) -> Callable[[Any], Any]:
        """The function of torch tensors."""
        inner = super().in_torch(dtype)
        return lambda b: inner(b.float())


def disarm_call() -> Any:
    """DisARM as documented."""
    return backward(methods.DisARM("z"), bernoulli, TOY, torch.zeros(1, requires_grad=True))


def disarm(phi: float, pairs: int = 1000, repeats: int = 200) -> Row:
    """DisARM with an objective that makes floats of its boolean samples; the means of many pairs."""
    torch.manual_seed(SEED)
    found = []
    for _ in range(repeats):
        logits = torch.tensor([phi], requires_grad=True)
        backward(methods.DisARM("z", n_samples=pairs), bernoulli, Floats(TOY.t), logits)
        found.append(logits.grad.detach().numpy())
    moments = estimators.exact_moments("disarm", TOY, np.array([phi]))
    numbers = sampling.judge(np.stack(found), moments.mean, np.diag(moments.covariance), averaged=pairs)
    # Of one variable f(b) + f(b~) is the same whenever b and b~ differ, and the sign before it is a fair coin's.
    numbers.update(sampling.explained(np.stack(found), np.zeros(1)))
    cause = "the two values are added, not subtracted, and the sum is halved once more by the mean over both samples"
    return Row(
        "storchastic",
        VERSION,
        "DisARM, samples made floats",
        "disarm",
        f"toy, logit {phi:g}",
        rows.SAMPLING,
        sampling.verdict(numbers),
        numbers,
        cause,
    )


def crashes() -> Iterator[Row]:
    """Calls that raise."""
    yield crash("DisARM", "disarm", "toy, logit 0", "its samples are booleans", disarm_call)
    by_logits = (
        "by logits, D = 1",
        one_hot,
        ONE,
        ONE_LOGITS,
        "it looks up a gradient to `probs`, also where the law is made by logits",
    )
    no_axis = (
        "by probs, no axis of variables",
        one_hot_of_probs,
        Squares(ONE.t[0]),
        ONE_LOGITS[0],
        "it sums over no axes, which sums over all",
    )
    for setting, law, objective, logits, cause in (by_logits, no_axis):

        def call(law: Law = law, objective: Squares = objective, logits: Any = logits) -> Any:
            leaf = torch.tensor(logits, dtype=torch.float32, requires_grad=True)
            return backward(methods.REBAR("z"), law, objective, leaf)

        yield crash("REBAR on OneHotCategorical", "categorical.rebar", setting, cause, call)


def found() -> Iterator[Row]:
    """All rows."""
    for phi in (0.0, 1.5):
        for peer in (*PLAIN, *RELAXING):
            yield sampled(peer, Problem(f"toy, logit {phi:g}", TOY, np.array([phi])))
    for peer in PLAIN:
        yield sampled(peer, Problem("pair, D = 2", PAIR, PAIR_LOGITS))
    one = Problem("three categories by probs, D = 1", ONE, ONE_LOGITS, one_hot_of_probs)
    both = Problem("three categories by logits, D = 2", CATEGORIES, CATEGORIES_LOGITS, one_hot)
    for peer in (*PLAIN, RELAXING[0]):
        if peer.reference != "arm":
            yield sampled(peer, one)
        if peer.reference in ("score_function", "rloo", "gumbel_softmax_st"):
            yield sampled(peer, both)
    for decay in (0.95, 0.5):
        yield moving_average(decay)
    yield from crashes()
    for phi in (0.0, 1.5):
        yield disarm(phi)
