"""Exact mean and covariance of one estimate: enumeration of what is discrete, quadrature of the rest on each side of 0.

Nothing here evaluates a formula of `draws` on uniforms where there is another way: U-statistics stand for leave-one-out
sums, DisARM is the conditional mean of ARM, ARMS' factor comes out of its own table of probabilities, and the latent z
is integrated in its own variable given b, on the half line b selects, with the implicit derivative of the truncated
logistic law for z~.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .draws import muprop_of, optimal_baseline, vimco_of
from .problem import Number, Problem
from .statistics import Moments, independent_sum, mixture, of, scaled, shifted

Rule = list[tuple[Number, Number]]
"""Points and weights."""


def product(
    rules: Sequence[Iterable[tuple[Number, Any]]], one: Number
) -> Iterable[tuple[Number, tuple[Any, ...]]]:
    """Weighted outcomes of independent coordinates."""
    for row in itertools.product(*rules):
        weight = one
        for w, _ in row:
            weight *= w
        yield weight, tuple(x for _, x in row)


# Discrete estimators -------------------------------------------------------------------------------------------------


def score_function(p: Problem, *, baseline: Any = 0.0) -> Moments:
    if baseline == "optimal":
        c = optimal_baseline(p)
    else:
        c = list(baseline) if isinstance(baseline, Sequence) else [baseline] * p.size
    return of(
        (w, [(p.f(*b) - c[i]) * (p.q[i] if b[i] else -p.theta[i]) for i in range(p.size)])
        for w, b in p.bits()
    )


def moving_average(p: Problem, *, decay: float) -> Moments:
    """A row with a long past: the baseline is independent, of mean E f and variance Var f (1 - decay) / (1 + decay)."""
    centre = p.value()
    spread = (
        sum(w * (p.f(*b) - centre) ** 2 for w, b in p.bits()) * (1 - p.m.mpf(decay)) / (1 + p.m.mpf(decay))
    )
    nothing = p.m.mpf(0)
    past = [[spread * p.s2[i] if i == j else nothing for j in range(p.size)] for i in range(p.size)]
    return independent_sum(score_function(p, baseline=centre), Moments([nothing] * p.size, past))


def pairs(p: Problem, samples: Sequence[Sequence[int]], values: Sequence[Number]) -> list[Number]:
    """Sample covariance of values and b as a U-statistic over pairs."""
    k = len(samples)
    return [
        sum(
            (values[a] - values[c]) * (samples[a][i] - samples[c][i])
            for a, c in itertools.combinations(range(k), 2)
        )
        / (p.m.mpf(k) * (k - 1))
        for i in range(p.size)
    ]


def rloo(p: Problem, *, k: int = 2) -> Moments:
    value = {b: p.f(*b) for _, b in p.bits()}
    return of((w, pairs(p, rows, [value[b] for b in rows])) for w, rows in p.tuples(k))


def double_cv(p: Problem, *, k: int = 2, alpha: float) -> Moments:
    value = {b: p.f(*b) for _, b in p.bits()}
    slope = {b: p.df(*b) for _, b in p.bits()}
    theta, s2 = p.theta, p.s2

    def estimate(rows: list[tuple[int, ...]]) -> list[Number]:
        total = [sum(slope[b][i] for b in rows) for i in range(p.size)]
        surrogate = [
            value[b]
            + alpha * sum((total[i] - slope[b][i]) / (k - 1) * (b[i] - theta[i]) for i in range(p.size))
            for b in rows
        ]
        covariance = pairs(p, rows, surrogate)
        return [covariance[i] - alpha * total[i] / k * s2[i] for i in range(p.size)]

    return of((w, estimate(rows)) for w, rows in p.tuples(k))


def vimco(p: Problem, *, k: int = 2, average: str = "geometric") -> Moments:
    return of((w, vimco_of(p, rows, average)) for w, rows in p.tuples(k))


def vimco_gradient(p: Problem, k: int) -> list[Number]:
    """The gradient of E log mean exp of k objectives, which is VIMCO's target: of the k D gates as one problem."""

    def bound(*b: Number) -> Number:
        rows = [b[a * p.size : (a + 1) * p.size] for a in range(k)]
        return p.m.log(sum(p.m.exp(p.f(*row)) for row in rows) / k)

    whole = Problem(bound, None, p.logits * k, p.m).gradient()
    return [sum(whole[a * p.size + i] for a in range(k)) for i in range(p.size)]


def straight_through(p: Problem, *, derivative: str = "identity", temperature: float = 1.0) -> Moments:
    if derivative == "identity":
        factor = [p.m.mpf(1)] * p.size
    elif derivative == "clipped":
        factor = [p.m.mpf(abs(phi) <= 1) for phi in p.logits]
    else:
        factor = [1 / (4 * temperature * p.m.cosh(phi / (2 * p.m.mpf(temperature))) ** 2) for phi in p.phi]
    return scaled(of((w, p.df(*b)) for w, b in p.bits()), factor)


def reinmax(p: Problem, *, temperature: float = 1.0) -> Moments:
    def factor(i: int, bit: int) -> Number:
        half = (p.sigmoid(p.phi[i] / temperature) + bit) / 2
        return 2 * half * (1 - half) - p.s2[i] / 2

    return of((w, [factor(i, b[i]) * g for i, g in enumerate(p.df(*b))]) for w, b in p.bits())


def muprop(p: Problem) -> Moments:
    return of((w, muprop_of(p, b)) for w, b in p.bits())


def measure_valued(p: Problem) -> Moments:
    def partial(b: tuple[int, ...], i: int) -> Number:
        flipped = (*b[:i], 1 - b[i], *b[i + 1 :])
        return p.s2[i] * (2 * b[i] - 1) * (p.f(*b) - p.f(*flipped))

    return of((w, [partial(b, i) for i in range(p.size)]) for w, b in p.bits())


def finite_difference(p: Problem, *, step: float) -> Moments:
    """Four cells of u per coordinate: between the thresholds at phi + h, phi and phi - h."""

    def cells(phi: Number) -> list[tuple[Number, tuple[int, int, int]]]:
        edges = [0, p.sigmoid(-phi - step), p.sigmoid(-phi), p.sigmoid(step - phi), 1]
        outcomes = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]
        return [(high - low, o) for low, high, o in zip(edges[:-1], edges[1:], outcomes, strict=True)]

    def estimate(cell: Sequence[tuple[int, int, int]]) -> list[Number]:
        middle = [c[1] for c in cell]
        total = []
        for i in range(p.size):
            ahead, behind = list(middle), list(middle)
            ahead[i], behind[i] = cell[i][0], cell[i][2]
            total.append((p.f(*ahead) - p.f(*behind)) / (2 * step))
        return total

    return of((w, estimate(cell)) for w, cell in product([cells(phi) for phi in p.phi], p.m.mpf(1)))


def antithetic_cells(p: Problem, i: int) -> list[tuple[Number, tuple[int, int, Number, Number]]]:
    """Three cells of u_i: their lengths with b_i, b~_i, and mean and variance of u_i - 1/2 inside."""
    low, high = sorted((p.theta[i], p.q[i]))
    middle = int(p.phi[i] > 0)
    cells = []
    for start, end, b, c in ((0, low, 0, 1), (low, high, middle, middle), (high, 1, 1, 0)):
        cells.append((end - start, (b, c, (start + end - 1) / 2, (end - start) ** 2 / 12)))
    return cells


def antithetic(p: Problem, *, spread: bool) -> Moments:
    parts = []
    for weight, cell in product([antithetic_cells(p, i) for i in range(p.size)], p.m.mpf(1)):
        difference = p.f(*[c[0] for c in cell]) - p.f(*[c[1] for c in cell])
        covariance = [
            [difference**2 * cell[i][3] if spread and i == j else p.m.mpf(0) for j in range(p.size)]
            for i in range(p.size)
        ]
        parts.append((weight, Moments([difference * c[2] for c in cell], covariance)))
    return mixture(parts)


def arm(p: Problem) -> Moments:
    return antithetic(p, spread=True)


def disarm(p: Problem) -> Moments:
    """E[ARM | b, b~]."""
    return antithetic(p, spread=False)


def arms_patterns(p: Problem, i: int, k: int) -> list[tuple[Number, tuple[int, ...]]]:
    """Every pattern of k samples of gate i: inclusion-exclusion over P(u_1, ..., u_m <= small)."""
    small = min(p.theta[i], p.q[i])
    root = small ** (p.m.mpf(1) / (k - 1))

    def all_below(m: int) -> Number:
        """P(every d_j >= 1 - root, j <= m): the corner of the simplex that is left."""
        return max(p.m.mpf(0), 1 - m * (1 - root)) ** (k - 1)

    patterns = []
    for row in itertools.product((0, 1), repeat=k):
        m = sum(row)
        probability = sum(
            (-1) ** extra * p.m.binomial(k - m, extra) * all_below(m + extra) for extra in range(k - m + 1)
        )
        patterns.append((probability, row if p.phi[i] <= 0 else tuple(1 - bit for bit in row)))
    return [(w, row) for w, row in patterns if w]


def arms(p: Problem, *, k: int) -> Moments:
    value = {b: p.f(*b) for _, b in p.bits()}
    tables = [arms_patterns(p, i, k) for i in range(p.size)]
    debias = [p.s2[i] / sum(w * row[0] * (1 - row[1]) for w, row in tables[i]) for i in range(p.size)]

    def estimate(columns: Sequence[tuple[int, ...]]) -> list[Number]:
        rows = list(zip(*columns, strict=True))
        covariance = pairs(p, rows, [value[b] for b in rows])
        return [debias[i] * covariance[i] for i in range(p.size)]

    return of((w, estimate(columns)) for w, columns in product(tables, p.m.mpf(1)))


def sts(p: Problem) -> Moments:
    root = [p.m.exp(p.m.log(t) / 2) for t in p.theta]
    rules = [[(1 - r, 0), (r, 1)] for r in root]
    return of(
        (
            w,
            [
                g * bit * (r - r**3) / 2
                for g, bit, r in zip(
                    p.df(*[b * r for b, r in zip(bit_row, root, strict=True)]), bit_row, root, strict=True
                )
            ],
        )
        for w, bit_row in product(rules, p.m.mpf(1))
    )


# Estimators with a continuous latent ---------------------------------------------------------------------------------


def half_line(p: Problem, i: int, bit: int, step: float) -> Rule:
    """Expectation of a function of z_i given b_i = bit, by double exponential rules on the half line.

    |z| = a + exp(t - exp(-t)) with equal steps of t, from a = 0, or where the density of z has its peak far inside, from
    that peak, with |z| = a / (1 + exp(-pi sinh t)) before it. Weighted by the density over the probability of the half
    line.
    """
    m = p.m
    sign = 1 if bit else -1
    probability = p.theta[i] if bit else p.q[i]
    peak = sign * p.phi[i] if sign * p.phi[i] > 4 else m.mpf(0)
    points = []
    reach = 2.6 * getattr(m, "dps", 16) + 20
    for n in range(-int(4.4 / step), int(math.log(reach) / step) + 2):
        t = m.mpf(n) * step
        beyond = m.exp(t - m.exp(-t))
        points.append((peak + beyond, beyond * (1 + m.exp(-t))))
    if peak:
        for n in range(-int(3.9 / step), int(3.9 / step) + 1):
            w = m.pi * m.sinh(m.mpf(n) * step)
            share = 1 / (1 + m.exp(-w))
            points.append((peak * share, peak * share / (1 + m.exp(w)) * m.pi * m.cosh(m.mpf(n) * step)))
    rule = []
    for size, rate in points:
        z = sign * size
        weight = rate * step / (2 * m.cosh((z - p.phi[i]) / 2)) ** 2 / probability
        if weight:
            rule.append((z, weight))
    return rule


def over(rules: Sequence[Rule], one: Number) -> Iterable[tuple[Number, tuple[Number, ...]]]:
    return product([[(w, z) for z, w in rule] for rule in rules], one)


def default_step(p: Problem) -> float:
    return 1 / 32 if p.size == 1 else 1 / 14


def half_lines(p: Problem, step: float | None) -> list[dict[int, Rule]]:
    step = step or default_step(p)
    return [{bit: half_line(p, i, bit, step) for bit in (0, 1)} for i in range(p.size)]


def noisy_rectifier(p: Problem, *, step: float | None = None) -> Moments:
    lines = half_lines(p, step)
    parts = []
    for weight, b in p.bits():
        rules = [lines[i][1] if bit else [(p.m.mpf(0), p.m.mpf(1))] for i, bit in enumerate(b)]
        parts.append(
            (
                weight,
                of(
                    (w, [g * bit for g, bit in zip(p.df(*h), b, strict=True)])
                    for w, h in over(rules, p.m.mpf(1))
                ),
            )
        )
    return mixture(parts)


def relaxation(p: Problem, *, temperature: float, step: float | None = None) -> Moments:
    lines = half_lines(p, step)

    def estimate(z: Sequence[Number]) -> list[Number]:
        slope = p.df(*[p.sigmoid(x / temperature) for x in z])
        return [
            g / (4 * temperature * p.m.cosh(x / (2 * temperature)) ** 2)
            for g, x in zip(slope, z, strict=True)
        ]

    parts = []
    for weight, b in p.bits():
        rules = [lines[i][bit] for i, bit in enumerate(b)]
        parts.append((weight, of((w, estimate(z)) for w, z in over(rules, p.m.mpf(1)))))
    return mixture(parts)


def slopes_given_bit(
    p: Problem, temperature: float, step: float | None
) -> list[dict[int, tuple[Number, Number]]]:
    """Mean and variance of s(1-s)/tau given each b_i, s = sigma(z_i / tau)."""
    lines = half_lines(p, step)
    table = []
    for i in range(p.size):
        row = {}
        for bit in (0, 1):
            sample = of(
                (w, [1 / (4 * temperature * p.m.cosh(z / (2 * temperature)) ** 2)]) for z, w in lines[i][bit]
            )
            row[bit] = (sample.mean[0], sample.variance[0])
        table.append(row)
    return table


def gumbel_rao(p: Problem, *, temperature: float, k: int, step: float | None = None) -> Moments:
    table = slopes_given_bit(p, temperature, step)
    parts = []
    for weight, b in p.bits():
        g = p.df(*b)
        mean = [g[i] * table[i][b[i]][0] for i in range(p.size)]
        covariance = [
            [g[i] ** 2 * table[i][b[i]][1] / k if i == j else p.m.mpf(0) for j in range(p.size)]
            for i in range(p.size)
        ]
        parts.append((weight, Moments(mean, covariance)))
    return mixture(parts)


def gumbel_softmax_st(p: Problem, *, temperature: float, step: float | None = None) -> Moments:
    """The latent is one conditional draw given b."""
    return gumbel_rao(p, temperature=temperature, k=1, step=step)


def relax(
    p: Problem,
    *,
    c: Callable[..., Number],
    dc: Callable[..., Sequence[Number]],
    coupling: str = "independent",
    step: float | None = None,
) -> Moments:
    """Given b, z and z~ have one law; independent, or the same."""
    lines = half_lines(p, step)
    parts = []
    for weight, b in p.bits():
        score = [b[i] - p.theta[i] for i in range(p.size)]

        def direct(z: Sequence[Number]) -> list[Number]:
            return list(dc(*z))

        def conditional(
            z: Sequence[Number], b: tuple[int, ...] = b, score: list[Number] = score
        ) -> list[Number]:
            value, slope = c(*z), dc(*z)
            return [
                -value * score[i]
                - slope[i] * (p.theta[i] * (1 - p.m.exp(-z[i])) if b[i] else p.q[i] * (1 - p.m.exp(z[i])))
                for i in range(p.size)
            ]

        rules = [lines[i][bit] for i, bit in enumerate(b)]
        if coupling == "independent":
            noise = independent_sum(
                of((w, direct(z)) for w, z in over(rules, p.m.mpf(1))),
                of((w, conditional(z)) for w, z in over(rules, p.m.mpf(1))),
            )
        else:
            noise = of(
                (w, [x + y for x, y in zip(direct(z), conditional(z), strict=True)])
                for w, z in over(rules, p.m.mpf(1))
            )
        parts.append((weight, shifted(noise, [p.f(*b) * x for x in score])))
    return mixture(parts)


def rebar(
    p: Problem, *, temperature: float, eta: float, coupling: str = "independent", step: float | None = None
) -> Moments:
    def c(*z: Number) -> Number:
        return eta * p.f(*[p.sigmoid(x / temperature) for x in z])

    def dc(*z: Number) -> list[Number]:
        slope = p.df(*[p.sigmoid(x / temperature) for x in z])
        return [
            eta * g / (4 * temperature * p.m.cosh(x / (2 * temperature)) ** 2)
            for g, x in zip(slope, z, strict=True)
        ]

    return relax(p, c=c, dc=dc, coupling=coupling, step=step)
