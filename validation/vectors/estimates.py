"""Exact estimates: the oracle of the estimators, run with numbers that know their sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from flint import arb, ctx

from tests.accuracy.compare import PRECISE
from tests.estimators.oracle import Problem, draws
from tests.oracle import Exact
from tests.oracle.layers import Grid
from validation.vectors.objectives import Objective
from validation.vectors.tracked import Arithmetic, Tracked

DIGITS = (60, 550, 1600)
"""Decimal digits, raised until two answers agree."""
AGREED, SPARE = 30, 15
TUPLES = ("rloo", "vimco", "double_cv", "gumbel_rao", "arms")
"""Whose option k is seen from the noise."""
MOVING_AVERAGE = "moving_average"


class Question(Problem):
    """A problem of the oracle whose objective's values and slopes count as numbers computed by themselves."""

    @cached_property
    def phi(self) -> list[Tracked]:
        """The logits."""
        return [self.m.argument(x) if isinstance(x, float) else x for x in self.logits]

    @cached_property
    def q(self) -> list[Tracked]:
        """P(b_i = 0)."""
        return [1 - theta for theta in self.theta]

    def f(self, *b: Any) -> Tracked:
        """The objective."""
        return self.m.mpf(super().f(*b)).rounded()

    def df(self, *b: Any) -> list[Tracked]:
        """Its partial derivatives."""
        return [self.m.mpf(slope).rounded() for slope in super().df(*b)]

    def sigmoid(self, x: Any) -> Tracked:
        """1 / (1 + exp(-x))."""
        return self.m.sigmoid(self.m.mpf(x))

    def logit(self, u: Any) -> Tracked:
        """log(u / (1 - u))."""
        return u.latent() if u.latent else super().logit(u)


Given = Mapping[str, Any]
"""Nested lists, options or objectives, by name."""


def estimates(
    name: str, objective: Given, parameters: Given, noise: Given, options: Given
) -> dict[str, Grid]:
    """Return the exact estimates.

    Parameters
    ----------
    name : str
        Of the estimator.
    objective : mapping
        As in a case.
    parameters : mapping
        The ``logits``, one for each variable.
    noise : mapping
        The fields of the noise.
    options : mapping
        As in a case.

    Returns
    -------
    dict
        The ``value``, of shape (n, D).
    """
    fields, logits = list(noise.values()), parameters["logits"]

    def attempt(m: Arithmetic) -> dict[str, list[list[Tracked]]]:
        asked = Objective(dict(objective), m.argument)
        p = Question(asked.f, asked.df, tuple(logits), m)
        given = {key: option(m, value) for key, value in options.items()}
        if given.get("baseline") == MOVING_AVERAGE:
            return {"value": draws.moving_average(p, _uniform(p, fields[0]), decay=given["decay"])}
        rows = zip(*(_uniform(p, field) for field in fields), strict=True)
        return {"value": [_estimate(name, p, list(row), dict(given)) for row in rows]}

    return resolved(attempt, (len(fields[0]), len(logits)))


def resolved(
    attempt: Callable[[Arithmetic], dict[str, list[Any]]], shape: tuple[int, ...]
) -> dict[str, Grid]:
    """Compute in more and more digits until nothing changes.

    Parameters
    ----------
    attempt : callable
        Computes nested lists of numbers, by result.
    shape : tuple of int
        Of each result.

    Returns
    -------
    dict
        Exact numbers by result.

    Raises
    ------
    ArithmeticError
        If the answers do not agree.
    """
    before = None
    for digits in DIGITS:
        m = Arithmetic(digits)
        found = {name: [_settled(m.mpf(x), digits) for x in flat(rows)] for name, rows in attempt(m).items()}
        if before and all(all(map(_agree, before[name], found[name])) for name in found):
            ctx.prec = PRECISE
            gap = float(m.gap)
            return {name: Grid(shape, [_exact(x, gap) for x in numbers]) for name, numbers in found.items()}
        before = found
    raise ArithmeticError(f"cannot be resolved with {DIGITS[-1]} digits")


def flat(rows: Sequence[Any]) -> list[Any]:
    """Return the elements of nested lists in a row.

    Parameters
    ----------
    rows : sequence
        Nested lists.

    Returns
    -------
    list
        Their elements.
    """
    return [x for row in rows for x in (flat(row) if isinstance(row, list) else [row])]


def _estimate(name: str, p: Question, u: list[Any], options: dict[str, Any]) -> list[Any]:
    """Ask the oracle for one estimate, with the options that it knows by other names."""
    coupled = options.pop("coupling", "independent") == "coupled"
    if "control_variate" in options:
        c = options.pop("control_variate")
        options |= {"c": lambda *z: c.f(*z).rounded(), "dc": lambda *z: [x.rounded() for x in c.df(*z)]}
    if name in TUPLES:
        k = options.pop("k")
    if name == "arms":  # The copula is logit(1 - u) of the paper's u = (1 - d)^(k - 1).
        u = [[[1 - (1 - x) ** (p.m.mpf(1) / (k - 1)) for x in row] for row in u[0]]]
    if coupled:
        u[1] = None
    found = [p.m.mpf(x) for x in getattr(draws, name)(p, *u, **options)]
    if name == "reinmax" or coupled:
        alike = reinmax(p, u[0], **options) if name == "reinmax" else coupled_estimate(p, u[0], **options)
        return [x.of(x.value, y.size) for x, y in zip(found, alike, strict=True)]
    return found


def reinmax(p: Question, u: Sequence[Tracked], *, temperature: Tracked) -> list[Tracked]:
    """Return the oracle's estimate without its differences of nearly equal numbers, for its sizes.

    Parameters
    ----------
    p : Question
        The problem.
    u : sequence of Tracked
        The uniforms.
    temperature : Tracked
        The option.

    Returns
    -------
    list of Tracked
        f'(b) (2 m (1 - m) - s / 2).
    """
    found = []
    b = draws.bits(p, u)
    for phi, bit, s2, slope in zip(p.phi, b, p.s2, p.df(*b), strict=True):
        one, zero = (p.sigmoid(phi / temperature) + bit) / 2, (p.sigmoid(-phi / temperature) + (1 - bit)) / 2
        found.append(slope * (2 * one * zero - s2 / 2))
    return found


def coupled_estimate(p: Question, u: Sequence[Tracked], **options: Any) -> list[Tracked]:
    """Return the oracle's estimate of coupled latents in the same way: 1 - dz~/dphi is q / u, or p / (1 - u) where b = 0.

    Parameters
    ----------
    p : Question
        The problem.
    u : sequence of Tracked
        The uniforms of the latents.
    **options
        Of the oracle's ``rebar`` or ``relax``.

    Returns
    -------
    list of Tracked
        (f(b) - c(z)) (b - p) + c'(z) (1 - dz~/dphi).
    """
    b, z = draws.bits(p, u), draws.latent(p, u)
    if "c" in options:
        c, slopes = options["c"](*z), options["dc"](*z)
    else:
        x = [p.sigmoid(one / options["temperature"]) for one in z]
        c = options["eta"] * p.f(*x)
        slopes = [
            options["eta"] * g * y * (1 - y) / options["temperature"]
            for g, y in zip(p.df(*x), x, strict=True)
        ]
    left = [q / one if bit else t / (1 - one) for bit, one, q, t in zip(b, u, p.q, p.theta, strict=True)]
    rest = p.f(*b) - c
    return [rest * (bit - t) + g * r for bit, t, g, r in zip(b, p.theta, slopes, left, strict=True)]


def _uniform(p: Question, noise: Any) -> Any:
    """Return sigma(noise), element by element through nested lists."""
    return [_uniform(p, x) for x in noise] if isinstance(noise, list) else p.sigmoid(p.m.argument(noise))


def option(m: Arithmetic, value: Any) -> Any:
    """Return an option as the oracle takes it.

    Parameters
    ----------
    m : Arithmetic
        The arithmetic.
    value : object
        The option, as in a case.

    Returns
    -------
    object
        An objective, numbers, or what it is.
    """
    if isinstance(value, dict):
        return Objective(value, m.argument)
    if isinstance(value, list):
        return [m.argument(x) for x in value]
    return m.argument(value) if isinstance(value, float) else value


def _settled(x: Tracked, digits: int) -> Tracked:
    """Return 0 for what is left of a difference of equal numbers."""
    noise = x.arithmetic.context.mpf(10) ** (SPARE - digits)
    return x.of(0 * x.value, x.size) if abs(x.value) < noise * x.size else x


def _agree(a: Tracked, b: Tracked) -> bool:
    tolerance = b.arithmetic.context.mpf(10) ** -AGREED
    return abs(a.value - b.value) <= tolerance * abs(b.value) and abs(a.size - b.size) <= 1e-6 * b.size


def _exact(x: Tracked, gap: float) -> Exact:
    """Return a ball around the value, and what is left of the size."""
    value, rest = _ball(x.value), _ball(max(x.size - abs(x.value), 0 * x.size))
    return Exact(value, rest, gap if math.isfinite(gap) else math.inf)


def _ball(x: Any) -> arb:
    sign, mantissa, exponent, _ = x._mpf_
    exact = arb(-int(mantissa) if sign else int(mantissa)) * arb(2) ** int(exponent)
    return exact + exact * arb(0, 10.0 ** (1 - AGREED))
