"""The laws of vectors, from their textbook definitions: a vector is a list of numbers, one per category."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

from .functions import exp, log
from .jets import Number, value
from .law import Function

Vector = Sequence[Number]


@dataclass(frozen=True)
class VectorLaw:
    """A law of vectors: its quantities, with the names of their arguments.

    Attributes
    ----------
    quantities : mapping
        Functions of lists of numbers (a temperature is one number), by name.
    gradients : frozenset
        Quantities that have a ``grad_`` sibling.
    pullbacks : frozenset
        Quantities that have a ``vjp_`` sibling.
    tangents : frozenset
        Quantities that have a ``jvp_`` sibling.
    fixed : frozenset
        Arguments that take whole values only, so that nothing is differentiated by them.
    """

    name: str
    quantities: Mapping[str, tuple[Function, tuple[str, ...]]]
    gradients: frozenset[str]
    pullbacks: frozenset[str]
    tangents: frozenset[str]
    fixed: frozenset[str] = frozenset()

    def functions(self) -> list[str]:
        """Return the names of all functions of the law."""
        kinds = {"grad_": self.gradients, "vjp_": self.pullbacks, "jvp_": self.tangents}
        derived = [f"{kind}{q}" for q in self.quantities for kind, of in kinds.items() if q in of]
        return [*self.quantities, *derived]

    def arguments(self, function: str) -> tuple[str, ...]:
        """Return the names of the arguments of a function, in order, tangents last."""
        quantity = bare(function)
        names = self.quantities[quantity][1]
        if function.startswith("vjp_"):
            return ("cotangent", *names)
        moving = [n for n in names if n not in self.fixed]
        return names + (tuple(f"d_{n}" for n in moving) if function.startswith("jvp_") else ())


def bare(function: str) -> str:
    """Return the quantity that a function is about."""
    return function.removeprefix("grad_").removeprefix("vjp_").removeprefix("jvp_")


def product(factors: Vector) -> Number:
    return reduce(mul, factors)


def exponentials(noise: Vector, logits: Vector, temperature: Number) -> list[Number]:
    return [exp((n + a) / temperature) for n, a in zip(noise, logits, strict=True)]


def softmax(logits: Vector) -> list[Number]:
    e = [exp(a) for a in logits]
    return [x / sum(e) for x in e]


def concrete(noise: Vector, logits: Vector, temperature: Number) -> list[Number]:
    """Maddison et al. 2017, equation (9)."""
    e = exponentials(noise, logits, temperature)
    return [x / sum(e) for x in e]


def concrete_pdf(x: Vector, logits: Vector, temperature: Number) -> Number:
    """Maddison et al. 2017, equation (10)."""
    if min(value(u) for u in x) <= 0:
        return 0
    n = len(x)
    rates = [exp(a - temperature * log(u)) for a, u in zip(logits, x, strict=True)]
    shares = [rate / u / sum(rates) for rate, u in zip(rates, x, strict=True)]
    return math.factorial(n - 1) * product([temperature] * (n - 1) + shares)


def exp_concrete(noise: Vector, logits: Vector, temperature: Number) -> list[Number]:
    return [log(x) for x in concrete(noise, logits, temperature)]


def exp_concrete_pdf(x: Vector, logits: Vector, temperature: Number) -> Number:
    """Maddison et al. 2017, appendix C.3, equation (24)."""
    n = len(x)
    rates = [exp(a - temperature * u) for a, u in zip(logits, x, strict=True)]
    return math.factorial(n - 1) * product([temperature] * (n - 1) + [rate / sum(rates) for rate in rates])


def logarithm(f: Function) -> Function:
    """Return log f, -inf where f is 0."""

    def log_f(*args: Any) -> Number:
        result = f(*args)
        return -math.inf if isinstance(result, int) else log(result)

    return log_f


def one_hot(noise: Vector, logits: Vector) -> list[int]:
    totals = [value(n + a) for n, a in zip(noise, logits, strict=True)]
    k = max(range(len(totals)), key=lambda i: totals[i].mid())
    return [int(i == k) for i in range(len(totals))]


def mass(x: Sequence[float], logits: Vector) -> Number:
    if sorted(x) != [0.0] * (len(x) - 1) + [1.0]:
        return 0
    return softmax(logits)[list(x).index(1.0)]


def entropy(logits: Vector) -> Number:
    return -sum(p * log(p) for p in softmax(logits))


def conditional_latent(noise: Vector, sample: Sequence[float], logits: Vector) -> list[Number]:
    """With exponential variables E = exp(-noise), as in Paulus et al. 2021, equation (6)."""
    k = list(sample).index(1.0)
    e = [exp(-n) for n in noise]
    total = sum(exp(a) for a in logits)
    return [
        -log(e[k] / total) if j == k else -log(e[j] / exp(a) + e[k] / total) for j, a in enumerate(logits)
    ]


RELAXED = {"gradients": frozenset(["logpdf"]), "pullbacks": frozenset(["transform"])}
AT_NOISE, AT_X = ("noise", "logits", "temperature"), ("x", "logits", "temperature")


def relaxed(name: str, transform: Function, pdf: Function) -> VectorLaw:
    """Return a law with a density."""
    quantities = {"transform": (transform, AT_NOISE), "pdf": (pdf, AT_X), "logpdf": (logarithm(pdf), AT_X)}
    return VectorLaw(name, quantities, tangents=frozenset(["transform"]), **RELAXED)


CATEGORICAL = VectorLaw(
    "categorical",
    {
        "transform": (one_hot, ("noise", "logits")),
        "pdf": (mass, ("x", "logits")),
        "logpdf": (logarithm(mass), ("x", "logits")),
        "mean": (softmax, ("logits",)),
        "log_probs": (lambda logits: [log(p) for p in softmax(logits)], ("logits",)),
        "entropy": (entropy, ("logits",)),
        "conditional_latent": (conditional_latent, ("noise", "sample", "logits")),
    },
    gradients=frozenset(["logpdf", "entropy"]),
    pullbacks=frozenset(["transform", "mean", "log_probs", "conditional_latent"]),
    tangents=frozenset(["transform", "conditional_latent"]),
    fixed=frozenset(["x", "sample"]),
)

VECTOR_LAWS: dict[str, VectorLaw] = {
    law.name: law
    for law in (
        relaxed("concrete", concrete, concrete_pdf),
        relaxed("exp_concrete", exp_concrete, exp_concrete_pdf),
        CATEGORICAL,
    )
}
