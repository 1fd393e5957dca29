"""Averages of a formula of `draws` over its uniforms: panels between the thresholds, a quadrature inside each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from .problem import Number, Problem
from .statistics import Moments, of

Rule = list[tuple[Number, Number]]


def midpoints(p: Problem, edges: Sequence[Number]) -> Rule:
    """For what is constant between thresholds."""
    edges = sorted({p.m.mpf(0), *edges, p.m.mpf(1)})
    return [((a + b) / 2, b - a) for a, b in itertools.pairwise(edges)]


def gauss(p: Problem, edges: Sequence[Number]) -> Rule:
    """Two points per panel: exact for what is cubic between thresholds."""
    half = 1 / p.m.sqrt(p.m.mpf(12))
    return [(u + sign * half * w, w / 2) for u, w in midpoints(p, edges) for sign in (-1, 1)]


def tanh_sinh(p: Problem, edges: Sequence[Number], step: float = 1 / 8) -> Rule:
    """For what is smooth between thresholds, with logarithms at the ends; needs more digits than it gives."""
    m, rule = p.m, []
    reach = int(3.5 / step)
    for middle, width in midpoints(p, edges):
        for n in range(-reach, reach + 1):
            t = m.mpf(n) * step
            w = m.pi / 2 * m.sinh(t)
            u = middle + width / 2 * m.tanh(w)
            weight = width / 2 * step * m.pi / 2 * m.cosh(t) / m.cosh(w) ** 2
            rule.append((u, weight))
    return rule


def average(p: Problem, rules: Sequence[Rule], estimate: Callable[..., Sequence[Any]]) -> Moments:
    """Moments of ``estimate`` over independent uniforms, one rule for each of its arguments."""
    outcomes = []
    for points in itertools.product(*rules):
        weight = p.m.mpf(1)
        for _, w in points:
            weight *= w
        outcomes.append((weight, estimate(*[u for u, _ in points])))
    return of(outcomes)
