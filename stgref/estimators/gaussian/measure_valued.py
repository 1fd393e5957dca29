"""The measure-valued estimator of Gaussian gradients."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Annotated, NamedTuple

import numpy as np

from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import LIMIT
from stgref.estimators.gaussian import draws, nodes
from stgref.estimators.gaussian.family import GAUSSIAN, SOURCE, Gradients, sample
from stgref.estimators.measure_valued import each
from stgref.estimators.options import choice
from stgref.estimators.problem import Problem
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


class Sizes(NamedTuple):
    """How fine the quadrature is: steps for the sample and the Maxwell variable, nodes for the uniform one."""

    sample: float
    maxwell: float
    uniform: int


SIZES = {1: Sizes(1.0, 1 / 16, 96), 2: Sizes(1 / 8, 1 / 8, 64)}
COARSEST = Sizes(2 / 5, 1 / 4, 32)
WEIBULL_NODES = 120

_BLOCK = 2**16


class Conditional(NamedTuple):
    """Mean and variance of one coordinate's estimates, given the other coordinates of the sample."""

    mean: Array
    variance: Array


def _of(weights: Array, values: Array, xp: Namespace) -> Conditional:
    mean = values @ weights
    return Conditional(mean, ((values - mean[:, None]) ** 2) @ weights)


def _apart(first: Conditional, second: Conditional) -> Conditional:
    """Of the difference of independent parts."""
    return Conditional(first.mean - second.mean, first.variance + second.variance)


def _estimates(bound: Bound, sizes: Sizes, f: Callable[[Array], Array]) -> tuple[Conditional, Conditional]:
    """Of the two differences f - f of one coordinate; ``f(noise)`` has an axis for the others' noise, and one for its own."""
    xp, (mu, _), coupled = bound.xp, bound.parameters, bound.options["coupling"] == "coupled"
    w, m = nodes.rayleigh(xp, mu, WEIBULL_NODES), nodes.maxwell(xp, mu, sizes.maxwell)
    up, down, out = f(w.values), f(-w.values), f(m.values)
    if not coupled:
        e = nodes.normal(xp, mu, sizes.maxwell)
        parts = _of(w.weights, up, xp), _of(w.weights, down, xp)
        return _apart(*parts), _apart(_of(m.weights, out, xp), _of(e.weights, f(e.values), xp))
    u = nodes.uniform(xp, mu, sizes.uniform)
    within = f(xp.reshape(m.values[:, None] * u.values, (-1,)))
    width = u.values.shape[0]
    drop = xp.reshape(out[:, :, None], (*out.shape, 1)) - xp.reshape(within, (*out.shape, width))
    weights = xp.reshape(m.weights[:, None] * u.weights, (-1,))
    return _of(w.weights, up - down, xp), _of(weights, xp.reshape(drop, (out.shape[0], -1)), xp)


def _moments(bound: Bound) -> Comoments:
    """Given the sample, estimates of different coordinates and of mu and std are independent.

    So their covariance is that of the conditional means m, and their variance also has the mean of the conditional variances.
    The mean m of coordinate i is a table over the nodes of the other coordinates, with a single entry on axis i.
    """
    xp, f, (mu, std) = bound.xp, bound.f, bound.parameters
    count = mu.shape[0]
    sizes = SIZES.get(count, COARSEST)
    e = nodes.normal(xp, mu, sizes.sample)
    m = e.values.shape[0]
    _check_cost(bound, sizes, m)
    means, spreads = [], []
    for i in range(count):
        rest = [j for j in range(count) if j != i]
        found: list[tuple[Conditional, Conditional]] = []
        own = round(2 * nodes.REACH / sizes.maxwell + 1) * sizes.uniform
        rows = max(1, _BLOCK // own)
        for start in range(0, m ** (count - 1), rows):
            flat = np.arange(start, min(start + rows, m ** (count - 1)))
            index = dict(zip(rest, np.unravel_index(flat, (m,) * (count - 1)) if rest else (), strict=True))

            def at(noise: Array, i: int = i, index: dict[int, Array] = index, size: int = flat.size) -> Array:
                own = noise + xp.zeros((size, 1), dtype=mu.dtype, device=bound.device)
                columns = [
                    own
                    if j == i
                    else xp.take(e.values, xp.asarray(index[j], device=bound.device))[:, None] + 0.0 * own
                    for j in range(count)
                ]
                return f(sample(xp, mu, std, xp.stack(columns, axis=-1)))

            found.append(_estimates(bound, sizes, at))
        shape = tuple(1 if j == i else m for j in range(count))
        for k in (0, 1):
            means.append(xp.reshape(xp.concat([pair[k].mean for pair in found]), shape))
            spreads.append(xp.reshape(xp.concat([pair[k].variance for pair in found]), shape))
    order = [*range(0, 2 * count, 2), *range(1, 2 * count, 2)]  # all of mu, then all of std
    scale = [INV_SQRT_2PI / std[i] for i in range(count)] + [1.0 / std[i] for i in range(count)]
    centre = [_expected(xp, means[k], e.weights) for k in order]
    apart = [means[k] - c for k, c in zip(order, centre, strict=True)]
    scatter = [[xp.zeros_like(centre[0])] * len(order) for _ in order]
    for a, b in itertools.combinations_with_replacement(range(len(order)), 2):
        value = _expected(xp, apart[a] * apart[b], e.weights)
        value = value + _expected(xp, spreads[order[a]], e.weights) if a == b else value
        scatter[a][b] = scatter[b][a] = scale[a] * value * scale[b]
    mean = xp.stack([s * c for s, c in zip(scale, centre, strict=True)])
    return Comoments(xp.ones_like(mean[0]), mean, xp.stack([xp.stack(row) for row in scatter]))


def _expected(xp: Namespace, values: Array, weights: Array) -> Array:
    """The mean over the nodes of all coordinates; an axis of length 1 is no coordinate's."""
    for _ in range(values.ndim):
        last = values.shape[-1]
        values = (
            values[..., 0] if last == 1 else xp.tensordot(values, weights, axes=((values.ndim - 1,), (0,)))
        )
    return values


def _check_cost(bound: Bound, sizes: Sizes, m: int) -> None:
    count = bound.parameters[0].shape[0]
    where = bound.estimator.name
    if count < 1:
        raise ValueError(f"{where}: mu must have one variable or more, got none")
    own = round(2 * nodes.REACH / sizes.maxwell + 1) * sizes.uniform
    cost = m ** (count - 1) * own
    if cost > LIMIT:
        raise ValueError(
            f"{where}: too large to do exactly: {m}^{count - 1} * {own} = {float(cost):.1e} points for each of {count} "
            f"variables, more than {LIMIT}"
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
