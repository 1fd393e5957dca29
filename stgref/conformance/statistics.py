r"""Tests of samples whose false-alarm rate is proved, not asymptotic.

`dkw` holds an empirical distribution function to the law's, `binomial` a count to its probability, `catoni` an average to
its mean. Each says how far off the sample is, what would have been too far, and what would surely have been seen.

**Why Catoni's test for means.** The variance of a right estimate is known exactly, its range often is not. With
:math:`\psi(x) = \operatorname{sign}(x) \log(1 + |x| + x^2/2)`, which lies between :math:`-\log(1 - x + x^2/2)` and :math:`\log(1
+ x + x^2/2)`, and x of mean 0 and variance v, :math:`E \exp(\sum \psi(a x_i)) \le (1 + a^2 v/2)^n`, so that by Markov's
inequality

.. math:: P\left(\Big|\sum_i \psi(a x_i)\Big| \ge n \log(1 + a^2 v/2) + \log(2/\alpha)\right) \le \alpha.

This holds for every n and every law, and for martingale differences of variance v or less. With :math:`a = \sqrt{2 \log(2/\alpha) /
(n v)}` it is as sharp as the test of a normal mean to leading order. An empirical Bernstein bound needs the range of an
estimate; medians of means need no more than this, and four times the distance.

References
----------
P. Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Annals of Probability 18, 1990; O. Catoni,
"Challenging the empirical mean and empirical variance: a deviation study", Annales de l'IHP 48, 2012, section 2.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stgref.conformance.values import Array

Cdf = Callable[[Array], Array]
CURVE = 33
"""How many points of a distribution function are kept, twice: at quantiles and evenly spaced."""
HUGE = 1e150
"""Its square is finite; a value as large as this is as wrong as it could be."""


@dataclass(frozen=True)
class Measured:
    """One test of one sample.

    Parameters
    ----------
    samples : int
        How many values were tested.
    statistic : float
        How far off they are.
    threshold : float
        What is too far.
    detectable : float
        The smallest effect that is missed no more often than a right sample is blamed.
    where : str
        Which part of the sample it is.
    curve : tuple of tuple of float
        Of a distribution: points x, and how much of the sample and of the law is at most x.
    """

    samples: int
    statistic: float
    threshold: float
    detectable: float
    where: str = ""
    curve: tuple[tuple[float, float, float], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the sample is not too far off."""
        return self.statistic <= self.threshold

    @property
    def severity(self) -> float:
        """How far off, in thresholds."""
        if self.passed:
            return self.statistic / self.threshold if self.threshold > 0 else 0.0
        return self.statistic / self.threshold if self.threshold > 0 else math.inf

    def needed(self, effect: float) -> int:
        """How many samples show a given effect as surely, by the square-root law.

        Parameters
        ----------
        effect : float
            In the unit of ``detectable``.

        Returns
        -------
        int
            Exact for `dkw`, to leading order for the others.
        """
        return math.ceil(self.samples * (self.detectable / effect) ** 2)


def dkw_distance(z: Array, cdf: Cdf, left_cdf: Cdf, slack: Cdf | None = None) -> float:
    """Largest distance of the empirical distribution function from the law's, on either side of every jump.

    Parameters
    ----------
    z : numpy.ndarray
        The sample.
    cdf, left_cdf : callable
        P(Z <= x) and P(Z < x).
    slack : callable, optional
        How far rounding may have moved a value x; not at all by default.

    Returns
    -------
    float
        The distance; 0 or less if rounding explains all of it.
    """
    points, counts = np.unique(np.asarray(z, "float64"), return_counts=True)
    moved = slack(points) if slack else 0.0
    up_to = np.cumsum(counts) / z.size
    below = np.concatenate([[0.0], up_to[:-1]])
    far = [up_to - cdf(points + moved), cdf(points - moved) - up_to]
    far += [below - left_cdf(points + moved), left_cdf(points - moved) - below]
    return float(np.max(far))


def dkw_band(n: int, level: float) -> float:
    """Half width of the Dvoretzky-Kiefer-Wolfowitz band, with Massart's constant.

    Parameters
    ----------
    n : int
        Size of the sample.
    level : float
        False-alarm rate.

    Returns
    -------
    float
        What a right sample exceeds with at most this probability, whether the law has atoms or not.
    """
    return math.sqrt(math.log(2 / level) / (2 * n))


def dkw(
    z: Array, cdf: Cdf, left_cdf: Cdf, level: float, *, slack: Cdf | None = None, where: str = ""
) -> Measured:
    """Test a sample's distribution.

    Parameters
    ----------
    z, cdf, left_cdf, slack
        As in `dkw_distance`.
    level : float
        False-alarm rate.
    where : str
        Which part of the sample it is.

    Returns
    -------
    Measured
        In probabilities; what is detectable is a distance between distribution functions.
    """
    band = dkw_band(z.size, level)
    return Measured(z.size, dkw_distance(z, cdf, left_cdf, slack), band, 2 * band, where, _curve(z, cdf))


def _curve(z: Array, cdf: Cdf) -> tuple[tuple[float, float, float], ...]:
    """Return points of both distribution functions: at quantiles of the sample, and evenly between its ends."""
    ordered = np.sort(np.asarray(z, "float64"))
    quantiles = ordered[np.linspace(0, z.size - 1, CURVE).astype(int)]
    x = np.unique([*quantiles, *np.linspace(ordered[0], ordered[-1], CURVE)])
    up_to = np.searchsorted(ordered, x, side="right") / z.size
    return tuple(zip(x.tolist(), up_to.tolist(), np.asarray(cdf(x), "float64").tolist(), strict=True))


def binomial(hits: int, n: int, p: float, level: float, where: str = "") -> Measured:
    """Test a count against its probability, exactly: p lies outside the Clopper-Pearson interval.

    Parameters
    ----------
    hits : int
        How often the event came.
    n : int
        Out of how many independent trials.
    p : float
        Its probability.
    level : float
        False-alarm rate, half of it for either side.
    where : str
        Which event it is.

    Returns
    -------
    Measured
        In probabilities.
    """
    low, high = (int(k) for k in (stats.binom.ppf(level / 2, n, p), stats.binom.isf(level / 2, n, p)))
    side = high / n - p if hits / n > p else p - low / n
    return Measured(n, abs(hits / n - p), side, _missed(n, p, low, high, level), where)


def _missed(n: int, p: float, low: int, high: int, level: float) -> float:
    """Distance to the probabilities that reach what is accepted with a chance of ``level``; to 0 or 1 if none does."""
    above = stats.beta.isf(level, high + 1, n - high) if high < n else 1.0
    below = stats.beta.ppf(level, low, n - low + 1) if low > 0 else 0.0
    return float(max(above - p, p - below))


def catoni(x: Array, variance: float, level: float, where: str = "") -> Measured:
    r"""Test whether independent values of a known variance have mean 0.

    Parameters
    ----------
    x : numpy.ndarray
        The values; martingale differences are served as well.
    variance : float
        Their variance, or more.
    level : float
        False-alarm rate.
    where : str
        Which mean it is.

    Returns
    -------
    Measured
        In standard deviations of one value.
    """
    n, y, log = x.size, np.abs(x) / math.sqrt(variance), math.log(2 / level)
    a = math.sqrt(2 * log / n)
    y = np.minimum(a * y, HUGE)
    total = float(np.sum(np.sign(x) * np.log1p(y + y**2 / 2)))
    threshold = (n * math.log1p(a**2 / 2) + log) / (n * a)
    return Measured(n, abs(total) / (n * a), threshold, 2 * threshold, where)
