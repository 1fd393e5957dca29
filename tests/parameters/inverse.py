"""Exact inverses of the oracle's quantities in their first argument, with derivatives: implicit functions of jets of balls."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, ctx

from tests.oracle import LAWS, Exact
from tests.oracle.jets import variable

BITS, STEPS = 128, 2


def root(law: str, quantity: str, wanted: float, others: Sequence[float], guess: float) -> arb:
    """The first argument at which the quantity is ``wanted``, by Newton's method from near it, so far as it goes."""
    f, x = LAWS[law].quantities[quantity], arb(guess)
    for _ in range(STEPS):
        at = f(variable(x, 0, arb(1), 1), *(variable(arb(o), i, arb(1), 1) for i, o in enumerate(others, 1)))
        x = (x - (at.v - arb(wanted)) / at.d[0]).mid()
    return x


def inverse(law: str, quantity: str, wanted: float, others: Sequence[float], guess: float) -> list[Exact]:
    r"""The inverse x(y, p), then its partial derivatives to y and each of p, each with its condition.

    Of y = f(x, p): x_y = 1/f_x, x_i = -f_i/f_x, and differentiating these once more along y and p, on which x depends,
    x_yy = -f_xx x_y/f_x^2, x_yi = -(f_xi + f_xx x_i)/f_x^2, x_ij = -(f_ij + f_xi x_j + f_xj x_i + f_xx x_i x_j)/f_x.
    """
    ctx.prec = BITS
    x = root(law, quantity, wanted, others, guess)
    n = len(others) + 1
    at = LAWS[law].quantities[quantity](
        *(variable(v, i, arb(1), 2) for i, v in enumerate([x, *map(arb, others)]))
    )
    zero = arb(0)
    d = [at.d.get(i, zero) for i in range(n)]
    h = [[at.h.get((min(i, j), max(i, j)), zero) for j in range(n)] for i in range(n)]
    slope = [1 / d[0], *(-d[i] / d[0] for i in range(1, n))]
    second = [[zero] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if i and j:
                mixed = h[0][i] * slope[j] + h[0][j] * slope[i] + h[0][0] * slope[i] * slope[j]
                second[i][j] = -(h[i][j] + mixed) / d[0]
            else:
                k = i or j
                second[i][j] = -((h[0][k] if k else zero) + h[0][0] * slope[k]) / d[0] ** 2
    args = [abs(arb(v)) for v in (wanted, *others)]

    def size(row: list[arb]) -> arb:
        return sum((a * abs(s) for a, s in zip(args, row, strict=True)), zero)

    return [Exact(x, size(slope)), *(Exact(s, size(row)) for s, row in zip(slope, second, strict=True))]
