"""One estimate of a categorical gradient from explicit noise, formula by formula, with plain loops over any numbers.

Points, samples, slopes and estimates are lists of D lists of K numbers. Every function takes the `Choices` first, then its
noise, then its options. Differences of probabilities are left to `Choices`, which knows what is missing to 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .problem import Number, mp

Vector = Sequence[Number]
Table = Sequence[Vector]


@dataclass(frozen=True)
class Choices:
    """An objective of D K numbers, its partial derivatives, logits, and the arithmetic to be used."""

    function: Callable[..., Number]
    slopes: Callable[..., Sequence[Number]]
    logits: tuple[tuple[float, ...], ...]
    m: Any = mp

    def f(self, points: Table) -> Number:
        return self.function(*map(self.m.mpf, itertools.chain.from_iterable(points)))

    def df(self, points: Table) -> list[list[Number]]:
        return self.rows(self.slopes(*map(self.m.mpf, itertools.chain.from_iterable(points))))

    def rows(self, flat: Vector) -> list[list[Number]]:
        k = self.categories
        return [list(flat[i * k : (i + 1) * k]) for i in range(len(self.logits))]

    @property
    def categories(self) -> int:
        return len(self.logits[0])

    @cached_property
    def phi(self) -> list[list[Number]]:
        return [[self.m.mpf(a) for a in row] for row in self.logits]

    @cached_property
    def p(self) -> list[list[Number]]:
        return [self.softmax(row) for row in self.phi]

    @cached_property
    def lse(self) -> list[Number]:
        return [self.log_sum(row) for row in self.phi]

    def softmax(self, row: Vector) -> list[Number]:
        return [1 / sum(self.m.exp(b - a) for b in row) for a in row]

    def log_sum(self, row: Vector) -> Number:
        return self.m.log(sum(self.m.exp(a) for a in row))

    def sample(self, noise: Table) -> list[list[int]]:
        """one-hot(argmax(phi + noise))."""
        return [one_hot(largest(row), len(row)) for row in self.latent(noise)]

    def latent(self, noise: Table) -> list[list[Number]]:
        return [[a + n for a, n in zip(*rows, strict=True)] for rows in zip(self.phi, noise, strict=True)]

    def score(self, b: Table) -> list[list[Number]]:
        return [[x - q for x, q in zip(*rows, strict=True)] for rows in zip(b, self.p, strict=True)]


def largest(row: Vector) -> int:
    best = 0
    for k in range(1, len(row)):
        if row[k] > row[best]:
            best = k
    return best


def one_hot(k: int, size: int) -> list[int]:
    return [int(j == k) for j in range(size)]


def jacobian(p: Vector, g: Vector) -> list[Number]:
    """(diag(p) - p p^T) g = p_k sum_j p_j (g_k - g_j), for p that add up to 1."""
    return [
        a * sum((b * (x - y) for j, (b, y) in enumerate(zip(p, g, strict=True)) if j != k), 0 * x)
        for k, (a, x) in enumerate(zip(p, g, strict=True))
    ]


def scaled(factor: Number, table: Table) -> list[list[Number]]:
    return [[factor * x for x in row] for row in table]


def added(*tables: Table) -> list[list[Number]]:
    return [[sum(numbers) for numbers in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def score_function(p: Choices, noise: Table, *, baseline: Any = 0) -> list[list[Number]]:
    """(f(b) - c)(b - p)."""
    b = p.sample(noise)
    if baseline == "optimal":
        c = optimal_baseline(p)
        value = p.f(b)
        return [
            [(value - a) * s for a, s in zip(*rows, strict=True)] for rows in zip(c, p.score(b), strict=True)
        ]
    return scaled(p.f(b) - baseline, p.score(b))


def optimal_baseline(p: Choices) -> list[list[Number]]:
    """E[f (b_ik - p_ik)^2] / (p_ik (1 - p_ik))."""
    total = scaled(0, p.p)
    for y in itertools.product(range(p.categories), repeat=len(p.logits)):
        b = [one_hot(k, p.categories) for k in y]
        weight = p.f(b)
        for i, k in enumerate(y):
            weight = weight * p.p[i][k]
        total = added(total, [[weight * s * s for s in row] for row in p.score(b)])
    return [[t / (q * (1 - q)) for t, q in zip(*rows, strict=True)] for rows in zip(total, p.p, strict=True)]


def moving_average(p: Choices, noises: Sequence[Table], *, decay: Number) -> list[Any]:
    """Row by row with c_0 = 0; a row is centred by what was known before it."""
    c, estimates = p.m.mpf(0), []
    for noise in noises:
        b = p.sample(noise)
        estimates.append(scaled(p.f(b) - c, p.score(b)))
        c = decay * c + (1 - decay) * p.f(b)
    return estimates


def rloo(p: Choices, noise: Sequence[Table]) -> list[list[Number]]:
    """mean_k (f_k - mean_{j != k} f_j)(b_k - p)."""
    samples = [p.sample(each) for each in noise]
    values, k = [p.f(b) for b in samples], len(noise)
    terms = []
    for a in range(k):
        others = sum(values[j] for j in range(k) if j != a) / (k - 1)
        terms.append(scaled((values[a] - others) / k, p.score(samples[a])))
    return added(*terms)


def straight_through(
    p: Choices, noise: Table, *, derivative: str = "identity", temperature: Number = 1
) -> list[list[Number]]:
    """f'(b), or J(softmax(phi / tau)) f'(b) / tau."""
    slopes = p.df(p.sample(noise))
    if derivative == "identity":
        return slopes
    warm = [p.softmax([a / temperature for a in row]) for row in p.phi]
    return [[x / temperature for x in jacobian(*rows)] for rows in zip(warm, slopes, strict=True)]


def relaxed(p: Choices, z: Table, temperature: Number) -> list[list[Number]]:
    return [p.softmax([x / temperature for x in row]) for row in z]


def pulled(x: Table, slopes: Table, temperature: Number) -> list[list[Number]]:
    """J(x) g / tau."""
    return [[s / temperature for s in jacobian(*rows)] for rows in zip(x, slopes, strict=True)]


def relaxation(p: Choices, noise: Table, *, temperature: Number) -> list[list[Number]]:
    x = relaxed(p, p.latent(noise), temperature)
    return pulled(x, p.df(x), temperature)


def gumbel_softmax_st(p: Choices, noise: Table, *, temperature: Number) -> list[list[Number]]:
    return pulled(relaxed(p, p.latent(noise), temperature), p.df(p.sample(noise)), temperature)


def conditional_latent(p: Choices, b: Table, noise: Table) -> tuple[list[list[Number]], list[list[Number]]]:
    """z~ and w: of the sampled category G + lse and 0, of another -log(E_j / alpha_j + E_k / sum alpha).

    w_j is the share of the first term, the derivative of z~_j with respect to its own logit, but for that of lse.
    """
    latents, shares = [], []
    for row, phi, hot, lse in zip(noise, p.phi, b, p.lse, strict=True):
        k = hot.index(1)
        top = row[k] + lse
        z, w = [], []
        for j, (n, a) in enumerate(zip(row, phi, strict=True)):
            own = p.m.exp(-n - a)
            z.append(top if j == k else -p.m.log(own + p.m.exp(-top)))
            w.append(p.m.mpf(0) if j == k else 1 / (1 + p.m.exp(n + a - top)))
        latents.append(z)
        shares.append(w)
    return latents, shares


def gumbel_rao(
    p: Choices, noise: Table, conditional: Sequence[Table], *, temperature: Number
) -> list[list[Number]]:
    b = p.sample(noise)
    slopes = p.df(b)
    each = [
        pulled(relaxed(p, conditional_latent(p, b, row)[0], temperature), slopes, temperature)
        for row in conditional
    ]
    return scaled(1 / p.m.mpf(len(each)), added(*each))


def reinmax(p: Choices, noise: Table, *, temperature: Number) -> list[list[Number]]:
    """2 J((p_tau + b) / 2) g - J(p) g / 2."""
    b = p.sample(noise)
    warm = [p.softmax([a / temperature for a in row]) for row in p.phi]
    found = []
    for soft, hot, q, g in zip(warm, b, p.p, p.df(b), strict=True):
        middle = [(x + y) / 2 for x, y in zip(soft, hot, strict=True)]
        pair = zip(jacobian(middle, g), jacobian(q, g), strict=True)
        found.append([2 * x - y / 2 for x, y in pair])
    return found


def measure_valued(p: Choices, noise: Table) -> list[list[Number]]:
    """p_ik sum_j p_ij (f(b_{-i}, k) - f(b_{-i}, j))."""
    b = p.sample(noise)
    found = []
    for i, q in enumerate(p.p):
        values = [p.f([*b[:i], one_hot(k, p.categories), *b[i + 1 :]]) for k in range(p.categories)]
        found.append(jacobian(q, values))
    return found


def arsm(p: Choices, log_pi: Table) -> list[list[Number]]:
    """sum_j (f_kj - mean_m f_mj)(1/K - pi_ij), f_mj with coordinates m and j of pi swapped in all variables."""
    size = p.categories

    def swapped(m: int, j: int) -> Number:
        points = []
        for row, phi in zip(log_pi, p.phi, strict=True):
            moved = list(row)
            moved[m], moved[j] = row[j], row[m]
            points.append(one_hot(largest([a - x for a, x in zip(phi, moved, strict=True)]), size))
        return p.f(points)

    f = [[swapped(min(m, j), max(m, j)) for j in range(size)] for m in range(size)]
    means = [sum(f[m][j] for m in range(size)) / size for j in range(size)]
    return [
        [
            sum((f[k][j] - means[j]) * (p.m.mpf(1) / size - p.m.exp(row[j])) for j in range(size))
            for k in range(size)
        ]
        for row in log_pi
    ]


def relax(
    p: Choices, noise: Table, conditional: Table | None, *, c: Callable[..., Number], dc: Callable[..., Any]
) -> list[list[Number]]:
    """(f(b) - c(z~))(b - p) + c'(z) - (dz~/dphi)^T c'(z~); without conditional noise, z~ is z.

    Of coupled latents 1 - w_j is exp(z_j - z_k), from exp(-z_j) = E_j / alpha_j + exp(-z_k).
    """
    b, z = p.sample(noise), p.latent(noise)
    if conditional is None:
        return coupled(p, b, z, c, dc)
    given, shares = conditional_latent(p, b, conditional)
    rest = []
    for slopes, w, q, hot in zip(dc(given), shares, p.p, b, strict=True):
        k = hot.index(1)
        common = sum(g * (1 if j == k else 1 - s) for j, (g, s) in enumerate(zip(slopes, w, strict=True)))
        rest.append([-(g * s) - x * common for g, s, x in zip(slopes, w, q, strict=True)])
    return added(scaled(p.f(b) - c(given), p.score(b)), dc(z), rest)


def coupled(
    p: Choices, b: Table, z: Table, c: Callable[..., Number], dc: Callable[..., Any]
) -> list[list[Number]]:
    rest = []
    for slopes, row, q, hot in zip(dc(z), z, p.p, b, strict=True):
        k = hot.index(1)
        left = [g * p.m.exp(x - row[k]) for g, x in zip(slopes, row, strict=True)]  # 1 - w, and 1 for k
        rest.append(
            [
                slopes[k] * (1 - x) - x * sum(a for i, a in enumerate(left) if i != k)
                if j == k
                else left[j] - x * (slopes[k] + sum(a for i, a in enumerate(left) if i != k))
                for j, x in enumerate(q)
            ]
        )
    return added(scaled(p.f(b) - c(z), p.score(b)), rest)


def rebar(
    p: Choices, noise: Table, conditional: Table | None, *, temperature: Number, eta: Number
) -> list[list[Number]]:
    """RELAX with c(z) = eta f(softmax(z / tau))."""

    def dc(z: Table) -> list[list[Number]]:
        x = relaxed(p, z, temperature)
        return scaled(eta, pulled(x, p.df(x), temperature))

    return relax(p, noise, conditional, c=lambda z: eta * p.f(relaxed(p, z, temperature)), dc=dc)
