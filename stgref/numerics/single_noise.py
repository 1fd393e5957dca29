r"""Standard noise made in single precision, of 32 random bits a number: several times faster than in double, and as good.

With k the word as a signed integer, of :math:`-2^{31} \ldots 2^{31} - 1`, the uniform is :math:`u = (k + \tfrac{1}{2}) 2^{-32} +
\tfrac{1}{2}`, and its distance from the nearer end is :math:`m\, 2^{-32}` with :math:`m = 2^{31} - |k + \tfrac{1}{2}|`. Both
k and ``~k`` have this m, an exact integer and a half; so u and 1 - u are alike, and single precision keeps all
digits of m where m is small, which is in the tails.

Noise is an argument of a gate: roundings here move no result away from what it should be for the noise that it got.
"""

from __future__ import annotations

import math

import numpy as np

from stgref.numerics.namespace import Array

_SIGN, _REST = np.int32(-(2**31)), np.int32(2**31 - 1)
_HALF, _ALL = np.float32(0.5), np.float32(2.0**32)


def logistic(words: Array, eps: float, out: Array) -> None:
    r"""Logistic noise, of uniforms squeezed into [eps, 1 - eps], 0 <= eps < 1/2.

    .. math:: n = \pm\log\frac{m'}{2^{32} - m'}, \quad m' = 2^{32}\, \text{eps} + (1 - 2\, \text{eps})\, m

    where the sign is that of k; ``words`` are changed.
    """
    k = words[: out.size].view(np.int32)
    np.copyto(out, _from_the_nearer_end(k), casting="unsafe")
    if eps:
        out *= np.float32(1.0 - 2.0 * eps)
        # No nearer to the ends than eps.
        out += np.nextafter(np.float32(2.0**32 * eps + 0.5 * (1.0 - 2.0 * eps)), np.float32(math.inf))
    else:
        out += _HALF
    np.divide(out, _ALL - out, out=out)
    np.log(out, out=out)
    _copy_sign(k, out)


def normal(words: Array, out: Array) -> None:
    r"""Normal noise, by pairs :math:`r \cos\varphi, r \sin\varphi` of two words each, the last of which may be without a sine.

    .. math:: r = \sqrt{-2 \log\frac{j + 1/2}{2^{32}}}, \quad \varphi = \frac{\pi (k + 1/2)}{2^{31}}

    with j the first word and k the second one as a signed integer. So :math:`r \le 6.77`, which a normal pair exceeds once
    in :math:`2^{33}`; where r is small, it is of 24 bits.

    References
    ----------
    G. E. P. Box, M. E. Muller, "A Note on the Generation of Random Normal Deviates", Annals of Mathematical Statistics 29,
    1958.
    """
    r = words[::2].astype(np.float32)
    r += _HALF
    r *= np.float32(2.0**-32)
    np.log(r, out=r)
    r *= np.float32(-2.0)
    np.sqrt(r, out=r)
    phi = words[1::2].view(np.int32).astype(np.float32)
    phi += _HALF
    phi *= np.float32(math.pi * 2.0**-31)
    np.multiply(r, np.cos(phi), out=out[::2])
    odd = out[1::2]
    np.multiply(r[: odd.size], np.sin(phi[: odd.size]), out=odd)


def _from_the_nearer_end(k: Array) -> Array:
    """m - 1/2, an integer of 0 ... 2^31 - 1: of k = 0 and -1 the largest."""
    folded = k >> 31
    folded ^= k
    folded ^= _REST
    return folded


def _copy_sign(k: Array, out: Array) -> None:
    """Give ``out`` the signs of k, which is used up: `numpy.copysign` takes three times as long."""
    bits = out.view(np.int32)
    bits &= _REST
    k &= _SIGN
    bits |= k
