"""The parts of a docstring that are the same wherever an argument appears, written once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from stgref.numerics.domains import domain_of

ARGUMENTS = {
    "x": "Points at which to evaluate.",
    "noise": "Base noise of the law, as `stgref.noise` draws it (see the module's documentation).",
    "p": "Probabilities.",
    "u": "Uniform numbers.",
    "loc": "Location.",
    "scale": "Scale.",
    "logits": "Log odds of a 1.",
    "log_alpha": "Logarithm of the location parameter alpha: the log odds of an open gate before stretching.",
    "temperature": "Temperature; the law tends to a Bernoulli law as it goes to 0.",
    "lower": "Lower end of the stretched interval.",
    "upper": "Upper end of the stretched interval.",
    "a": "Shape at 0: the density goes like x to the power a - 1 there.",
    "b": "Shape at 1: the density goes like 1 - x to the power b - 1 there.",
    "mu": "Mean before clipping.",
    "std": "Standard deviation before clipping.",
    "clip_gradient": 'Derivative at a clip point: ``"closed"`` (1, as `torch.clamp`), ``"open"`` (0) or ``"half"`` (1/2).',
    "dtype": "Floating dtype of the result.",
    "sample": "Hard samples.",
    "size": "Expected size, in any unit.",
    "target": "Wished size, in the same unit.",
    "linear": "Multiplier of the excess.",
    "quadratic": "Multiplier of its square.",
    "budget": "Size that must not be reached, in the same unit.",
    "margin": "Where the barrier begins, below the budget.",
    "n_in": "Expected number of open inputs or input channels.",
    "n_out": "Expected number of open outputs or output channels.",
    "kernel": "Number of elements of a kernel; 1 for a dense layer.",
    "positions": "Number of positions of the output; 1 for a dense layer.",
    "drop_rate": "Probability that a gate is closed, before stretching.",
    "keep_rate": "Probability that a gate is open, before stretching.",
    "alpha": "Odds of an open gate before stretching.",
    "drop_logits": "Log odds of a closed gate before stretching.",
    "stg_mu": "Parameter of a gate of the package ``stg``.",
    "prob_zero": "Probability that the gate is 0.",
    "prob_active": "Probability that the gate is not 0.",
    "mean": "Mean of the gate, clipping included.",
    "bias": "1 where each output has a bias, 0 where none has.",
}

#: What is different where the last axis holds the categories.
OF_VECTORS = {
    "x": "Points at which to evaluate, vectors over the last axis.",
    "noise": "Standard Gumbel noise, one number per category.",
    "logits": "Logarithms of the categories' probabilities, each vector up to a constant.",
    "temperature": "Temperature, one per batch element or one for all; the law tends to a categorical law as it goes to 0.",
    "cotangent": "Derivative of something with respect to the result.",
    "sample": "Hard samples, one-hot vectors.",
    "d_noise": "Change of the noise; none by default.",
    "d_logits": "Change of the logits; none by default.",
    "d_temperature": "Change of the temperature; none by default.",
    "prob": "Probabilities that gates are open, independently.",
    "weight": "Weights of the gates; 1 by default.",
    "count": "Number of weights that each gate multiplies.",
    "squares": "Sum of their squares.",
    "l0_weight": "Price of a weight that is there.",
    "precision": "Precision of the Gaussian prior of a weight.",
}

ORDER = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
_TITLE = re.compile(rf"^({'|'.join(ORDER)})\n-+\n", flags=re.MULTILINE)


def complete(
    doc: str | None,
    parameters: Iterable[inspect.Parameter],
    source: str,
    *,
    law: str = "",
    of_vectors: bool = False,
) -> str:
    """Fill in the Parameters, Returns, Raises and References sections of a kernel's docstring, in numpydoc's order.

    Sections that the kernel writes itself are left as they are. Functions ``of_vectors`` have a last axis of categories.
    """
    summary, *pieces = _TITLE.split(inspect.cleandoc(doc or ""))
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    parameters = list(parameters)
    sections.setdefault("Parameters", parameter_lines(parameters, law=law, of_vectors=of_vectors))
    sections.setdefault("Returns", _returns_of_vectors() if of_vectors else _returns(parameters))
    sections.setdefault("Raises", _raises(parameters, law, of_vectors))
    if source:
        sections.setdefault("References", source)
    titled = (
        f"{title}\n{'-' * len(title)}\n{sections[title].strip()}" for title in ORDER if title in sections
    )
    return "\n\n".join([summary.strip(), *titled]) + "\n"


def source_of(function: object) -> str:
    """The text of the References section of a documented function."""
    return (inspect.getdoc(function) or "").partition("References\n----------\n")[2].partition("\n\n")[0]


def parameter_lines(
    parameters: Iterable[inspect.Parameter], indent: str = "", *, law: str = "", of_vectors: bool = False
) -> str:
    """The entries of a Parameters section."""
    lines = []
    for p in parameters:
        kind = "array_like" if of_vectors or p.kind is p.POSITIONAL_OR_KEYWORD else "str"
        optional = "" if p.default is p.empty else f", default {shown(p.default)}"
        domain = domain_of(p.name, law)
        lines.append(f"{p.name} : {kind}{optional}")
        words = OF_VECTORS.get(p.name) if of_vectors else None
        lines.append(f"    {words or describe(p.name)}" + (f" Must be {domain.words}." if domain else ""))
    return "\n".join(indent + line for line in lines)


def describe(name: str) -> str:
    """One sentence on the argument called ``name``; of ``mu_p`` and ``mu_q`` as of ``mu``, saying whose it is."""
    stem = name.removesuffix("_p").removesuffix("_q")
    words = ARGUMENTS.get(stem, "Real numbers.")
    return words if stem == name else f"{re.split('[.;:]', words)[0]}, of {name[-1]}."


def shown(value: object) -> str:
    """A default as the documentation writes it."""
    return "2/3" if value == 2 / 3 else repr(value)


def _returns(parameters: list[inspect.Parameter]) -> str:
    arrays = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    shape = f"of the shape of ``{arrays[0]}``" if len(arrays) == 1 else "of the arguments' broadcast shape"
    return f"array, or NamedTuple of arrays\n    Each {shape}, in their library, device and floating dtype."


def _returns_of_vectors() -> str:
    shape = "Vectors of the arguments' broadcast shape, numbers of that of their batch axes"
    return f"array, or NamedTuple of arrays\n    {shape}, in their library, device and floating dtype."


def _raises(parameters: list[inspect.Parameter], law: str, of_vectors: bool) -> str:
    ranged = [p.name for p in parameters if domain_of(p.name, law)]
    shapes = "shapes do not broadcast"
    if of_vectors:
        shapes = "batch axes do not broadcast, or the numbers of categories differ"
    reason = shapes + (f", or {' or '.join(ranged)} is out of range" if ranged else "")
    kinds = "TypeError\n    If an argument is not real, or the arrays come from two libraries."
    return f"{kinds}\nValueError\n    If {reason}."
