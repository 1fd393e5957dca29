"""The hard Kumaraswamy law: the Kumaraswamy one, stretched to (lower, upper) and clipped to [0, 1]."""

from __future__ import annotations

from . import kumaraswamy_map as to
from .bases import Exponential
from .functions import exp, expm1, log, log1p
from .generic import clip, clip_kinks, clipped, one, zero
from .integrals import integral
from .jets import Jet, Number, compose, value, variable
from .kumaraswamy import of_uniform
from .law import Law


def tail(v: Number, a: Number, b: Number, *, upper: bool) -> Number:
    """P(unstretched gate > v) = (1 - v^a)^b, or one minus it."""
    log_tail = b * log1p(-exp(a * log(v)))
    return exp(log_tail) if upper else -expm1(log_tail)


def moment_integral(k: int, a: Number, b: Number, low: Number, high: Number, *, upper: bool) -> Number:
    """Return the integral over [low, high] of v^k times the tail, differentiable in everything."""

    def part(pick) -> Number:
        return integral(lambda v: v**k * pick(tail(v, *shapes, upper=upper)), value(low), value(high))

    if not isinstance(a, Jet):
        shapes = a, b
        return part(lambda f: f)
    order = 1 if a.h is None else 2
    shapes = tuple(variable(value(x), i, 1, order) for i, x in enumerate((a, b)))
    slopes = [part(lambda f, i=i: f.d[i]) for i in (0, 1)]
    hessian = {} if order == 1 else {ij: part(lambda f, ij=ij: f.h[ij]) for ij in ((0, 0), (0, 1), (1, 1))}
    inside = compose(part(value), slopes, hessian, [a, b])
    return inside + limit(k, a, b, high, upper=upper) - limit(k, a, b, low, upper=upper)


def limit(k: int, a: Number, b: Number, end: Jet, *, upper: bool) -> Jet:
    """Return the integral from the value of ``end`` to ``end``: value 0, slope v^k times the tail."""
    shapes_and_end = [variable(value(x), i, 1, 1) for i, x in enumerate((a, b, end))]
    slope = (shapes_and_end[2] if k else 1) * tail(shapes_and_end[2], *shapes_and_end[:2], upper=upper)
    hessian = {(0, 2): slope.d[0], (1, 2): slope.d[1], (2, 2): slope.d[2]}
    return compose(0, [0, 0, slope.v], hessian, [a, b, end])


def is_mostly_one(*p: Number) -> bool:
    return bool(value(QUANTITIES["prob_one"](*p)) > 0.5)


def raw_moments(a: Number, b: Number, lower: Number, upper: Number, *, mirrored: bool) -> list[Number]:
    """Return E y and E y^2 of y = z, or 1 - z: the integrals over 0 < s < 1 of P(y > s) and of 2 s P(y > s)."""
    width = upper - lower
    low, high = -lower / width, (1 - lower) / width
    i0, i1 = (moment_integral(k, a, b, low, high, upper=not mirrored) for k in (0, 1))
    z_weighted = lower * i0 + width * i1
    return [width * i0, 2 * width * (i0 - z_weighted if mirrored else z_weighted)]


def mean(*p: Number) -> Number:
    mirrored = is_mostly_one(*p)
    first, _ = raw_moments(*p, mirrored=mirrored)
    return 1 - first if mirrored else first


def variance(*p: Number) -> Number:
    """E y^2 - (E y)^2 of y = z, or of its mirror image 1 - z."""
    first, second = raw_moments(*p, mirrored=is_mostly_one(*p))
    return second - first * first


def entropy(*p: Number) -> Number:
    """Return -(the sum over the atoms of P log P + the integral over (0, 1) of f log f)."""
    a, b, lower, upper = p

    def integrand(s: Number) -> Number:
        log_v = log((s - lower) / (upper - lower))
        log_f = log(a * b / (upper - lower)) + (a - 1) * log_v + (b - 1) * log1p(-exp(a * log_v))
        return exp(log_f) * log_f

    atoms = sum(QUANTITIES[atom](*p) * QUANTITIES[f"log_{atom}"](*p) for atom in ("prob_zero", "prob_one"))
    return -atoms - integral(integrand, zero(p), one(p))


def stretched_by_uniform(u: Number, *p: Number) -> Number:
    """The gate before clipping, of uniform noise strictly between 0 and 1."""
    return to.stretch(Exponential.icdf(u), *p)


QUANTITIES = clipped(Exponential, to.stretch, to.unstretch, to.rate) | {
    "transform": of_uniform(lambda e, *p: clip(to.stretch(e, *p))),
    "mean": mean,
    "variance": variance,
    "entropy": entropy,
}

LAW = Law(
    "hard_kumaraswamy",
    {"a": None, "b": None, "lower": -0.1, "upper": 1.1},
    QUANTITIES,
    kinks=clip_kinks(Exponential, to.stretch)
    | {"transform": lambda u, *p: (stretched_by_uniform(u, *p), (0.0, 1.0))},
    atoms=True,
    main=("a", "b"),
    numeric=frozenset({"entropy"}),
)
