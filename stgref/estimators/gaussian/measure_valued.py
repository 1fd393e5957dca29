"""The measure-valued estimator of Gaussian gradients."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import LIMIT, agreed, quadrature
from stgref.estimators.gaussian import draws, nodes
from stgref.estimators.gaussian.family import GAUSSIAN, SOURCE, Gradients, sample
from stgref.estimators.measure_valued import each
from stgref.estimators.options import choice
from stgref.estimators.problem import Problem
from stgref.numerics import gauss
from stgref.numerics import noise as standard
from stgref.numerics.comoments import Comoments
from stgref.numerics.gauss import INV_SQRT_2PI
from stgref.numerics.namespace import Array, Namespace

Coupling = Annotated[
    str,
    choice(
        "Whether both parts of a weak derivative are made of the same noise, or of independent noise.",
        "coupled",
        "independent",
    ),
]


class MeasureValuedNoise(NamedTuple):
    """Noise of `measure_valued`: of the sample, and of the coordinate that is replaced.

    The last two are those of the second parts when these are independent of the first, and else not looked at.
    """

    sample: Array
    weibull: Array
    maxwell: Array
    uniform: Array
    other_weibull: Array
    other_normal: Array


WEIBULL = "Weibull(2, sqrt 2)"

NOISE = Noise(
    Field("n D", standard.normal, "standard normal"),
    Field("n D", draws.rayleigh, WEIBULL),
    Field("n D", draws.maxwell, "double-sided Maxwell"),
    Field("n D", standard.uniform, "uniform"),
    Field("n D", draws.rayleigh, WEIBULL),
    Field("n D", standard.normal, "standard normal"),
    container=MeasureValuedNoise,
)


STEPS = {1: 1.0, 2: 1 / 32}
"""Step of the quadrature over the samples of the other variables, for one and two variables."""

NODES = {1: 240, 2: 160}
COARSEST = 96
"""Nodes of the quadrature over the variable that is replaced, on either side of its mean."""

FEWER = 10
"""How many fewer of these nodes there are where the others are moved by half a step."""

_BLOCK = 2**18


class Conditional(NamedTuple):
    """Mean and variance of one coordinate's estimates, given the other coordinates of the sample."""

    mean: Array
    variance: Array


def _of(weights: Array, values: Array) -> Conditional:
    mean = values @ weights
    return Conditional(mean, ((values - mean[:, None]) ** 2) @ weights)


def _apart(first: Conditional, second: Conditional) -> Conditional:
    """Of the difference of independent parts."""
    return Conditional(first.mean - second.mean, first.variance + second.variance)


def _differences(
    xp: Namespace, half: nodes.HalfLine, right: Array, left: Array, coupling: str
) -> tuple[Conditional, Conditional]:
    r"""Of the differences f - f of the estimates to mu and std, of values of f (rows, n) on both sides of the mean.

    Coupled, M and N = M U have the density :math:`|m| \phi(m)` on :math:`|n| < |m|`, of one sign, so that with the
    integral F from 0, :math:`\int_0^m (f(m) - f(n))^2 dn = m f(m)^2 - 2 f(m) F[f](m) + F[f^2](m)`.
    """
    w = half.values
    normal = half.weights * gauss.density(xp, w)
    weibull = half.weights * w * xp.exp(-0.5 * w * w)
    maxwell = w * w * normal
    if coupling == "independent":
        whole, both = (
            xp.concat([right, left], axis=1),
            (xp.concat([part, part]) for part in (maxwell, normal)),
        )
        by_mu = _apart(_of(weibull, right), _of(weibull, left))
        return by_mu, _apart(*(_of(weights, whole) for weights in both))
    # Differences to one value: an offset of f, however large, does not cost digits.
    sides = [values - right[:, :1] for values in (right, left)]
    mean = sum(values @ (maxwell - normal) for values in sides)
    along = xp.matrix_transpose(half.integrals)
    squares = [w * v * v - 2.0 * v * (v @ along) + (v * v) @ along for v in sides]
    return _of(weibull, right - left), Conditional(mean, sum(s @ (w * normal) for s in squares) - mean * mean)


@quadrature
def _moments(bound: Bound) -> Comoments:
    """Given the sample, estimates of different coordinates and of mu and std are independent.

    So their covariance is that of the conditional means, and their variance also has the mean of the conditional
    variances. Those of coordinate i are tables over the nodes of the others, with a single entry on axis i.
    """
    _check_cost(bound)
    return agreed(bound, lambda shift: _shifted(bound, shift), nodes.rounding(bound))


def _shifted(bound: Bound, shift: float) -> Comoments:
    xp, (_, std) = bound.xp, bound.parameters
    count = std.shape[0]
    e = nodes.normal(xp, std, STEPS.get(count, nodes.WIDEST), shift)
    half = nodes.half_line(xp, std, NODES.get(count, COARSEST) - (FEWER if shift else 0))
    pairs = [_given_others(bound, i, e.values, half) for i in range(count)]
    parts = [pair[k] for k in (0, 1) for pair in pairs]
    scale = xp.concat([INV_SQRT_2PI / std, 1.0 / std])
    centre = xp.stack([_expected(xp, part.mean, e.weights) for part in parts])
    apart = [part.mean - centre[a] for a, part in enumerate(parts)]
    rows = [xp.stack([_expected(xp, a * b, e.weights) for b in apart]) for a in apart]
    within = xp.stack([_expected(xp, part.variance, e.weights) for part in parts])
    own = xp.eye(2 * count, dtype=std.dtype, device=bound.device)
    return Comoments(
        xp.ones_like(scale[0]), scale * centre, scale[:, None] * (xp.stack(rows) + own * within) * scale
    )


def _given_others(
    bound: Bound, i: int, values: Array, half: nodes.HalfLine
) -> tuple[Conditional, Conditional]:
    """Of the differences of coordinate i, at all combinations of ``values`` (m,) of the others' noise."""
    xp, f, (mu, std), m = bound.xp, bound.f, bound.parameters, values.shape[0]
    count, ends = mu.shape[0], xp.concat([half.values, -half.values])
    total, size, found = m ** (count - 1), half.values.shape[0], []
    for start in range(0, total, max(1, _BLOCK // (2 * size))):
        flat = np.arange(start, min(start + max(1, _BLOCK // (2 * size)), total))
        index = np.unravel_index(flat, tuple(1 if j == i else m for j in range(count)))
        zero = xp.zeros((flat.size, 2 * size), dtype=mu.dtype, device=bound.device)
        noise = [xp.take(values, xp.asarray(k, device=bound.device))[:, None] + zero for k in index]
        noise[i] = ends + zero
        table = f(sample(xp, mu, std, xp.stack(noise, axis=-1)))
        found.append(_differences(xp, half, table[:, :size], table[:, size:], bound.options["coupling"]))
    shape = tuple(1 if j == i else m for j in range(count))
    by_mu, by_std = (
        Conditional(*(xp.reshape(xp.concat(list(part)), shape) for part in zip(*blocks, strict=True)))
        for blocks in zip(*found, strict=True)
    )
    return by_mu, by_std


def _expected(xp: Namespace, values: Array, weights: Array) -> Array:
    """The mean over the nodes of all coordinates; an axis of length 1 is no coordinate's."""
    while values.ndim:
        last = values.ndim - 1
        values = (
            values[..., 0] if values.shape[last] == 1 else xp.tensordot(values, weights, axes=((last,), (0,)))
        )
    return values


def _check_cost(bound: Bound) -> None:
    count, where = bound.parameters[0].shape[0], bound.estimator.name
    m, own = round(2 * nodes.REACH / STEPS.get(count, nodes.WIDEST)) + 1, 2 * NODES.get(count, COARSEST)
    if count < 1:
        raise ValueError(f"{where}: mu must have one variable or more, got none")
    cost = m ** (count - 1) * own
    if cost > LIMIT:
        exponent = len(str(cost)) - 1
        raise ValueError(
            f"{where}: too large to do exactly: {own} * {m}^{count - 1} = {cost / 10**exponent:.1f}e{exponent} points "
            f"for each of {count} variables, more than {LIMIT}"
        )


@estimator(
    exact=_moments,
    family=GAUSSIAN,
    noise=NOISE,
    needs="f",
    evaluations="4 D",
    bias="unbiased",
    equation=r"\left(\frac{f(\mu + \text{std}\, W) - f(\mu - \text{std}\, W)}{\text{std} \sqrt{2 \pi}},\;"
    r" \frac{f(\mu + \text{std}\, M) - f(\mu + \text{std}\, N)}{\text{std}}\right)",
    source=f"{SOURCE}, section 6 (measure-valued gradients) and table 1 (Gaussian).",
)
def measure_valued(
    xp: Namespace,
    f: Problem,
    mu: Array,
    std: Array,
    noise: MeasureValuedNoise,
    *,
    coupling: Coupling = "coupled",
) -> Gradients:
    r"""Measure-valued estimator (weak derivative) of the gradients of :math:`E f(x)`, :math:`x_i \sim N(\mu_i, \text{std}_i^2)`.

    .. math:: {\hat g}_{\mu, i} &= \frac{f(\mu_i + \text{std}_i W_i) - f(\mu_i - \text{std}_i W_i')}{\text{std}_i \sqrt{2 \pi}}, \\
              {\hat g}_{\text{std}, i} &= \frac{f(\mu_i + \text{std}_i M_i) - f(\mu_i + \text{std}_i N_i)}{\text{std}_i}

    in one coordinate at a time, the others being those of the sample. W and W' are Weibull(2, :math:`\sqrt 2`) variables,
    M is a double-sided Maxwell one, with density :math:`m^2 \phi(m)`, and N is standard normal: the derivatives of the
    normal density are differences of these densities. Coupled, W' = W and N = M U with U uniform, which is normal as it
    should be; the differences are then small where f is smooth.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.0)
    >>> mu, std = np.array([1.0]), np.array([0.5])
    >>> noise = estimators.gaussian.draw_noise("measure_valued", 2, mu, std, rng=0)
    >>> estimators.gaussian.measure_valued(f, mu, std, noise).mu.shape
    (2, 1)
    """
    x = sample(xp, mu, std, noise.sample)
    if not mu.shape[0]:
        return Gradients(x, x)
    coupled = coupling == "coupled"
    below = noise.weibull if coupled else noise.other_weibull
    inner = noise.maxwell * noise.uniform if coupled else noise.other_normal
    parts = [sample(xp, mu, std, part) for part in (noise.weibull, -below, noise.maxwell, inner)]
    values = [xp.stack([f(xp.where(own, part, x)) for own in each(xp, mu)], axis=-1) for part in parts]
    return Gradients((values[0] - values[1]) * INV_SQRT_2PI / std, (values[2] - values[3]) / std)
