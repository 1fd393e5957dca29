"""An explanation as text, Markdown or LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

import numpy as np

from stgref.explain.formula import Words, write
from stgref.explain.steps import Explanation, Line, Section
from stgref.explain.words import LATEX, TEXT

WIDTH = 100
"""Of text, in characters: a longer line goes on below."""
SPECIAL = str.maketrans({c: rf"\{c}" for c in "_&%#$"})
RETURNED = "What stgref returns"


def parts(line: Line, words: Words, digits: int) -> list[str]:
    """What stands between the equals signs of a line: symbol, formula, formula with numbers, value; none of them twice."""
    at = "" if line.at is None else str(line.at + 1)
    value = words.number(line.value, digits)
    if not line.code:
        return [words.name(line.symbol, at), value]
    vectors = {name: len(given) for name, given in line.given.items() if np.ndim(given)}
    formula = write(line.code, words, vectors)
    numbers = write(line.code, words, vectors, line.given, line.at, digits)
    found = [words.name(line.symbol, at), formula, numbers, value]
    return [part for i, part in enumerate(found) if not i or part != found[i - 1]]


def facts(explanation: Explanation, words: Words, digits: int) -> Iterator[tuple[str, str]]:
    """What the library returns, by its name there."""
    for name, value in explanation.facts.items():
        numbers = [words.number(float(one), digits) for one in np.atleast_1d(value)]
        yield name, ", ".join(numbers) if np.ndim(value) == 0 else f"({', '.join(numbers)})"


def blocks(
    explanation: Explanation, digits: int = 6, width: int = WIDTH
) -> Iterator[tuple[str, list[list[str]]]]:
    """The headings of an explanation as text, and what stands below each: lines, in the pieces between equals signs.

    Parameters
    ----------
    explanation : Explanation
        The explanation.
    digits : int, default 6
        Significant digits of numbers.
    width : int, default 100
        Of what is written, in characters; a line that is longer is several.

    Yields
    ------
    tuple of str and list of list of str
        A heading, and its lines.
    """
    found = {
        section.title: [parts(line, TEXT, digits) for line in section.lines]
        for section in explanation.sections
    }
    found[RETURNED] = [[name, value] for name, value in facts(explanation, TEXT, digits)]
    for heading, lines in found.items():
        column = max(len(first) for first, *_ in lines)
        yield heading, [one for line in lines for one in _folded(line, column, width)]


def _folded(line: list[str], column: int, width: int) -> Iterator[list[str]]:
    """A line, its first piece padded; or, where it is too long, a line for each of the others."""
    first, *others = line
    if 2 + column + sum(3 + len(other) for other in others) <= width:
        yield [f"  {first:{column}}", *others]
        return
    for i, other in enumerate(others):
        yield [f"  {'' if i else first:{column}}", other]


def text(explanation: Explanation, digits: int = 6) -> str:
    """Write an explanation as plain text.

    Parameters
    ----------
    explanation : Explanation
        The explanation.
    digits : int, default 6
        Significant digits of numbers.

    Returns
    -------
    str
        The text.
    """
    found = [
        "\n".join([heading, *(" = ".join(line) for line in lines)])
        for heading, lines in blocks(explanation, digits)
    ]
    note = textwrap.fill(explanation.note, WIDTH)
    return "\n\n".join(filter(None, [title(explanation), *found, note])) + "\n"


def title(explanation: Explanation) -> str:
    """The heading of the whole."""
    return explanation.title[0].upper() + explanation.title[1:]


def aligned(section: Section, digits: int = 6, environment: str = "aligned") -> str:
    """Write a section as equations in LaTeX, one below the other.

    Parameters
    ----------
    section : Section
        The section.
    digits : int, default 6
        Significant digits of numbers.
    environment : str, default "aligned"
        What they stand in.

    Returns
    -------
    str
        LaTeX, without dollars.
    """
    rows = []
    for line in section.lines:
        first, *others = parts(line, LATEX, digits)
        rows.append(f"{first} &= {' = '.join(others)}")
    body = " \\\\\n".join(rows)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"


def markdown(explanation: Explanation, digits: int = 6) -> str:
    """Write an explanation in Markdown, its formulas between dollars.

    Parameters
    ----------
    explanation : Explanation
        The explanation.
    digits : int, default 6
        Significant digits of numbers.

    Returns
    -------
    str
        The text.
    """
    blocks = [f"## {title(explanation)}"]
    for section in explanation.sections:
        blocks += [f"### {section.title}", f"$$\n{aligned(section, digits)}\n$$"]
    found = [f"| `{name}` | {value} |" for name, value in facts(explanation, TEXT, digits)]
    blocks += [f"### {RETURNED}", "\n".join(["| | |", "|---|---|", *found]), explanation.note]
    return "\n\n".join(filter(None, blocks)) + "\n"


def latex(explanation: Explanation, digits: int = 6) -> str:
    """Write an explanation in LaTeX, for a document with amsmath.

    Parameters
    ----------
    explanation : Explanation
        The explanation.
    digits : int, default 6
        Significant digits of numbers.

    Returns
    -------
    str
        The text.
    """
    blocks = [rf"\section*{{{title(explanation)}}}"]
    for section in explanation.sections:
        blocks += [rf"\subsection*{{{section.title}}}", aligned(section, digits, "align*")]
    found = [
        rf"\texttt{{{name.translate(SPECIAL)}}} & ${value}$ \\"
        for name, value in facts(explanation, LATEX, digits)
    ]
    table = "\n".join([r"\begin{tabular}{ll}", *found, r"\end{tabular}"])
    note = explanation.note.translate(SPECIAL).replace("^", r"\textasciicircum{}")
    return "\n\n".join(filter(None, [*blocks, rf"\subsection*{{{RETURNED}}}", table, note])) + "\n"


WRITERS: dict[str, Callable[[Explanation, int], str]] = {"latex": latex, "markdown": markdown, "text": text}
"""By the name of the format."""
