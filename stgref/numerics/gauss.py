"""Kernels around the standard normal law, accurate in both tails; erf, erfc, erfcx and ndtri are the libraries' own."""

from __future__ import annotations

import functools
import math

import numpy as np

from stgref.numerics import native
from stgref.numerics.branches import either
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import gauss_legendre
from stgref.numerics.sigmoid import LOG_2, Derivative, ProbabilityDerivative

SOURCE = """
NIST Digital Library of Mathematical Functions, sections 7.2 (error functions), 7.8 (Mills ratio), 7.9 (continued
fractions) and 7.17 (inverse).
"""

SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
SQRT_2PI = math.sqrt(2.0 * math.pi)
INV_SQRT_2PI = 1.0 / SQRT_2PI
LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)


def half_gauss(xp: Namespace, x: Array) -> Array:
    r"""Square root of exp(-x^2 / 2); products c g g underflow only when the product does."""
    return xp.exp(-0.25 * x * x)


def density(xp: Namespace, x: Array, factor: Array | float = 1.0) -> Array:
    r"""Standard normal density times ``factor``, :math:`e^{-x^2/2} / \sqrt{2 \pi}`."""
    g = half_gauss(xp, x)
    return INV_SQRT_2PI * g * factor * g


def log_density(xp: Namespace, x: Array) -> Array:
    r"""Logarithm of the standard normal density, :math:`-x^2/2 - \log \sqrt{2 \pi}`."""
    return -0.5 * x * x - LOG_SQRT_2PI


def erfc(xp: Namespace, x: Array) -> Array:
    r"""Complementary error function, :math:`\frac{2}{\sqrt\pi} \int_x^\infty e^{-s^2} ds` (DLMF 7.2.2).

    Examples
    --------
    >>> from stgref import special
    >>> special.erfc(20.0)
    np.float64(5.395865611607901e-176)
    """

    def tail(x: Array) -> Array:
        g = xp.exp(-0.5 * x * x)
        return native.erfcx(xp, x) * g * g  # underflows gradually, as SciPy's does not

    return either(xp, x > 4.0, tail, lambda x: native.erfc(xp, x), (x, 4.0, 4.0))


def grad_erfc(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `erfc`, :math:`-\frac{2}{\sqrt\pi} e^{-x^2}`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_erfc(0.0).x
    np.float64(-1.1283791670955126)
    """
    g = xp.exp(-0.5 * x * x)
    return Derivative(-TWO_OVER_SQRT_PI * g * g)


def erfcx(xp: Namespace, x: Array) -> Array:
    r"""Scaled complementary error function, :math:`e^{x^2} \operatorname{erfc}(x)` (DLMF 7.2(ii)).

    Examples
    --------
    >>> from stgref import special
    >>> special.erfcx([0.0, 1e4])
    array([1.00000000e+00, 5.64189581e-05])
    """
    return native.erfcx(xp, x)


def grad_erfcx(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `erfcx`, :math:`2 x \operatorname{erfcx}(x) - 2/\sqrt\pi`.

    For x > 3 the two terms nearly cancel; there the continued fraction of erfcx (DLMF 7.9.3), which gives
    :math:`\operatorname{erfcx}'(x) = -\frac{2}{\sqrt\pi} \frac{r}{x + r}`, r = (1/2)/(x + 1/(x + (3/2)/(x + ...))),
    has no such difference.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_erfcx(100.0).x
    np.float64(-5.641049762599318e-05)
    """
    far = x > 3.0
    safe = xp.where(far, x, 3.0)
    r = mills_remainder(xp, safe)
    near = 2.0 * x * native.erfcx(xp, xp.where(far, 3.0, x)) - TWO_OVER_SQRT_PI
    return Derivative(xp.where(far, -TWO_OVER_SQRT_PI * r / (safe + r), near))


def mills_remainder(xp: Namespace, x: Array, terms: int = 60) -> Array:
    r"""The continued fraction r(x) with erfcx(x) = 1 / (sqrt(pi) (x + r)): r = (1/2)/(x + (2/2)/(x + (3/2)/(x + ...))).

    DLMF 7.9.3 on the imaginary axis; 60 terms reach double precision for x >= 2.82.
    """
    r = 0.0 * x
    for k in range(terms, 0, -1):
        r = 0.5 * k / (x + r)
    return r


def ndtr(xp: Namespace, x: Array) -> Array:
    r"""Cumulative distribution function of the standard normal law.

    .. math:: \Phi(x) = [\,x < -5 : g\, \tfrac{1}{2} \operatorname{erfcx}(-x/\sqrt2)\, g,
              \text{ else } \tfrac{1}{2} \operatorname{erfc}(-x / \sqrt2)\,], \quad g = e^{-x^2/4}

    The form (1 + erf(x / sqrt 2)) / 2 is 0 below -8.3 (-5.6 in single precision), and SciPy's erfc drops to 0 before
    its result is subnormal; the scaled form underflows gradually.

    Examples
    --------
    >>> from stgref import special
    >>> special.ndtr([-10.0, 0.0])
    array([7.61985302e-24, 5.00000000e-01])
    """

    def tail(x: Array) -> Array:
        g = half_gauss(xp, x)
        return 0.5 * native.erfcx(xp, -SQRT_HALF * x) * g * g

    return either(xp, x < -5.0, tail, lambda x: 0.5 * native.erfc(xp, -SQRT_HALF * x), (x, -5.0, -5.0))


def grad_ndtr(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `ndtr`, the standard normal density :math:`e^{-x^2/2} / \sqrt{2\pi}`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_ndtr(0.0).x
    np.float64(0.3989422804014327)
    """
    return Derivative(density(xp, x))


def log_ndtr(xp: Namespace, x: Array) -> Array:
    r"""Logarithm of the standard normal cumulative distribution function.

    .. math:: \log \Phi(x) = [\,x < -1 : \log(\operatorname{erfcx}(-x/\sqrt2) / 2) - x^2/2;\;
              x < 0 : \operatorname{log1p}(\operatorname{erf}(x/\sqrt2)) - \log 2;\;
              \text{else } \operatorname{log1p}(-\Phi(-x))\,]

    Examples
    --------
    >>> from stgref import special
    >>> special.log_ndtr([-1e4, 0.0, 20.0])
    array([-5.00000101e+07, -6.93147181e-01, -2.75362412e-89])
    """

    def tail(x: Array) -> Array:
        return xp.log(0.5 * native.erfcx(xp, -SQRT_HALF * x)) - 0.5 * x * x

    def bulk(x: Array) -> Array:
        return xp.log1p(native.erf(xp, SQRT_HALF * x)) - LOG_2

    def upper(x: Array) -> Array:
        return xp.log1p(-ndtr(xp, -x))

    def right(x: Array) -> Array:
        return either(xp, x < 0.0, bulk, upper, (x, -0.5, 0.0))

    return either(xp, x < -1.0, tail, right, (x, -1.0, 0.0))


def grad_log_ndtr(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `log_ndtr`: the inverse Mills ratio, see `inverse_mills`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_log_ndtr(-1e4).x
    np.float64(10000.0001)
    """
    return Derivative(inverse_mills(xp, x))


def inverse_mills(xp: Namespace, x: Array) -> Array:
    r"""Inverse Mills ratio, the derivative of log Phi.

    .. math:: \phi(x) / \Phi(x) = [\,x < 0 : \sqrt{2/\pi} / \operatorname{erfcx}(-x/\sqrt2),
              \text{ else } \phi(x) / \Phi(x)\,]

    The quotient is 0/0 below -38; the scaled function overflows above 37.

    Examples
    --------
    >>> from stgref import special
    >>> special.inverse_mills([-50.0, 0.0, 38.0])
    array([5.00199840e+001, 7.97884561e-001, 1.09722105e-314])
    """
    return scaled_inverse_mills(xp, x, 1.0)


def scaled_inverse_mills(xp: Namespace, x: Array, factor: Array | float) -> Array:
    r"""`inverse_mills` times ``factor``, where the product may stay normal when the ratio underflows."""
    u, v = inverse_mills_factors(xp, x)
    return factor * u * v


def inverse_mills_factors(xp: Namespace, x: Array) -> tuple[Array, Array]:
    r"""Two numbers whose product is `inverse_mills`, and which are normal where that underflows."""
    g = half_gauss(xp, xp.maximum(x, 0.0))
    over = either(
        xp,
        x < 0.0,
        lambda x: SQRT_2_OVER_PI / native.erfcx(xp, -SQRT_HALF * x),
        lambda x: INV_SQRT_2PI / ndtr(xp, x),
        (x, 0.0, 0.0),
    )
    return over * g, g


def grad_inverse_mills(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `inverse_mills`, :math:`-\lambda (\lambda + x)` with :math:`\lambda = \phi/\Phi`.

    For x < 0, where the sum lambda + x cancels, see `mills_excess`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_inverse_mills([-1e4, 0.0]).x
    array([-0.99999998, -0.63661977])
    """
    lam = inverse_mills(xp, x)
    return Derivative(-lam * mills_excess(xp, x, lam))


def mills_excess(xp: Namespace, x: Array, lam: Array) -> Array:
    r"""The sum :math:`\lambda(x) + x` with :math:`\lambda` the inverse Mills ratio, without its cancellation for x < 0.

    For -4 < x < 0 it is :math:`\lambda \int_0^\infty s\, e^{x s - s^2/2}\, ds`, by Gauss-Legendre quadrature of an entire function
    (28 nodes on [0, 9]; cut and rule leave 3e-17), and below -4 the continued fraction of `mills_remainder`.
    """
    far, near = x < -4.0, (x >= -4.0) & (x < 0.0)
    r = mills_remainder(xp, -SQRT_HALF * xp.where(far, x, -4.0))
    middle = lam * _partial_mean(xp, xp.where(near, x, 0.0))
    return xp.where(far, r / SQRT_HALF, xp.where(near, middle, lam + x))


def _partial_mean(xp: Namespace, x: Array) -> Array:
    rule, total = gauss_legendre(28).rounded(), 0.0 * x
    for node, weight in zip(rule.nodes.tolist(), rule.weights.tolist(), strict=True):
        s = 9.0 * node
        total = total + 9.0 * weight * s * xp.exp(s * (x - 0.5 * s))
    return total


def ndtri(xp: Namespace, p: Array) -> Array:
    r"""Quantile function of the standard normal law, the inverse of `ndtr`; infinite at 0 and 1.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1].

    Examples
    --------
    >>> from stgref import special
    >>> special.ndtri([0.0, 1e-300, 0.5])
    array([       -inf, -37.0470963,   0.       ])
    """
    return native.ndtri(xp, p)


def grad_ndtri(xp: Namespace, p: Array) -> ProbabilityDerivative:
    r"""Derivative of `ndtri`, :math:`1 / (m\, \lambda(x))` with :math:`m = \min(p, 1 - p)`, x = ndtri(m).

    The form 1 / phi(ndtri(p)) multiplies the rounding of the quantile by its square; the inverse Mills ratio lambda
    hardly depends on it.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_ndtri(0.5).p
    np.float64(2.506628274631)
    """
    m = xp.minimum(p, 1.0 - p)
    inside = m > 0.0
    safe = xp.where(inside, m, 0.5)
    slope = 1.0 / safe / inverse_mills(xp, native.ndtri(xp, safe))
    return ProbabilityDerivative(xp.where(inside, slope, math.inf))


_NODES, _WEIGHTS = (tuple(float(v) for v in half) for half in np.polynomial.legendre.leggauss(12))


class Interval:
    r"""Probability of an interval [a, b] under the standard normal law, and what goes with it, given ``width`` = b - a > 0.

    Reflected so that abs(a) <= abs(b), and with M(x) = (1 - Phi(x)) / phi(x), the probability is

    - narrow, width (1 + abs(a)) <= 1: :math:`\phi(a) \int_0^{width} e^{-a s - s^2/2} ds` by Gauss-Legendre quadrature of
      an entire function (12 nodes; the relative error is below 1e-17), where any difference would cancel;
    - astride 0 or close to it, a < 1/2: :math:`(\operatorname{erf}(b/\sqrt2) - \operatorname{erf}(a/\sqrt2)) / 2`;
    - in a tail: :math:`\phi(a) (M(a) - e^{-width (a + b)/2} M(b))`, which is finite in logarithms at any distance.
    """

    def __init__(self, xp: Namespace, a: Array, b: Array, width: Array) -> None:
        self.xp, self.mirrored = xp, a + b < 0.0
        self.near, self.far = xp.where(self.mirrored, -b, a), xp.where(self.mirrored, -a, b)
        self.width = width + 0.0 * self.near
        self.narrow = self.width * (1.0 + xp.abs(self.near)) <= 1.0
        self.wide = (self.near < 0.5) & ~self.narrow
        self.decay = xp.exp(-0.5 * width * xp.maximum(self.near + self.far, 0.0))

    @functools.cached_property
    def ratio(self) -> Array:
        """The probability over phi(near); 1 where it is wide."""

        def narrow(near: Array, _: Array, width: Array, __: Array) -> Array:
            return _narrow(self.xp, near, width)

        def tail(near: Array, far: Array, _: Array, decay: Array) -> Array:
            return _tail(self.xp, near, far, decay)

        def narrow_or_tail(*at: Array) -> Array:
            return either(self.xp, at[2] * (1.0 + self.xp.abs(at[0])) <= 1.0, narrow, tail, *_safe(*at))

        at = self.near, self.far, self.width, self.decay
        return either(self.xp, self.wide, lambda *at: 1.0 + 0.0 * at[0], narrow_or_tail, *_safe(*at))

    @functools.cached_property
    def middle(self) -> Array:
        """The probability where it is wide; 1 elsewhere."""

        def between(near: Array, far: Array) -> Array:
            return 0.5 * (native.erf(self.xp, SQRT_HALF * far) - native.erf(self.xp, SQRT_HALF * near))

        return either(
            self.xp,
            self.wide,
            between,
            lambda *at: 1.0 + 0.0 * at[0],
            (self.near, 0.0, 0.0),
            (self.far, 1.0, 1.0),
        )

    @functools.cached_property
    def value(self) -> Array:
        """The probability."""
        return self.xp.where(self.wide, self.middle, density(self.xp, self.near, self.ratio))

    @functools.cached_property
    def log(self) -> Array:
        """Its logarithm."""
        xp = self.xp

        def likely(near: Array, far: Array, _: Array) -> Array:
            return xp.log1p(-(ndtr(xp, near) + ndtr(xp, -far)))

        of_wide = either(
            xp,
            self.wide & (self.middle > 0.7),
            likely,
            lambda *at: xp.log(at[2]),
            (self.near, -2.0, 0.0),
            (self.far, 2.0, 1.0),
            (self.middle, 1.0, 1.0),
        )
        return xp.where(self.wide, of_wide, log_density(xp, self.near) + xp.log(self.ratio))

    @functools.cached_property
    def _ends(self) -> tuple[Array, Array]:
        """The densities at the end that is near and at the far one, over the probability."""
        xp, over = self.xp, 1.0 / self.middle
        near = xp.where(self.wide, density(xp, self.near, over), 1.0 / self.ratio)
        return near, xp.where(self.wide, density(xp, self.far, over), self.decay / self.ratio)

    @property
    def at_a(self) -> Array:
        """The density at a over the probability."""
        near, far = self._ends
        return self.xp.where(self.mirrored, far, near)

    @property
    def at_b(self) -> Array:
        """The density at b over the probability."""
        near, far = self._ends
        return self.xp.where(self.mirrored, near, far)


def _safe(near: Array, far: Array, width: Array, decay: Array) -> tuple[tuple[Array, float, float], ...]:
    """Each of them, and what stands for it on either side: an interval of which all formulas are finite."""
    return (near, 0.5, 0.5), (far, 1.0, 1.0), (width, 0.5, 0.5), (decay, 0.6, 0.6)


def _narrow(xp: Namespace, a: Array, width: Array) -> Array:
    total = 0.0 * a
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        s = 0.5 * (1.0 + node) * width
        total = total + 0.5 * weight * xp.exp(-s * (a + 0.5 * s))
    return total * width


def _tail(xp: Namespace, near: Array, far: Array, decay: Array) -> Array:
    return mills(xp, xp.maximum(near, 0.0)) - decay * mills(xp, xp.maximum(far, 0.0))


def mills(xp: Namespace, x: Array) -> Array:
    r"""Mills ratio :math:`(1 - \Phi(x)) / \phi(x) = \sqrt{\pi/2} \operatorname{erfcx}(x / \sqrt2)`."""
    return native.erfcx(xp, SQRT_HALF * x) / SQRT_2_OVER_PI


def density_difference(xp: Namespace, a: Array, b: Array, width: Array, factor: Array) -> Array:
    r"""Difference :math:`\phi(b) - \phi(a)` times ``factor``, given ``width`` = b - a >= 0.

    It is :math:`\pm\phi(m) \operatorname{expm1}(-\text{width}\, |a + b| / 2)` with m the end nearer to 0.
    """
    total = a + b
    nearer = xp.where(total >= 0.0, a, b)
    return density(xp, nearer, factor * xp.sign(total) * xp.expm1(-0.5 * width * xp.abs(total)))
