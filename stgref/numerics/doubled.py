"""Doubled precision: numbers hi + lo of two floats, about 31 digits in float64, from standard array functions only.

Where a result is a small difference of large integrals (the gradient of a variance, an entropy near its maximum), no
formula in working precision can keep its digits; there the same formula is evaluated with these numbers instead.

References
----------
T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18, 1971;
D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2, theorem B (the exact sum).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref.numerics.namespace import Array, Namespace, bits

LOG_2_HI, LOG_2_LO = 0.6931471805599453, 2.3190468138462996e-17
_SPLITTERS = {32: 4097.0, 64: 134217729.0}
_HALVINGS = 9


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum and its exact error."""
    s = a + b
    c = s - a
    return s, (a - (s - c)) + (b - c)


def quick_two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """As `two_sum`, for abs(a) >= abs(b)."""
    s = a + b
    return s, b - (s - a)


class Doubled:
    """The number hi + lo, with abs(lo) at most half a unit in the last place of hi.

    Arithmetic with arrays and Python floats is allowed; both are exact numbers. Sums and products are right to a few
    units of the doubled precision, relative to their operands.
    """

    __slots__ = ("hi", "lo", "splitter")
    __array_ufunc__ = None  # NumPy arrays leave arithmetic to this class

    def __init__(self, hi: Array, lo: Array, splitter: float) -> None:
        self.hi, self.lo, self.splitter = hi, lo, splitter

    def new(self, pair: tuple[Array, Array]) -> Doubled:
        """Another pair hi, lo of the same precision."""
        return Doubled(*pair, self.splitter)

    def _split(self, a: Array) -> tuple[Array, Array]:
        t = self.splitter * a
        high = t - (t - a)
        return high, a - high

    def _two_product(self, a: Array, b: Array) -> tuple[Array, Array]:
        p = a * b
        (a1, a2), (b1, b2) = self._split(a), self._split(b)
        return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2

    def __neg__(self) -> Doubled:
        return self.new((-self.hi, -self.lo))

    def __add__(self, other: Doubled | Array) -> Doubled:
        if isinstance(other, Doubled):
            s, e = two_sum(self.hi, other.hi)
            return self.new(quick_two_sum(s, e + (self.lo + other.lo)))
        s, e = two_sum(self.hi, other)
        return self.new(quick_two_sum(s, e + self.lo))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Doubled:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Doubled:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Doubled:
        if isinstance(other, Doubled):
            p, e = self._two_product(self.hi, other.hi)
            return self.new(quick_two_sum(p, e + (self.hi * other.lo + self.lo * other.hi)))
        p, e = self._two_product(self.hi, other)
        return self.new(quick_two_sum(p, e + self.lo * other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Doubled:
        other = other if isinstance(other, Doubled) else self.new((other, 0.0 * self.hi))
        q = self.hi / other.hi
        rest = self - other * q
        return self.new(quick_two_sum(q, rest.hi / other.hi))

    def __rtruediv__(self, other: Any) -> Doubled:
        return self.new((other + 0.0 * self.hi, 0.0 * self.hi)) / self

    def scaled(self, power_of_two: float) -> Doubled:
        """The product with a power of two, which is exact."""
        return self.new((power_of_two * self.hi, power_of_two * self.lo))

    def square(self) -> Doubled:
        """The square."""
        p, e = self._two_product(self.hi, self.hi)
        return self.new(quick_two_sum(p, e + 2.0 * self.hi * self.lo))

    def __getitem__(self, key: Any) -> Doubled:
        return self.new((self.hi[key], self.lo[key]))


def doubled(xp: Namespace, x: Array) -> Doubled:
    """The array x as exact doubled numbers."""
    return Doubled(x, 0.0 * x, _SPLITTERS[bits(xp, x.dtype)])


def where(xp: Namespace, condition: Array, a: Doubled, b: Doubled) -> Doubled:
    """Elementwise choice."""
    return Doubled(xp.where(condition, a.hi, b.hi), xp.where(condition, a.lo, b.lo), a.splitter)


def absolute(xp: Namespace, x: Doubled) -> Doubled:
    """Absolute value."""
    return where(xp, x.hi < 0.0, -x, x)


def total(xp: Namespace, x: Doubled, axis: int = -1) -> Doubled:
    """Sum over an axis, by halving: the error grows with the logarithm of the length."""
    hi, lo = xp.moveaxis(x.hi, axis, 0), xp.moveaxis(x.lo, axis, 0)
    while hi.shape[0] > 1:
        half = hi.shape[0] // 2
        folded = x.new((hi[:half, ...], lo[:half, ...])) + x.new(
            (hi[half : 2 * half, ...], lo[half : 2 * half, ...])
        )
        tail = hi[2 * half :, ...], lo[2 * half :, ...]
        hi, lo = (xp.concat(pair, axis=0) for pair in ((folded.hi, tail[0]), (folded.lo, tail[1])))
    return x.new((hi[0, ...], lo[0, ...]))


def exp(xp: Namespace, x: Doubled) -> Doubled:
    r"""Exponential.

    With :math:`x = k \log 2 + 2^9 r`, it is the Taylor series of expm1(r), then nine doublings
    :math:`s \leftarrow 2 s + s^2`, and the factor :math:`2^k` in two halves, so that only the result can underflow.

    Arguments are bounded where the result is 0 or overflows.
    """
    low, high = (-1400.0, 700.0) if x.splitter == _SPLITTERS[64] else (-170.0, 88.0)
    hi = xp.minimum(xp.maximum(x.hi, low), high)
    x = Doubled(hi, xp.where(hi == x.hi, x.lo, 0.0), x.splitter)
    k = xp.round(x.hi / LOG_2_HI)
    r = (x - constant(xp, LOG_2_HI, LOG_2_LO, k) * k).scaled(2.0**-_HALVINGS)
    s = _expm1(xp, r)
    for _ in range(_HALVINGS):
        s = s.scaled(2.0) + s.square()
    e = s + 1.0
    half = xp.floor(0.5 * k)
    first = power_of_two(xp, half)
    second = xp.where(k == 2.0 * half, first, 2.0 * first)
    return Doubled(e.hi * first * second, e.lo * first * second, x.splitter)


def _expm1(xp: Namespace, r: Doubled) -> Doubled:
    """r + r^2/2 + r^3/6 + ..., for abs(r) < 0.0007, of which only the first four terms need doubled precision."""
    square, h = r.square(), r.hi
    cubic = constant(xp, 1 / 6, 9.25185853854297e-18, h) * r + 0.5
    quartic = square.square() * constant(xp, 1 / 24, 2.3129646346357426e-18, h)
    tail = h * h * h * h * h * (1 / 120 + h * (1 / 720 + h * (1 / 5040 + h / 40320)))
    return r.__add__(square * cubic + (quartic + tail))


def power_of_two(xp: Namespace, k: Array) -> Array:
    """2^k for integral k of size below 1024, exactly (the standard has no ldexp)."""
    rest, p = xp.abs(k), 1.0 + 0.0 * k
    for power in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1):
        take = rest >= power
        p = xp.where(take, p * xp.where(k < 0.0, 0.5**power, 2.0**power + 0.0 * k), p)
        rest = xp.where(take, rest - power, rest)
    return p


def log(xp: Namespace, x: Doubled) -> Doubled:
    r"""Logarithm, by one Newton step :math:`y + (x e^{-y} - 1)` from the working precision's."""
    y = doubled(xp, xp.log(x.hi))
    return y + (x * exp(xp, -y) - 1.0)


_RAISE = {32: (2.0**-64, 80), 64: (2.0**-512, 600)}
"""Numbers below the first are multiplied by 2 to the second, so that neither they nor their inverses are too small."""


def log_of(xp: Namespace, x: Array) -> Doubled:
    """Logarithm of a positive array, subnormal numbers too."""
    small, power = _RAISE[bits(xp, x.dtype)]
    low = x < small
    raised = log(xp, doubled(xp, xp.where(low, x * 2.0**power, x)))
    return where(xp, low, raised - constant(xp, LOG_2_HI, LOG_2_LO, x) * float(power), raised)


def constant(xp: Namespace, hi: float, lo: float, like: Array) -> Doubled:
    """The number hi + lo of two Python floats, in the dtype and shape of ``like``."""
    top = hi + 0.0 * like
    if bits(xp, like.dtype) == 64:
        return Doubled(top, lo + 0.0 * like, _SPLITTERS[64])
    rounded = float(np.float32(hi))
    return Doubled(top, ((hi - rounded) + lo) + 0.0 * like, _SPLITTERS[32])


SMALL = 2.0**-6
"""Where series of exponentials take over; beyond, differences lose at most 13 bits of the doubled precision."""


def log_ratio(xp: Namespace, top: Doubled, bottom: Doubled, difference: Doubled) -> Doubled:
    r"""log(top / bottom), to 20 digits of itself also where it is near 0.

    There it is :math:`2 \operatorname{artanh} s`, :math:`s = (\text{top} - \text{bottom}) / (\text{top} + \text{bottom})`, by
    a series of which all but the first term is so small that working precision will do.
    """
    s = difference / (top + bottom)
    y = s.hi * s.hi
    series = s + s * (y * (1 / 3 + y * (1 / 5 + y * (1 / 7 + y * (1 / 9 + y / 11)))))
    return where(xp, xp.abs(s.hi) < 2.0**-7, series.scaled(2.0), log(xp, top / bottom))


def exp_remainder(xp: Namespace, x: Doubled) -> Doubled:
    """e^x - 1 - x for small x; the series but for its first term is small, so that working precision will do."""
    h = x.hi
    rest = 0.0 * h
    for k in range(9, 2, -1):
        rest = h / k * (1.0 + rest)
    return x.square() * (doubled(xp, rest) + 1.0).scaled(0.5)


def expm1(xp: Namespace, x: Doubled) -> Doubled:
    """e^x - 1, to 18 digits of itself."""
    return where(xp, xp.abs(x.hi) < SMALL, x + exp_remainder(xp, x), exp(xp, x) - 1.0)
