"""What an estimator's options may be: each is annotated with one of these, which checks it and documents it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

from stgref.numerics import arguments
from stgref.numerics.domains import POSITIVE, Domain

Check = Callable[[str, str, Any], Any]


class Option:
    """A check ``check(function, name, value)``, which returns the value to compute with, and a sentence on what it is."""

    def __init__(self, kind: str, words: str, check: Check) -> None:
        self.kind, self.words, self.check = kind, words, check


def number(words: str, domain: Domain) -> Option:
    """A real number of ``domain``."""
    return Option(
        "float", f"{words} Must be {domain.words}.", lambda f, n, v: arguments.number(f, n, v, domain)
    )


def whole(words: str, minimum: int) -> Option:
    """An integer of ``minimum`` or more."""
    return Option(
        "int", f"{words} Must be {minimum} or more.", lambda f, n, v: arguments.count(f, n, v, minimum)
    )


def choice(words: str, *values: str) -> Option:
    """One of a few words."""
    kind = "{" + ", ".join(f'"{value}"' for value in values) + "}"
    return Option(kind, words, lambda f, n, v: arguments.choice(f, n, v, values))


FINITE = Domain("finite", math.isfinite)
FRACTION = Domain("at least 0 and less than 1", lambda v: 0.0 <= v < 1.0)

Temperature = Annotated[float, number("Temperature of the relaxation.", POSITIVE)]
Eta = Annotated[float, number("Weight of the control variate.", FINITE)]
Step = Annotated[float, number("Half the distance between the two logits.", POSITIVE)]
Slope = Annotated[float, number("Slope of the sigmoid, as slope annealing raises it.", POSITIVE)]
Decay = Annotated[float, number("Decay of the moving average.", FRACTION)]
Rate = Annotated[float, number("Probability that the noise is 0.", FRACTION)]
Samples = Annotated[int, whole("Samples per estimate.", 2)]
Draws = Annotated[int, whole("Conditional draws per estimate.", 1)]
Coupling = Annotated[
    str,
    choice(
        'Whether the conditional latent is drawn afresh, or is the latent itself, ``"coupled"``.',
        "independent",
        "coupled",
    ),
]
