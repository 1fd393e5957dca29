"""Kernels around the exponential, accurate near 0 and far out: what remains of it after its first terms."""

from __future__ import annotations

from stgref.numerics.namespace import Array, Namespace

_TERMS = 26


def relative_remainder(xp: Namespace, x: Array) -> Array:
    r"""Remainder :math:`(e^x - 1 - x) / x`, by its Taylor series for abs(x) < 2, where the difference would cancel."""
    near = xp.abs(x) < 2.0
    h = xp.where(near, x, 0.0)
    rest = 0.0 * h
    for k in range(_TERMS, 2, -1):
        rest = h / k * (1.0 + rest)
    far = xp.where(near, 2.0, x)
    return xp.where(near, 0.5 * h * (1.0 + rest), (xp.expm1(far) - far) / far)


def exp_remainder(xp: Namespace, x: Array) -> Array:
    r"""Remainder :math:`e^x - 1 - x`."""
    return x * relative_remainder(xp, x)


def damped(xp: Namespace, x: Array, factor: Array | float = 1.0) -> Array:
    r"""Quotient :math:`x / (e^x - 1)` for x >= 0 (1 at 0) times ``factor``; only the product can underflow."""
    h = xp.exp(-0.5 * x)
    return h * (undamped(xp, x) * factor) * h


def undamped(xp: Namespace, x: Array) -> Array:
    r"""Quotient :math:`x / (1 - e^{-x})` for x >= 0 (1 at 0)."""
    positive = x > 0.0
    return xp.where(positive, x / xp.where(positive, -xp.expm1(-x), 1.0), 1.0)


def undamped_excess(xp: Namespace, x: Array) -> Array:
    r"""Excess :math:`x / (1 - e^{-x}) - 1 = (e^{-x} - 1 + x) / (1 - e^{-x})` for x >= 0."""
    return -relative_remainder(xp, -x) * undamped(xp, x)


def gamma_two(xp: Namespace, x: Array) -> Array:
    r"""Incomplete gamma function :math:`\gamma(2, x) = 1 - (1 + x)\, e^{-x}` for x >= 0.

    It is :math:`e^{-x} (e^x - 1 - x)` for x < 2, where the difference would cancel.
    """
    near = x < 2.0
    safe = xp.where(near, x, 0.0)
    return xp.where(near, xp.exp(-safe) * exp_remainder(xp, safe), 1.0 - (1.0 + x) * xp.exp(-x))
