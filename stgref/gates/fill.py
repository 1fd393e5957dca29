r"""What a closed gate puts in the place of its input, the fill f: :math:`y = z\, x + (1 - z)\, f`.

Both terms are rounded by themselves: an open gate gives x, and a closed one f, to the last digit, which
:math:`f + z\, (x - f)` does not. Where z is near 1, 1 - z is what is left of numbers of the size of 1 in any case, of
the stretched interval or of :math:`\mu + \text{std}\, n`. With the number 0 nothing is added at all.

With the cotangent :math:`\bar y` of an element, the differential :math:`dy = z\, dx + (x - f)\, dz + (1 - z)\, df` gives

.. math:: \bar x = z\, \bar y, \quad \bar z = \sum (x - f)\, \bar y, \quad \bar f = \sum (1 - z)\, \bar y,

the sums over the elements that a gate, or a number of the fill, has: a broadcast forward is a sum backward. So all
that a fill changes for the parameters of the law is that x - f stands in the place of x. The difference is rounded by
half an eps of itself; nothing is lost, as x and f are given numbers.
"""

from __future__ import annotations

from stgref.gates.call import Call
from stgref.gates.summation import SumsOfTiles, pairwise_sum
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.tiles import Tile, for_each


def cotangent(call: Call, d_gated: Array) -> Array:
    r"""The fill's cotangent :math:`\bar f = \sum (1 - z)\, \bar y`, over all elements that a number of it is put into."""
    by_element = _in_tiles(call, d_gated) if call.in_tiles else _summed(call, call.gates(), d_gated)
    return collected(call.xp, by_element, tuple(getattr(call.setup.fill, "shape", ())))


def _summed(call: Call, gates: Array, d_gated: Array) -> Array:
    closed = 1.0 - call.spread(gates, d_gated)
    return pairwise_sum(call.xp, call.in_working(d_gated) * closed, 0)


def _in_tiles(call: Call, d_gated: Array) -> Array:
    shared, d, sums = None if call.by_example else call.gates(), call.flat(d_gated), SumsOfTiles(call.cuts())

    def add(tile: Tile) -> None:
        gates = call.at(tile).gates() if shared is None else shared[:, tile[1]]
        sums.add(tile, _summed(call, gates, d[tile]))

    for_each(add, call.cuts())
    return sums.total().reshape(call.x.shape[1:])


def collected(xp: Namespace, elements: Array, shape: tuple[int, ...]) -> Array:
    """The transpose of a broadcast from ``shape``: sums over the axes along which it repeats."""
    while elements.ndim > len(shape):
        elements = pairwise_sum(xp, elements, 0)
    for axis, length in enumerate(shape):
        if length == 1 and elements.shape[axis] != 1:
            elements = xp.expand_dims(pairwise_sum(xp, elements, axis), axis=axis)
    return elements
