"""Independent truth for the categorical estimators: textbook formulas in plain Python, summed over all samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import array_api_compat
import numpy as np


class Polynomial:
    """x q x + a x + t x^3 of the flattened point, or what is left of it with fewer of the three."""

    def __init__(self, shape, degree=3, seed=0):
        rng, self.size = np.random.default_rng(seed), math.prod(shape)
        self.a = rng.normal(size=self.size)
        self.q = rng.normal(size=(self.size, self.size)) * (degree >= 2)
        self.t = rng.normal(size=self.size) * (degree >= 3)

    def _flat(self, b):
        xp = array_api_compat.array_namespace(b)
        x = xp.reshape(b, (*b.shape[:-2], self.size))
        where = {"dtype": b.dtype, "device": array_api_compat.device(b)}
        return xp, x, *(xp.asarray(v, **where) for v in (self.a, self.q, self.t))

    def __call__(self, b):
        xp, x, a, q, t = self._flat(b)
        return xp.sum(x * (x @ q + a + x * x * t), axis=-1)

    def grad(self, b):
        xp, x, a, q, t = self._flat(b)
        return xp.reshape(x @ (q + xp.matrix_transpose(q)) + a + 3.0 * x * x * t, b.shape)


class Table:
    """Any function of one-hot points, by its values (K, ..., K): linear in each variable."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __call__(self, b):
        found = np.broadcast_to(self.values, (*b.shape[:-2], *self.values.shape))
        for i in reversed(range(b.shape[-2])):
            found = np.sum(found * b[..., i, :].reshape(*b.shape[:-2], *(1,) * i, -1), axis=-1)
        return found


class Level:
    """A control variate that knows the level of the latents, not only their differences."""

    def __call__(self, z):
        return np.sum(0.1 * z * z, axis=(-2, -1)) + 0.3 * z[..., 0, 0] * z[..., -1, -1]

    def grad(self, z):
        slope = 0.2 * z
        slope[..., 0, 0] += 0.3 * z[..., -1, -1]
        slope[..., -1, -1] += 0.3 * z[..., 0, 0]
        return slope


class Binary:
    """An objective of D variables with 2 categories as one of D bits."""

    def __init__(self, f):
        self.f = f

    def __call__(self, b):
        return self.f(np.stack([1.0 - b, b], axis=-1))

    def grad(self, b):
        slopes = self.f.grad(np.stack([1.0 - b, b], axis=-1))
        return slopes[..., 1] - slopes[..., 0]


@dataclass
class Brute:
    """Loops over all outcomes, with lists of Python floats."""

    f: Callable
    logits: np.ndarray

    def __post_init__(self):
        self.D, self.K = self.logits.shape
        self.p = []
        for row in self.logits.tolist():
            e = [math.exp(x - max(row)) for x in row]
            self.p.append([x / math.fsum(e) for x in e])

    def samples(self) -> Iterator[tuple[float, tuple[int, ...]]]:
        for y in itertools.product(range(self.K), repeat=self.D):
            yield math.prod(self.p[i][k] for i, k in enumerate(y)), y

    def one_hot(self, y):
        return np.array([[float(k == j) for j in range(self.K)] for k in y])

    def value(self, y) -> float:
        return float(self.f(self.one_hot(y)))

    def slopes(self, y) -> list[list[float]]:
        return self.f.grad(self.one_hot(y)).tolist()

    def score(self, y) -> list[float]:
        return [float(y[i] == k) - self.p[i][k] for i in range(self.D) for k in range(self.K)]

    def gradient(self) -> np.ndarray:
        """The sum of f(y) dP(y), with dP from the product of the D factors."""
        total = [[[] for _ in range(self.K)] for _ in range(self.D)]
        for _, y in self.samples():
            f = self.value(y)
            for i in range(self.D):
                rest = math.prod(self.p[j][k] for j, k in enumerate(y) if j != i)
                for k in range(self.K):
                    slope = self.p[i][y[i]] * (float(y[i] == k) - self.p[i][k])
                    total[i][k].append(f * rest * slope)
        return np.array([[math.fsum(terms) for terms in row] for row in total])

    def moments(self, estimate, draws=1):
        """Mean and covariance of ``estimate(*samples)``, a list of D K numbers."""
        outcomes = [
            (math.prod(w for w, _ in several), estimate(*(y for _, y in several)))
            for several in itertools.product(list(self.samples()), repeat=draws)
        ]
        size = range(self.D * self.K)
        mean = [math.fsum(w * g[a] for w, g in outcomes) for a in size]
        covariance = [
            [math.fsum(w * (g[a] - mean[a]) * (g[b] - mean[b]) for w, g in outcomes) for b in size]
            for a in size
        ]
        shape = (self.D, self.K)
        return np.array(mean).reshape(shape), np.array(covariance).reshape(*shape, *shape)

    # The estimates, as printed -----------------------------------------------------------------------------------------

    def score_function(self, c=0.0):
        """``c`` is a number, or one for each of the D K coordinates."""
        each = c if isinstance(c, list) else [c] * (self.D * self.K)
        return lambda y: [(self.value(y) - a) * s for a, s in zip(each, self.score(y), strict=True)]

    def optimal_baseline(self):
        found = []
        for a in range(self.D * self.K):
            top = math.fsum(w * self.value(y) * self.score(y)[a] ** 2 for w, y in self.samples())
            found.append(top / math.fsum(w * self.score(y)[a] ** 2 for w, y in self.samples()))
        return found

    def rloo(self, k):
        def estimate(*ys):
            f = [self.value(y) for y in ys]
            mean = sum(f) / k
            return [
                sum((f[j] - mean) * self.score(ys[j])[a] for j in range(k)) / (k - 1)
                for a in range(self.D * self.K)
            ]

        return estimate

    def measure_valued(self, y):
        found = []
        for i in range(self.D):
            f = [self.value((*y[:i], k, *y[i + 1 :])) for k in range(self.K)]
            mean = sum(p * v for p, v in zip(self.p[i], f, strict=True))
            found += [p * (v - mean) for p, v in zip(self.p[i], f, strict=True)]
        return found

    def softened(self, i, temperature):
        e = [math.exp((x - self.logits[i].max()) / temperature) for x in self.logits[i].tolist()]
        return [x / sum(e) for x in e]

    def straight_through(self, temperature):
        def estimate(y):
            g = self.slopes(y)
            return [
                x / temperature for i in range(self.D) for x in jacobian(self.softened(i, temperature), g[i])
            ]

        return estimate

    def identity(self, y):
        return [x for row in self.slopes(y) for x in row]

    def reinmax(self, temperature):
        def estimate(y):
            g, found = self.slopes(y), []
            for i in range(self.D):
                warm = self.softened(i, temperature)
                middle = [(p + float(k == y[i])) / 2 for k, p in enumerate(warm)]
                pair = zip(jacobian(middle, g[i]), jacobian(self.p[i], g[i]), strict=True)
                found += [2 * a - b / 2 for a, b in pair]
            return found

        return estimate

    def zgr(self, y):
        g, found = self.slopes(y), []
        for i in range(self.D):
            score = [float(y[i] == k) - p for k, p in enumerate(self.p[i])]
            along = sum(a * s for a, s in zip(g[i], score, strict=True))
            found += [(a + along * s) / 2 for a, s in zip(jacobian(self.p[i], g[i]), score, strict=True)]
        return found


def jacobian(p, g):
    """(diag(p) - p p') g, entry by entry."""
    size = range(len(p))
    return [sum((float(a == b) * p[a] - p[a] * p[b]) * g[b] for b in size) for a in size]
