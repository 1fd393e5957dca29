r"""Values of each variable's noise, with their probabilities, on which estimates are summed exactly.

In a cell of noise where the estimate is constant, any one value stands for all. `latents` integrates over the latent
:math:`z = \phi + \text{noise}` on both sides of 0: given b it is a smooth function of a standard logistic l,
:math:`z = \operatorname{softplus}(l + \operatorname{softplus}(\phi))` for b = 1, and the trapezoidal rule gives its
integrals to the last digits. Whatever the temperature, an integrand made of :math:`\sigma(z / \text{temperature})` is
analytic in the strip :math:`|\operatorname{Im} l| < \pi / 2`: at its poles z is imaginary, :math:`z = i c`, and
:math:`e^{l + \operatorname{softplus}(\phi)} = e^{i c} - 1` has a real part of at most 0. So the error of step h is of
the order of :math:`(2 \pi / h)^{p - 1} \exp(-\pi^2 / h) / (p - 1)!` for poles of order p. The rule reaches over the threshold
z = 0, at :math:`l = -s = -\operatorname{softplus}(\phi)`: there an estimate may be large, however rare such latents are.

Between l = 0 and a far threshold the integrand is made of exponentials, and needs few nodes. The rule is uniform in t,

.. math:: l = t - A\, \sigma(-(t + T) / w), \quad A = \max(0, s - 2 T),

so that l is t near 0, and t - A near the threshold. Between them l runs fast, and its imaginary part far; but all poles
have the real part of one of the ends.

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

TURN, WIDTH = 44.0, 4.0
"""T and w: a threshold further away than 2 T is brought there, in a step that ends within T: exp(-44 / 4) = 2e-5."""


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


def pattern_count(*, k: int, **_: Any) -> int:
    """How many patterns of k samples there are."""
    return 1 << k


def signs(xp: Namespace, like: Array, k: int) -> Array:
    """All patterns of k signs (2^k, k), as numbers in the dtype and on the device of ``like``."""
    return xp.asarray(np.asarray(sign_table(k)), dtype=like.dtype, device=ns.device_of([like]))


def sign_table(k: int) -> list[tuple[float, ...]]:
    """All patterns of k signs, the last changing first."""
    return list(itertools.product((-1.0, 1.0), repeat=k))


def logistic_nodes(xp: Namespace, s: Array, shift: float = 0.0) -> tuple[Array, Array]:
    """Values of a standard logistic variable that reach beyond -s, for each of ``s`` (D,), and weights: (D, N).

    The nodes are moved by the part ``shift`` of a step.
    """
    furthest = xp.max(s)
    further = min(float(furthest), 2.0 * TURN) if ns.has_values(furthest) else 2.0 * TURN
    table = STEP * (np.arange(-math.ceil((REACH + further) / STEP), NODES // 2 + 1.0) + shift)
    t = xp.asarray(table, dtype=s.dtype, device=ns.device_of([s]))
    past, a = -(t + TURN) / WIDTH, xp.clip(s - 2.0 * TURN, 0.0, None)[:, None]
    l = t - a * sigmoid.expit(xp, past)
    slope = 1.0 + a / WIDTH * sigmoid.grad_expit(xp, past).x
    return l, STEP * slope * sigmoid.grad_expit(xp, l).x


def latents(xp: Namespace, logits: Array, shift: float) -> Rule:
    """Latents on both sides of the threshold, (D, N), for estimates that vary smoothly on each."""
    sides = [given_sample(xp, logits, xp.full_like(logits, b), shift) for b in (0.0, 1.0)]
    chance = [sigmoid.expit(xp, -logits), sigmoid.expit(xp, logits)]
    weights = [c[:, None] * side.weights for c, side in zip(chance, sides, strict=True)]
    return Rule([xp.concat([side.noise[0] for side in sides], axis=-1)], xp.concat(weights, axis=-1))


def given_sample(xp: Namespace, logits: Array, b: Array, shift: float = 0.0) -> Rule:
    """The latents given the sample b (D,), and their weights, (D, N)."""
    sign = 2.0 * b - 1.0
    l, weights = logistic_nodes(xp, sigmoid.softplus(xp, sign * logits), shift)
    z = bernoulli.conditional_latent.kernel(xp, sign[:, None] * l, b[:, None], logits[:, None])
    return Rule([z], weights)
