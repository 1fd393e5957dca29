r"""Quadrature on the simplex in two or three dimensions, exact for what is quadratic in pi on each piece of `arsm`.

The samples of ARSM change where :math:`\pi_i e^{-\phi_a} = \pi_j e^{-\phi_b}` for some swap that brings :math:`\pi_i` to a and :math:`\pi_j`
to b: on lines through a corner of the simplex. Cut along all of them it falls into convex pieces, on each of which the
estimate is linear in pi, and its products are quadratic. On a segment two Gauss-Legendre nodes integrate them exactly,
on a triangle three.

References
----------
A. H. Stroud, "Approximate Calculation of Multiple Integrals", 1971, formula T_n: 2-1 (the three nodes).
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

MOST = 3
"""Most categories."""

_SEGMENT = 0.5 + np.array([[1.0, -1.0], [-1.0, 1.0]]) * (0.5 / math.sqrt(3.0))
_TRIANGLE = np.full((3, 3), 1.0 / 6.0) + 0.5 * np.eye(3)


def rule(phi: Any) -> tuple[Any, Any]:
    """Points pi (D, m, K) of each variable's simplex, and their probabilities (D, m), for logits (D, K)."""
    rules = [_one(row) for row in phi]
    most = max((len(weights) for _, weights in rules), default=0)
    points = [np.pad(p, ((0, most - len(p)), (0, 0)), constant_values=1.0 / phi.shape[1]) for p, _ in rules]
    weights = [np.pad(w, (0, most - len(w))) for _, w in rules]
    return np.stack(points), np.stack(weights)


def _one(logits: Any) -> tuple[Any, Any]:
    """The rule of one variable: nodes in the simplices that its pieces fall into."""
    size = len(logits)
    nodes = {1: np.ones((1, 1)), 2: _SEGMENT, 3: _TRIANGLE}[size]
    pieces = [np.eye(size)]
    for line in lines(logits):
        pieces = [part for piece in pieces for part in cut(piece, line)]
    # A convex polygon is a fan of triangles.
    corners = [np.stack([p[0], *p[i : i + size - 1]]) for p in pieces for i in range(1, len(p) - size + 2)]
    volumes = [abs(np.linalg.det(c)) for c in corners]
    points = np.concatenate([nodes @ c for c in corners])
    return points, np.repeat(volumes, len(nodes)) / len(nodes)


def lines(logits: Any) -> list[Any]:
    """Coefficients (K,) of the linear functions of pi at whose zeros samples change."""
    size, found = len(logits), {}
    swaps = [list(range(size))]
    for m, j in itertools.combinations(range(size), 2):
        order = list(range(size))
        order[m], order[j] = j, m
        swaps.append(order)
    for order in swaps:
        for a, b in itertools.combinations(range(size), 2):
            i, j, height = order[a], order[b], float(logits[a] - logits[b])
            i, j, height = (i, j, height) if i < j else (j, i, -height)
            line = np.zeros(size)
            # pi_i = e^height pi_j
            line[i], line[j] = math.exp(-max(height, 0.0)), -math.exp(min(height, 0.0))
            found[i, j, height] = line
    return list(found.values())


def cut(piece: Any, line: Any) -> list[Any]:
    """A convex polygon or segment, as its corners in order, cut along a line: one piece or two."""
    side = piece @ line
    if not ((side > 0.0).any() and (side < 0.0).any()):
        return [piece]
    closed = len(piece) > 2
    edges = [(i, (i + 1) % len(piece)) for i in range(len(piece) if closed else 1)]
    above: list[Any] = []
    below: list[Any] = []
    for i, j in edges:
        for part, sign in ((above, 1.0), (below, -1.0)):
            if sign * side[i] >= 0.0:
                part.append(piece[i])
        if side[i] * side[j] < 0.0:
            share = side[i] / (side[i] - side[j])
            crossing = piece[i] + share * (piece[j] - piece[i])
            above.append(crossing)
            below.append(crossing)
    if not closed:
        (above if side[1] > 0.0 else below).append(piece[1])
    return [np.stack(part) for part in (above, below)]
