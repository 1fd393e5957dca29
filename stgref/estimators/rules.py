r"""Values of each variable's noise, with their probabilities, on which estimates are summed exactly.

In a cell of noise where the estimate is constant, any one value stands for all. `latents` integrates over the latent
:math:`z = \phi + \text{noise}` on both sides of 0: given b it is a smooth function of a standard logistic l,
:math:`z = \operatorname{softplus}(l + \operatorname{softplus}(\phi))` for b = 1, and the trapezoidal rule gives its
integrals to the last digits. Whatever the temperature, an integrand made of :math:`\sigma(z / \text{temperature})` is
analytic in the strip :math:`|\operatorname{Im} l| < \pi / 2`: at its poles z is imaginary, :math:`z = i c`, and
:math:`e^{l + \operatorname{softplus}(\phi)} = e^{i c} - 1` has a real part of at most 0. So the error of step h is of
the order of :math:`(2 \pi / h)^{p - 1} \exp(-\pi^2 / h) / (p - 1)!` for poles of order p. The rule reaches over the threshold
z = 0, at :math:`l = -\operatorname{softplus}(\phi)`: there an estimate may be large, however rare such latents are.

References
----------
L. N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56, 2014, theorem 5.1.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from stgref.estimators.exact import Rule
from stgref.laws import bernoulli
from stgref.numerics import namespace as ns
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace

STEP, REACH = 0.2, 40.0
"""Step and range of the trapezoidal rule: exp(-pi^2 / 0.2) = 4e-22, exp(-40) = 4e-18."""

NODES = 2 * round(REACH / STEP) + 1

DEEPEST, DEEP = 745.0, 64.0
"""How far the rule follows the threshold into the tail, for one variable and for more: exp(-745) is the least number."""


def cells(xp: Namespace, thresholds: list[Array], widths: list[Array]) -> Rule:
    """One value of logistic noise in each cell between ascending ``thresholds`` (D,), ``widths`` (D,) apart."""
    between = list(zip(thresholds[:-1], thresholds[1:], widths, strict=True))
    noise = [thresholds[0] - 1.0, *(0.5 * (a + b) for a, b, _ in between), thresholds[-1] + 1.0]
    inner = [sigmoid.interval(xp, a, b, width) for a, b, width in between]
    weights = [sigmoid.expit(xp, thresholds[0]), *inner, sigmoid.expit(xp, -thresholds[-1])]
    return Rule([xp.stack(noise, axis=-1)], xp.stack(weights, axis=-1))


def samples(xp: Namespace, logits: Array, **_: Any) -> Rule:
    """One value for each sample b = 0, 1."""
    return cells(xp, [-logits], [])


def patterns(xp: Namespace, logits: Array, *, k: int, **_: Any) -> Rule:
    """One value for each pattern of k independent samples: (D, 2^k, k)."""
    sign = signs(xp, logits, k)
    weights = xp.prod(sigmoid.expit(xp, sign * logits[:, None, None]), axis=-1)
    return Rule([sign - logits[:, None, None]], weights)


def signs(xp: Namespace, like: Array, k: int) -> Array:
    """All patterns of k signs (2^k, k), as numbers in the dtype and on the device of ``like``."""
    return xp.asarray(np.asarray(sign_table(k)), dtype=like.dtype, device=ns.device_of([like]))


def sign_table(k: int) -> list[tuple[float, ...]]:
    """All patterns of k signs, the last changing first."""
    return list(itertools.product((-1.0, 1.0), repeat=k))


def logistic_nodes(xp: Namespace, like: Array, further: float = 0.0) -> tuple[Array, Array]:
    """Nodes and weights (N,) of the trapezoidal rule for a standard logistic variable, ``further`` to the left."""
    table = STEP * np.arange(-math.ceil((REACH + further) / STEP), NODES // 2 + 1.0)
    l = xp.asarray(table, dtype=like.dtype, device=ns.device_of([like]))
    return l, STEP * sigmoid.grad_expit(xp, l).x


def latents(xp: Namespace, logits: Array) -> Rule:
    """Latents on both sides of the threshold, (D, N), for estimates that vary smoothly on each."""
    sides = [given_sample(xp, logits, xp.full_like(logits, b)) for b in (0.0, 1.0)]
    chance = [sigmoid.expit(xp, -logits), sigmoid.expit(xp, logits)]
    weights = [c[:, None] * side.weights for c, side in zip(chance, sides, strict=True)]
    return Rule([xp.concat([side.noise[0] for side in sides], axis=-1)], xp.concat(weights, axis=-1))


def given_sample(xp: Namespace, logits: Array, b: Array, deepest: float | None = None) -> Rule:
    """The latents given the sample b (D,), and their weights, (D, N)."""
    sign = 2.0 * b - 1.0
    limit = deepest or (DEEPEST if logits.shape[0] == 1 else DEEP)
    depth = xp.max(sigmoid.softplus(xp, sign * logits))
    l, weights = logistic_nodes(xp, logits, limit if ns.is_lazy(depth) else min(float(depth), limit))
    z = bernoulli.conditional_latent.kernel(xp, sign[:, None] * l, b[:, None], logits[:, None])
    return Rule([z], weights + xp.zeros_like(z))
