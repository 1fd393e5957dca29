r"""Mean, variance, entropy and divergence of the rectified Gaussian law, to full accuracy.

**The axis of the noise.** With :math:`a = -\mu/s`, :math:`b = (1 - \mu)/s` and
:math:`v = \min(b, \max(a, n))`, n standard normal, :math:`z = \mu + s v`; the atoms are :math:`p_0 = \Phi(a)` and
:math:`p_1 = \Phi(-b)`. As 1 - z is the law with :math:`(-b, -a)` for :math:`(a, b)`, everything is done for the
one of the two with :math:`\mu \le 1/2`. Then :math:`|a| \le b`, and the midpoint
:math:`m = (a + b)/2 = |\mu - 1/2| / s` is not negative. Distances are taken from the pivot
:math:`c = \max(a, 0)`, the point of [a, b] nearest to 0:

.. math:: n = c + d, \qquad \phi(n) = \phi(c)\, e^{-d (c + d/2)}.

The common factor :math:`\phi(c)` is multiplied last, in two halves, so that results underflow gradually. In the
textbook sums every term has an exponential of its own, wrong by :math:`n^2` roundings, and far in a tail the terms
of the mean cancel to 1 part in :math:`a^2`, those of the variance to 1 part in :math:`a^4`.

**Integrals** over :math:`a < n < b` are Gauss-Legendre sums with 28 nodes on either side of c, so that distances to
c keep all their digits, cut where :math:`\phi` has fallen by :math:`e^{-48}`. The integrands are entire; cut and
rule leave 2e-18. They are folded about m: the points n = m - t and m + t are summed together, the second with the
ratio of densities :math:`q = e^{-2 m t}`.

**Mean and variance** are their own definitions, sums of positive terms. With :math:`e = E v - c`,

.. math:: e &= \int d\, \phi - p_0 (c - a) + p_1 (b - c), \\
          \operatorname{Var} z &= s^2 [\int (d - e)^2 \phi + p_0 (c - a + e)^2 + p_1 (b - c - e)^2].

The form :math:`E z^2 - (E z)^2` loses all digits when s is small, and turns negative in the tails; here an error of
e enters only squared.

**Gradients** differentiate under the integral: z is continuous where it is clipped, so the moving ends contribute
nothing.

.. math:: \partial_\mu E z = \Phi(b) - \Phi(a), \quad \partial_s E z = \phi(a) - \phi(b), \quad
          \partial_s \operatorname{Var} z = 2 s \int (d - e)\, n\, \phi, \quad
          \partial_\mu \operatorname{Var} z = 2 \int (z - E z)\, \phi.

The last vanishes at :math:`\mu = 1/2` and cancels around it, the more the larger s is. As :math:`E z = p_1 + g`,

.. math:: \partial_\mu \operatorname{Var} z = 2\,[(p_0 - p_1)\, g - 2 p_1 u], \qquad g = \int z\, \phi, \qquad
          u = \int (\tfrac{1}{2} - z)\, \phi = s \int_{n < m} t\, (1 - q)\, \phi,

where :math:`p_0 - p_1` is the probability of :math:`[-b, a]`, and u, folded, a sum of positive terms. Each factor
keeps its digits, and so does the difference, whose second term is at most a fifth of the first.

**Entropy.** Inside, :math:`-\log f = n^2/2 + \log(s \sqrt{2\pi}) = k + d (c + d/2)`,

.. math:: H = -p_0 \log p_0 - p_1 \log p_1 + \int (k + d (c + \tfrac{d}{2}))\, \phi, \qquad
          k = \tfrac{1}{2} c^2 + \log (s \sqrt{2\pi}).

The integrand changes sign and is summed as one term; k, where it is the difference of two larger numbers, is taken
in doubled precision. In a tail :math:`-p_0 \log p_0` and the integral nearly cancel for small s, and H then hardly
depends on a; there the atoms are scaled by :math:`\phi(c)` too, so that all terms share the one exponential.

**Divergence** of p from q. With r = log(dq/dp), at the atoms and inside, and :math:`h(r) = e^r - 1 - r \ge 0`,

.. math:: D = -\int r\, dp = \int h(r)\, dp.

The first form cancels when the laws are alike, D being of second order in r. The second, to which the total masses
have been added, 1 - 1 = 0, has positive terms only, but needs nodes wherever q lives. At the same x, the noise of q
is that of p plus :math:`\delta = \kappa + \varepsilon d`, where :math:`\varepsilon = (s_p - s_q)/s_q` and
:math:`\kappa` is the difference at the pivot. Hence

.. math:: r = \log(s_p/s_q) - \delta\, (n + \delta/2), \quad
          r_0 = \log\Phi(a + \delta) - \log\Phi(a), \quad r_1 = \log\Phi(-b - \delta) - \log\Phi(-b),

with :math:`\delta` taken at n, a and b. This has no difference of squares; and a rounding of :math:`\kappa` moves
all r together, which hardly changes D, while roundings of :math:`a_q - a_p` and :math:`b_q - b_p` on their own
would change it much. The second form is used for :math:`|\varepsilon|` and :math:`|\kappa| (1 + c)` below 0.4, with
44 nodes on either side of c, cut where :math:`\phi` has fallen by :math:`e^{-128}` and so the density of q, which
may decay more slowly, by :math:`e^{-40}`. Beyond, the first form cancels no more than its condition allows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics import gauss
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import gauss_legendre, in_tiles
from stgref.numerics.quadrature import nodes as rule_nodes

TILE = 256
LOG_SQRT_2PI = (0.9189385332046728, -3.878294158067242e-17)
ALIKE = 0.4
LARGEST_EXPONENT = 80.0
"""Where q is like p, e^r exceeds exp(80) only where p has fallen so far that what is cut is below 1e-20 of the rest."""


def tiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate ``kernel(xp, *arrays)`` some elements at a time, as each of them takes an axis of nodes."""

    @functools.wraps(kernel)
    def run(xp: Namespace, *params: Array) -> Any:
        def tile(*parts: Array) -> tuple[Array, ...]:
            result = kernel(xp, *parts)
            return result if isinstance(result, tuple) else (result,)

        results = in_tiles(xp, TILE, tile, *xp.broadcast_arrays(*params))
        return results if len(results) > 1 else results[0]

    return run


class Axis(NamedTuple):
    """The law on the axis of the noise, mirrored if need be; distances from the pivot c are not differences."""

    mirrored: Array
    a: Array
    b: Array
    c: Array
    m: Array
    to_a: Array
    to_b: Array
    to_m: Array


def axis(xp: Namespace, mu: Array, std: Array) -> Axis:
    """The axis of a law."""
    mirrored = mu > 0.5
    a, b = ends(xp, mu, std, mirrored)
    m, beyond = xp.abs(mu - 0.5) / std, a > 0.0
    to_b, to_m = xp.where(beyond, 1.0 / std, b), xp.where(beyond, 0.5 / std, m)
    return Axis(mirrored, a, b, xp.maximum(a, 0.0), m, xp.maximum(-a, 0.0), to_b, to_m)


def ends(xp: Namespace, mu: Array, std: Array, mirrored: Array) -> tuple[Array, Array]:
    """The noise a and b at which z is 0 and 1, or 1 - z where it is mirrored."""
    return xp.where(mirrored, mu - 1.0, -mu) / std, xp.where(mirrored, mu, 1.0 - mu) / std


def nodes(xp: Namespace, c: Array, left: Array, right: Array, depth: float, n: int) -> tuple[Array, Array]:
    r"""Nodes d on a new last axis, n between -left and 0 and n between 0 and right, and weights times e^(-d (c + d/2)).

    The interval is cut where that factor is :math:`e^{-\text{depth}}`; left of c it is so only if c = 0.
    """
    rule = rule_nodes(xp, gauss_legendre(n), c).rounded()
    left = xp.minimum(left, (2.0 * depth) ** 0.5)[..., None]
    right = xp.minimum(right, 2.0 * depth / (c + xp.sqrt(c * c + 2.0 * depth)))[..., None]
    d = xp.concat([-left * rule.nodes, right * rule.nodes], axis=-1)
    weight = xp.concat([left * rule.weights, right * rule.weights], axis=-1)
    return d, weight * xp.exp(-d * (c[..., None] + 0.5 * d))


class Folded(NamedTuple):
    """Nodes d in [a, m] with weights, the distances t to m, and those of their images in [m, b], whose ratio is q."""

    d: Array
    weight: Array
    t: Array
    image: Array
    q: Array


def folded(xp: Namespace, x: Axis) -> Folded:
    """The nodes of integrals over [a, b], folded about m."""
    d, weight = nodes(xp, x.c, x.to_a, x.to_m, depth=48.0, n=28)
    t = x.to_m[..., None] - d
    return Folded(d, weight, t, d + 2.0 * t, xp.exp(-2.0 * x.m[..., None] * t))


def integral(xp: Namespace, on: Folded, f: Callable[[Array], Array]) -> Array:
    """The integral of f(d) phi(c + d) over [a, b], divided by phi(c)."""
    return xp.sum(on.weight * (f(on.d) + on.q * f(on.image)), axis=-1)


def deviation(xp: Namespace, x: Axis, on: Folded) -> Array:
    """E v - c."""
    inside = gauss.density(xp, x.c, integral(xp, on, lambda d: d))
    return inside + gauss.ndtr(xp, -x.b) * x.to_b - gauss.ndtr(xp, x.a) * x.to_a


def minus_log_density(xp: Namespace, n: Array, std: Array) -> Array:
    """The sum n^2/2 + log(s sqrt(2 pi)), rounded once."""
    log_scale = dd.log(xp, dd.doubled(xp, std)) + dd.constant(xp, *LOG_SQRT_2PI, std)
    return (log_scale + dd.doubled(xp, n).square().scaled(0.5)).hi


def lower_information(xp: Namespace, x: Axis) -> Array:
    """-p_0 log p_0 over phi(c) for a > 0, as p_0 M(a) (-log p_0 / Phi(-a)), the last factor being 1 beyond 9."""
    n = xp.minimum(x.c, 9.0)
    return gauss.ndtr(xp, x.a) * gauss.mills(xp, x.c) * (-gauss.log_ndtr(xp, n) / gauss.ndtr(xp, -n))


def scaled_upper(xp: Namespace, x: Axis) -> Array:
    """p_1 = Phi(-b) over phi(c)."""
    return gauss.mills(xp, x.b) * xp.exp(-0.5 * x.to_b * (x.b + x.c))


@tiled
def mean(xp: Namespace, mu: Array, std: Array) -> Array:
    """E z = s (c - a) (1 - p_0) + s int d phi + s (b - c) p_1, or 1 less that of the mirrored law."""
    x = axis(xp, mu, std)
    inside = gauss.density(xp, x.c, std * integral(xp, folded(xp, x), lambda d: d))
    small = gauss.ndtr(xp, -x.a) * (std * x.to_a) + inside + gauss.ndtr(xp, -x.b) * (std * x.to_b)
    return xp.where(x.mirrored, 1.0 - small, small)


def grad_mean(xp: Namespace, mu: Array, std: Array) -> tuple[Array, Array]:
    """Phi(b) - Phi(a) and phi(a) - phi(b)."""
    a, b, width = -mu / std, (1.0 - mu) / std, 1.0 / std
    return gauss.Interval(xp, a, b, width).value, gauss.density_difference(xp, a, b, width, -1.0)


@tiled
def variance(xp: Namespace, mu: Array, std: Array) -> Array:
    """E (z - E z)^2."""
    x = axis(xp, mu, std)
    on = folded(xp, x)
    e = deviation(xp, x, on)
    inside = gauss.density(xp, x.c, std * std * integral(xp, on, lambda d: (d - e[..., None]) ** 2))
    at_zero, at_one = std * (x.to_a + e), std * (x.to_b - e)
    return inside + gauss.ndtr(xp, x.a) * at_zero * at_zero + gauss.ndtr(xp, -x.b) * at_one * at_one


@tiled
def grad_variance(xp: Namespace, mu: Array, std: Array) -> tuple[Array, Array]:
    """2 [(p_0 - p_1) g - 2 p_1 u] and 2 s int (d - e) n phi."""
    x = axis(xp, mu, std)
    on = folded(xp, x)
    c, e, to_a = (y[..., None] for y in (x.c, deviation(xp, x, on), x.to_a))
    g = std * integral(xp, on, lambda d: to_a + d)
    u = std * xp.sum(on.weight * on.t * -xp.expm1(-2.0 * x.m[..., None] * on.t), axis=-1)
    atoms = xp.sign(x.m) * between(xp, -x.b, x.a, 2.0 * x.m).value
    by_mu = atoms * gauss.density(xp, x.c, 2.0 * g) - gauss.ndtr(xp, -x.b) * gauss.density(xp, x.c, 4.0 * u)
    by_std = gauss.density(xp, x.c, 2.0 * std * integral(xp, on, lambda d: (d - e) * (c + d)))
    return xp.where(x.mirrored, -by_mu, by_mu), by_std


@tiled
def entropy(xp: Namespace, mu: Array, std: Array) -> Array:
    """-p_0 log p_0 - p_1 log p_1 + int (k + d (c + d/2)) phi; the atoms are scaled by phi(c) where a > 1."""
    x = axis(xp, mu, std)
    c, at_c = x.c[..., None], minus_log_density(xp, x.c, std)[..., None]
    inside = integral(xp, folded(xp, x), lambda d: at_c + d * (c + 0.5 * d))
    log_0, log_1, tail = gauss.log_ndtr(xp, x.a), gauss.log_ndtr(xp, -x.b), x.a > 1.0
    atoms = -gauss.ndtr(xp, x.a) * log_0 - gauss.ndtr(xp, -x.b) * log_1
    scaled_atoms = lower_information(xp, x) - scaled_upper(xp, x) * log_1
    return gauss.density(xp, x.c, xp.where(tail, scaled_atoms, 0.0) + inside) + xp.where(tail, 0.0, atoms)


@tiled
def kl_divergence(xp: Namespace, mu_p: Array, std_p: Array, mu_q: Array, std_q: Array) -> Array:
    """int h(r) dp where q is like p, else -int r dp."""
    x = axis(xp, mu_p, std_p)
    a, b = ends(xp, mu_q, std_q, x.mirrored)
    epsilon = (std_p - std_q) / std_q
    kappa = xp.where(x.a > 0.0, a - x.a, xp.where(x.mirrored, mu_q - mu_p, mu_p - mu_q) / std_q)
    alike = (xp.abs(epsilon) < ALIKE) & (xp.abs(kappa) * (1.0 + x.c) < ALIKE)

    d, weight = nodes(xp, x.c, x.to_a, x.to_b, depth=128.0, n=44)
    delta = kappa[..., None] + epsilon[..., None] * d
    log_scales = xp.where(alike, xp.log1p(xp.where(alike, epsilon, 0.0)), xp.log(std_p / std_q))
    r = log_scales[..., None] - delta * (x.c[..., None] + d + 0.5 * delta)
    r_0 = log_ratio(xp, x.a, a, kappa - epsilon * x.to_a)
    r_1 = log_ratio(xp, -x.b, -b, -kappa - epsilon * x.to_b)

    inside = xp.sum(weight * divergence(xp, r, alike[..., None]), axis=-1)
    upper = inside + scaled_upper(xp, x) * divergence(xp, r_1, alike)
    return gauss.density(xp, x.c, upper) + gauss.ndtr(xp, x.a) * divergence(xp, r_0, alike)


def divergence(xp: Namespace, r: Array, alike: Array) -> Array:
    """The integrand of D for the log ratio r: h(r) where the laws are ``alike``, else -r."""
    return xp.where(alike, excess(xp, xp.where(alike, r, 0.0)), -r)


def excess(xp: Namespace, r: Array) -> Array:
    r"""The function :math:`h(r) = e^r - 1 - r`, by its series :math:`r^2/2 + r^3/6 + ...` for abs(r) < 1/2."""
    near = xp.abs(r) < 0.5
    small, large = xp.where(near, r, 0.0), xp.where(near, 0.0, r)
    series = xp.ones_like(r)
    for k in range(16, 2, -1):
        series = 1.0 + small / k * series
    return xp.where(near, 0.5 * small * small * series, xp.expm1(xp.minimum(large, LARGEST_EXPONENT)) - large)


def log_ratio(xp: Namespace, u: Array, v: Array, step: Array) -> Array:
    r"""The difference :math:`\log \Phi(v) - \log \Phi(u)`, given ``step`` = v - u to full accuracy.

    For a short step, and where both logarithms are nearly 0, the difference of the probabilities comes first.
    """
    high = xp.minimum(u, v) > 0.0
    short = xp.abs(step) * (1.0 + xp.abs(u)) < 1.0
    passed = between(xp, u, v, step)
    at_u = xp.where(step < 0.0, passed.at_b, passed.at_a)
    of_high = passed.value / gauss.ndtr(xp, xp.where(high, u, 0.0))
    of_low = gauss.inverse_mills(xp, u) / xp.where(short, at_u, 1.0)
    change = xp.sign(step) * xp.where(high, of_high, of_low)
    return xp.where(
        high | short,
        xp.log1p(xp.where(high | short, change, 0.0)),
        gauss.log_ndtr(xp, v) - gauss.log_ndtr(xp, u),
    )


def between(xp: Namespace, u: Array, v: Array, step: Array) -> gauss.Interval:
    """The probability of [u, v] or [v, u], given ``step`` = v - u to full accuracy; of another where that is 0."""
    some = 1.0 / (1.0 + xp.abs(u))
    v, width = xp.where(step == 0.0, u + some, v), xp.where(step == 0.0, some, xp.abs(step))
    return gauss.Interval(xp, xp.minimum(u, v), xp.maximum(u, v), width)
