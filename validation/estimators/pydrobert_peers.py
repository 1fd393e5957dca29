"""pydrobert's REBAR, on the same noise: of the sample, and of the latent given the sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from pydrobert.torch import estimators as peer

from stgref import estimators
from stgref.estimators import categorical
from validation.estimators import rows
from validation.estimators.objectives import ONE, ONE_LOGITS, TOY, Squares
from validation.estimators.rows import Row
from validation.estimators.same_noise import Pairing, paired
from validation.estimators.torch_peers import DTYPES, SAMPLES, SEED, rounded

TEMPERATURE, ETA = 0.5, 0.75
LOGITS = (0.3, -5.0, -10.0, -20.0, 5.0, 10.0, 20.0)

DIGITS = "the latent given the sample is the logit of v' = v p + 1 - p or v (1 - p), and the score b - p: both have the digits of 1"


def rebar(kind: str, f: Callable[[Any], Any], logits: Any, dtype: Any) -> tuple[Any, list[Any]]:
    """pydrobert's estimates, one for each of n copies of the logits; and both draws of uniforms."""
    copies = torch.tensor(logits, dtype=dtype).expand(SAMPLES, *np.shape(logits)).clone().requires_grad_()
    control = peer.REBARControlVariate(f, kind, start_eta=ETA).to(dtype)
    # Its own initial value is rounded to float32.
    control.log_temp.data.fill_(math.log(TEMPERATURE))
    torch.manual_seed(SEED)
    z = peer.to_z(copies, kind)
    b = peer.to_b(z, kind)
    got = peer.relax(f(b), b, copies, z, control, kind).detach().numpy()
    torch.manual_seed(SEED)
    eps = torch.finfo(dtype).eps
    draws = [torch.rand(copies.shape, dtype=dtype).clamp(min=eps, max=1 - eps) for _ in range(2)]
    return got, [u.double().numpy() for u in draws]


def elementwise(objective: Squares, dtype: Any) -> Callable[[Any], Any]:
    """An objective of one variable that keeps its axis, as pydrobert's Bernoulli estimators take it."""
    inner = objective.in_torch(dtype)
    return lambda b: inner(b)[..., None]


def bernoulli(dtype: Any, logit: float) -> Pairing:
    """REBAR for one Bernoulli variable."""
    logits = np.array([logit])
    got, draws = rebar("bern", elementwise(TOY, dtype), logits, dtype)
    noise = [np.log(u) - np.log1p(-u) for u in draws]

    def reference(logits: Any, latent: Any, conditional: Any) -> Any:
        return estimators.rebar(TOY, logits, (latent, conditional), temperature=TEMPERATURE, eta=ETA)

    return paired(got, reference, [rounded(logits, dtype), *noise])


def one_hot(dtype: Any) -> Pairing:
    """REBAR for one categorical variable."""
    f = Squares(ONE.t[0], ONE.weight[0])
    got, draws = rebar("onehot", f.in_torch(dtype), ONE_LOGITS[0], dtype)
    noise = [-np.log(-np.log(u))[:, None, :] for u in draws]

    def reference(logits: Any, latent: Any, conditional: Any) -> Any:
        noise = (latent, conditional)
        return categorical.rebar(ONE, logits, noise, temperature=TEMPERATURE, eta=ETA)

    return paired(got[:, None, :], reference, [rounded(ONE_LOGITS, dtype), *noise])


def found() -> Iterator[Row]:
    """All rows."""
    options = f"(temperature={TEMPERATURE:g}, eta={ETA:g})"
    for dtype in DTYPES:
        name = str(dtype).removeprefix("torch.")
        cases = [(f"{name}, logit {x:g}", f"rebar{options}", bernoulli(dtype, x)) for x in LOGITS]
        cases.append((f"{name}, three categories", f"categorical.rebar{options}", one_hot(dtype)))
        for setting, reference, pairing in cases:
            yield Row(
                "pydrobert-pytorch",
                version("pydrobert-pytorch"),
                "relax with REBARControlVariate",
                reference,
                setting,
                rows.NOISE,
                pairing.verdict,
                pairing.numbers,
                DIGITS,
            )
