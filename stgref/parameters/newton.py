r"""Newton's method for the inverse of a mean, elementwise, on the logarithm of the mean.

A sample of a gate is z = h(n + a), with noise n of a log-concave density and h increasing and log-concave, so that
:math:`m(a) = E z` is increasing and log-concave in a too (A. Prekopa, "On logarithmic concave measures and functions",
1973, theorem 6: a marginal of a log-concave function is log-concave). A tangent of :math:`\log m` lies above it. Hence
each Newton step for :math:`\log m(a) = \log m^*` ends left of the root or on it; from there on the steps only go right,
and shrink quadratically once m is of the size of :math:`m^*`. There is nothing to safeguard but roundings.

An element stands still after the step that begins within `NEAR` of the root, whatever its neighbours do: the result does
not depend on what it is computed with.
"""

from __future__ import annotations

from collections.abc import Callable

from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace

NEAR = 2.0**-30
"""The size of log m(a) - log m* after which one more step leaves 2^-60."""


def solve(xp: Namespace, step: Callable[[Array], tuple[Array, Array]], start: Array, most: int) -> Array:
    """The root from ``start``: ``step(x)`` returns what log m lacks at x, and where to go from there.

    On lazy arrays, ``most`` steps are written down, and those past the end change nothing.
    """
    x, done = start, xp.isnan(start)
    for _ in range(most):
        lacking, by = step(x)
        x = xp.where(done, x, x + by)
        done = done | (xp.abs(lacking) < NEAR)
        if not ns.is_lazy(x) and xp.all(done):
            break
    return x
