r"""Kullback-Leibler divergence between two hard concrete laws.

PLACEHOLDER
"""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.laws.hard_concrete_information import SMALL, log1p
from stgref.numerics import doubled as dd
from stgref.numerics import quadrature
from stgref.numerics.arithmetic import Number, Twofold
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace

CUTS, NODES, TILE = 6, 40, 16


class Law(NamedTuple):
    """Parameters: log alpha, temperature and bounds."""

    a: Number
    t: Number
    l: Number
    u: Number


class Comparison(NamedTuple):
    """At some z: noise n of p, the noise of q less that of p, and the logarithm of the ratio of (z - l)(u - z), q over p."""

    n: Number
    d: Number
    gap: Number


def _exp_remainder(xp: Namespace, x: Doubled) -> Doubled:
    """e^x - 1 - x for a small x, to 17 digits of itself."""
    h = x.hi
    tail = h * (1 / 6 + h * (1 / 24 + h * (1 / 120 + h * (1 / 720 + h * (1 / 5040 + h * (1 / 40320 + h / 362880))))))
    return x.square() * (dd.doubled(xp, tail) + 0.5)


def _expm1(xp: Namespace, x: Doubled) -> Doubled:
    return dd.where(xp, xp.abs(x.hi) < SMALL, x + _exp_remainder(xp, x), dd.exp(xp, x) - 1.0)


def kl_divergence(xp: Namespace, *params: Array) -> Array:
    """The divergence from p to q, for the parameters a, t, l, u of p, then of q."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        p, q = (Law(*(num.lift(x)[..., None, None] for x in law)) for law in (params[:4], params[4:]))
        zero, one = _compare(num, p, q, -p.l, p.u), _compare(num, p, q, 1.0 - p.l, p.u - 1.0)
        m = num.lift(_distance(num, zero, one))
        atoms = _atom(num, zero.n, zero.d, m) + _atom(num, -one.n, -one.d, m)
        total = num.sum(atoms) + num.sum(_inside(num, p, q, m))
        half = num.lower(num.exp(-0.5 * m))[..., 0, 0]
        return (num.lower(total) * half * half,)

    return quadrature.in_tiles(xp, TILE, tile, *xp.broadcast_arrays(*params))[0]


def _compare(num: Twofold, p: Law, q: Law, left: Number, right: Number) -> Comparison:
    """At the point z that is ``left`` = z - l_p from one end of p and ``right`` = u_p - z from the other."""
    by_left, by_right = log1p(num.xp, (p.l - q.l) / left), log1p(num.xp, (q.u - p.u) / right)
    v = num.log(left / right)
    d = (q.t - p.t) * v + q.t * (by_left - by_right) - (q.a - p.a)
    return Comparison(p.t * v - p.a, d, by_left + by_right)


def _distance(num: Twofold, zero: Comparison, one: Comparison) -> Array:
    """How far from 0 both laws' noise for (0, 1) is, if on the same side."""
    xp = num.xp
    right = xp.minimum(zero.n.hi, (zero.n + zero.d).hi)
    left = xp.maximum(one.n.hi, (one.n + one.d).hi)
    return xp.maximum(xp.maximum(right, -left), 0.0 * right)


def _divergence(num: Twofold, p: Number, q: Number, log_ratio: Number) -> Number:
    """p log(p/q) + q - p, which is not negative."""
    near = p * _exp_remainder(num.xp, -log_ratio)
    return num.where(num.xp.abs(log_ratio.hi) < SMALL, near, p * (log_ratio - 1.0) + q)


def _atom(num: Twofold, x: Number, d: Number, m: Number) -> Number:
    """Of an atom whose probabilities are p = sigma(x) and q = sigma(x + d)."""
    y = x + d
    return _divergence(num, _scaled_sigmoid(num, x, m), _scaled_sigmoid(num, y, m), _log_sigmoid_ratio(num, x, y, d))


def _scaled_sigmoid(num: Twofold, x: Number, m: Number) -> Number:
    """sigma(x) times e^m, or less where that is beyond e^60: the larger atom's divergence is of the order e^-2m."""
    exponent = num.where(num.negative(x), x, 0.0 * x) + m
    exponent = num.where(exponent.hi > 60.0, 0.0 * x + 60.0, exponent)
    return num.exp(exponent) / (1.0 + num.exp(-num.abs(x)))


def _log_sigmoid_ratio(num: Twofold, x: Number, y: Number, d: Number) -> Number:
    """log sigma(x) - log sigma(y), y = x + d."""
    near, zero, e = num.xp.abs(d.hi) < 1.0, 0.0 * x, num.exp(-num.abs(x))
    small = _expm1(num.xp, num.where(near, -d, zero)) * num.where(num.negative(x), 1.0 + zero, e)
    large = num.exp(-num.abs(y)) - e
    jump = num.where(num.negative(x), x, zero) - num.where(num.negative(y), y, zero)
    return num.where(near, zero, jump) + log1p(num.xp, num.where(near, small, large) / (1.0 + e))


def _log_density_ratio(num: Twofold, n: Number, d: Number, e: Number) -> Number:
    """log sigma'(n) - log sigma'(n + d), for e = exp(-|n|)."""
    near, zero, left = num.xp.abs(d.hi) < 1.0, 0.0 * n, num.negative(n)
    h = _expm1(num.xp, num.where(near, 0.5 * d, zero))
    other = -h / (1.0 + h)
    small = num.where(left, other, h) + num.where(left, h, other) * e
    y = num.abs(n + d)
    large = num.exp(-y) - e
    return num.where(near, zero, y - num.abs(n)) + 2.0 * log1p(num.xp, num.where(near, small, large) / (1.0 + e))


def _inside(num: Twofold, p: Law, q: Law, m: Number) -> Number:
    """The integrand times the weights."""
    inner = Law(p.a, p.t, num.where(num.negative(p.l - q.l), q.l, p.l), num.where(num.negative(p.u - q.u), p.u, q.u))
    y, weight = _grid(num, p, q, inner)
    e = num.exp(-num.abs(y))
    large = (inner.u - inner.l) / (1.0 + e)
    below = num.negative(y)
    left, right = num.where(below, e * large, large), num.where(below, large, e * large)
    left_p, right_p = left + (inner.l - p.l), right + (p.u - inner.u)
    at = _compare(num, p, q, left_p, right_p)
    e, down = num.exp(m - num.abs(at.n)), num.exp(-m)
    scale = 1.0 + e * down
    ratio = -log1p(num.xp, (q.t - p.t) / p.t) - log1p(num.xp, (q.u - p.u - (q.l - p.l)) / (p.u - p.l))
    ratio = ratio + at.gap + _log_density_ratio(num, at.n, at.d, e * down)
    slope = left / left_p * (right / right_p) * (p.t * (p.u - p.l) / (inner.u - inner.l))
    return weight * slope * _divergence(num, e, num.exp(m - num.abs(at.n) - ratio), ratio) / (scale * scale)


def _grid(num: Twofold, p: Law, q: Law, inner: Law) -> tuple[Number, Number]:
    """Nodes and weights for y = log((z - l) / (u - z)) of the inner bounds."""
    xp = num.xp
    first, last = (num.log(-inner.l / inner.u), num.log((1.0 - inner.l) / (inner.u - 1.0)))
    low, high = first.hi, last.hi
    centres, heights = zip(*(_singularity(xp, law, inner) for law in (p, q)), strict=True)
    cuts = [low + (high - low) * (k / (CUTS + 1)) for k in range(1, CUTS + 1)]
    cuts = xp.sort(xp.concat([*cuts, *(xp.minimum(xp.maximum(c, low), high) for c in centres)], axis=-2), axis=-2)
    cuts = num.lift(cuts)
    starts, stops = _concat(num, first, cuts), _concat(num, cuts, last)
    half = 0.5 * (stops - starts)
    anchors, reach = _concat(num, starts, stops), _concat(num, half, -half)
    h = 2.0 + 0.0 * anchors.hi
    for c, b in zip(centres, heights, strict=True):
        h = xp.minimum(h, xp.hypot(anchors.hi - c, b))
    grading = xp.maximum(xp.asinh(xp.abs(reach.hi) / h), 0.25 + 0.0 * h)
    rule = quadrature.nodes(xp, quadrature.gauss_legendre(NODES), grading[..., 0])
    up = num.exp(rule.nodes * grading)
    down, top = 1.0 / up, num.exp(num.lift(grading))
    top = reach / (top - 1.0 / top)
    return anchors + (up - down) * top, rule.weights * (up + down) * num.abs(top) * grading


def _concat(num: Twofold, a: Number, b: Number) -> Number:
    return dd.Doubled(*(num.xp.concat([getattr(a, k), getattr(b, k)], axis=-2) for k in ("hi", "lo")), a.splitter)


def _singularity(xp: Namespace, law: Law, inner: Law) -> tuple[Array, Array]:
    """The real and imaginary parts of y where n = i pi, or v = i pi where that is nearer."""
    a, t, l, u = (x.hi for x in law)
    inner_l, inner_u = inner.l.hi, inner.u.hi
    v = xp.minimum(xp.maximum(a / t, xp.log(-l / u)), xp.log((1.0 - l) / (u - 1.0)))
    angle = xp.minimum(math.pi / t, math.pi + 0.0 * t)
    x, y = xp.exp(v) * xp.cos(angle), xp.exp(v) * xp.sin(angle)
    top = (u - inner_l) * x - (inner_l - l), (u - inner_l) * y
    bottom = (inner_u - l) - (u - inner_u) * x, -(u - inner_u) * y
    return xp.log(xp.hypot(*top) / xp.hypot(*bottom)), xp.atan2(top[1], top[0]) - xp.atan2(bottom[1], bottom[0])
