"""What the gates of the layers are at test time: rules of the trained parameter and the options, one gate at a time."""

from __future__ import annotations

from . import binary_concrete, hard_concrete, rectified_gaussian
from . import concrete_map as to
from .functions import sigmoid
from .generic import clip
from .jets import Number, value
from .law import Function, Law

LEVELS = (0.0, 1.0)


def louizos(log_alpha: Number, _: Number, lower: Number, upper: Number) -> Number:
    """Louizos et al. 2018, equation (13), before clipping."""
    return lower + (upper - lower) * sigmoid(log_alpha)


def scaled(log_alpha: Number, temperature: Number, *_: Number) -> Number:
    return sigmoid(4 * log_alpha / (5 * temperature))


def median(log_alpha: Number, temperature: Number, lower: Number, upper: Number) -> Number:
    """Before clipping."""
    return to.stretch(0, log_alpha, temperature, lower, upper)


def mean(log_alpha: Number, temperature: Number, lower: Number, upper: Number) -> Number:
    """Before clipping."""
    return lower + (upper - lower) * binary_concrete.mean(log_alpha, temperature)


def own_mu(mu: Number, _: Number) -> Number:
    return mu


def mode(law: Law) -> Function:
    """Return the atom that outweighs both the other one and the interior, the mean if none does."""

    def f(*p: Number) -> Number:
        zero, one, interior = (value(law.quantities[name](*p)) for name in PARTS)
        if zero > one and zero > interior:
            return 0
        return 1 if one > zero and one > interior else law.quantities["mean"](*p)

    return f


PARTS = ("prob_zero", "prob_one", "prob_interior")


def decided(law: Law) -> Function:
    """Return the ratio of the two largest of the three probabilities."""

    def f(*p: Number) -> tuple[Number, tuple[float, ...]]:
        first, second, _ = sorted(
            (law.quantities[name](*p) for name in PARTS), key=lambda q: float(value(q)), reverse=True
        )
        return first / second, (1.0,)

    return f


def threshold(law: Law) -> Function:
    return lambda *p: int(value(law.quantities["prob_active"](*p)) > 0.5)


def rules(name: str, law: Law, names: tuple[str, ...], raw: dict[str, Function], **others: Function) -> Law:
    """Return the rules of a layer as the quantities of a law; ``raw`` ones before clipping, too."""
    common = {"mean": law.quantities["mean"], "mode": mode(law), "threshold": threshold(law)}
    clipped = {rule: (lambda *p, f=f: clip(f(*p))) for rule, f in raw.items() if rule not in common}
    kinks = {rule: (lambda *p, f=f: (f(*p), LEVELS)) for rule, f in raw.items() if rule in clipped}
    return Law(
        name,
        dict.fromkeys(names),
        {**clipped, **common, **others, **{f"raw_{rule}": f for rule, f in raw.items()}},
        {
            **kinks,
            "mode": decided(law),
            "threshold": lambda *p: (law.quantities["prob_active"](*p), (0.5,)),
        },
    )


RULES: dict[str, Law] = {
    each.name: each
    for each in (
        rules(
            "BinaryConcreteStochasticGates",
            hard_concrete.LAW,
            ("log_alpha_param", "temperature", "lower_bound", "upper_bound"),
            {"gate": louizos, "median": median, "mean": mean},
            scaled=scaled,
        ),
        rules(
            "GaussianStochasticGates",
            rectified_gaussian.LAW,
            ("mu", "std"),
            {"gate": own_mu, "median": own_mu, "mean": own_mu},
        ),
    )
}
"""By layer. ``gate`` is what the layer itself takes at test time."""
