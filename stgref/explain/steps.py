"""From a description to an explanation: the numbers, line by line, and the chain rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stgref.explain.formula import compute, names, write
from stgref.explain.words import TEXT, text_name


@dataclass(frozen=True)
class Step:
    """One line of a description.

    Attributes
    ----------
    symbol : str
        What it makes.
    code : str
        The formula, of arguments and of the symbols before.
    partials : dict of str to str
        For the chain rule: the derivative to each name in the formula.
    """

    symbol: str
    code: str
    partials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One line of an explanation: ``symbol = code = code with numbers = value``.

    Attributes
    ----------
    symbol, code : str
        As in `Step`; the code of an argument is empty.
    given : dict of str to numbers
        What the names in the code stand for; arrays for vectors.
    value : number
        The result, of the coordinate ``at`` where it is a vector's.
    at : int or None
        The coordinate.
    """

    symbol: str
    code: str
    given: Mapping[str, Any]
    value: float
    at: int | None = None


@dataclass(frozen=True)
class Section:
    """Lines under a heading."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Explanation:
    """A formula with its numbers.

    Attributes
    ----------
    name, title : str
        Of what it is.
    sections : sequence of Section
        The lines.
    facts : dict of str to numbers
        What the library itself returns for the same arguments, by what it is called there.
    note : str
        What else there is to say.
    """

    name: str
    title: str
    sections: Sequence[Section]
    facts: Mapping[str, Any]
    note: str = ""


def lines_of(symbol: str, code: str, values: dict[str, Any]) -> list[Line]:
    """The line of one step, or of each coordinate; ``values`` gets its symbol.

    Raises
    ------
    ValueError
        If it is no finite number.
    """
    with np.errstate(all="ignore"):
        value = compute(code, values)
    if not np.all(np.isfinite(value)):
        shown = f"{text_name(symbol)} = {write(code, TEXT, {})}"
        raise ValueError(f"{shown} is {value} for these numbers, which leaves nothing to explain")
    values[symbol] = value
    given = {name: values[name] for name in names(code)}
    if np.ndim(value) == 0:
        return [Line(symbol, code, given, float(value))]
    return [Line(symbol, code, given, float(one), at) for at, one in enumerate(value)]


def arguments(values: Mapping[str, Any]) -> Section:
    """The section that says what was given."""
    lines = []
    for name, value in values.items():
        if np.ndim(value) == 0:
            lines.append(Line(name, "", {}, float(value)))
        else:
            lines += [Line(name, "", {}, float(one), at) for at, one in enumerate(value)]
    return Section("Given", lines)


def forward(title: str, steps: Sequence[Step], values: dict[str, Any]) -> Section:
    """The section of the steps' values; ``values`` gets them."""
    return Section(title, [line for step in steps for line in lines_of(step.symbol, step.code, values)])


def derivative(of: str, by: str) -> str:
    """The symbol of a derivative."""
    return f"d_{of}_by_{by}"


def local(steps: Sequence[Step], values: dict[str, Any]) -> Section:
    """The section of the steps' own derivatives; ``values`` gets them."""
    lines = [
        line
        for step in steps
        for name, code in step.partials.items()
        for line in lines_of(derivative(step.symbol, name), code, values)
    ]
    return Section("Derivatives of each line", lines)


def paths(steps: Sequence[Step], of: str, by: str) -> Iterator[list[str]]:
    """The ways from ``of`` back to ``by``, each as the symbols of the derivatives along it."""
    found = {step.symbol: step for step in steps}
    for name in found[of].partials if of in found else ():
        first = derivative(of, name)
        if name == by:
            yield [first]
        yield from ([first, *rest] for rest in paths(steps, name, by))


def chain(
    steps: Sequence[Step],
    values: dict[str, Any],
    of: str,
    by: Sequence[str],
    seeds: Mapping[str, str | None],
) -> Section:
    """The section of the chain rule: the derivative of ``of`` to each of ``by``, a sum over paths.

    ``seeds`` maps each of the last symbols to the name of its cotangent, or to none if it is ``of`` itself.
    """
    lines, own = [], {derivative(s.symbol, name): code for s in steps for name, code in s.partials.items()}
    for name in by:
        terms = [
            " * ".join([*([seed] if seed else []), *path])
            for last, seed in seeds.items()
            for path in paths(steps, last, name)
        ]
        symbol, code = derivative(of, name), " + ".join(terms)
        lines += lines_of(symbol, own[symbol] if code == symbol else code, values)
    return Section("Chain rule", lines)
