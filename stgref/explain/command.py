"""The command ``stgref explain``: its options, which are the arguments of what it explains."""

from __future__ import annotations

import argparse
import inspect
import math
from typing import Any

from stgref import noise
from stgref.explain import estimators, gates, laws
from stgref.explain.steps import Explanation
from stgref.numerics import documents

FORMATS = ("text", "markdown", "latex")
WORDS = {
    "x": "Input of the gate.",
    "reg_weight": "Weight of the penalty.",
    "d_gated": "Derivative of a loss to the output, which is pulled back.",
    "d_l0_reg": "Derivative of the loss to the penalty.",
    "baseline": "The constant c.",
    "k": "Samples per estimate.",
    "derivative": "What stands for the derivative of the sample.",
    "temperature": "Temperature.",
    "eta": "Weight of the control variate.",
    "coupling": "Whether the latent given the sample is drawn afresh, or is the latent itself.",
}


def number(text: str) -> float:
    """A finite number of the command line.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"takes a finite number, got {text!r}")
    return value


def whole(text: str) -> int:
    """A whole number of 0 or more.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise argparse.ArgumentTypeError(f"takes a whole number of 0 or more, got {text!r}")
    return int(text)


def subjects() -> dict[str, str]:
    """What can be explained, by the names of the command, and in words."""
    found = {name: law.title for name, law in laws.LAWS.items()}
    found |= {name: gate.title for name, gate in gates.GATES.items()}
    found |= {name: each.title for name, each in estimators.ESTIMATORS.items()}
    return {name.replace("_", "-"): title for name, title in found.items()}


def add_options(command: argparse.ArgumentParser, name: str) -> None:
    """Give the command for a law, a gate or an estimator its options.

    Parameters
    ----------
    command : argparse.ArgumentParser
        The parser.
    name : str
        What is explained, as the library calls it.
    """
    if name in estimators.ESTIMATORS:
        _add_estimator(command, name)
    else:
        law = gates.GATES[name].law if name in gates.GATES else name
        _add(command, "noise", None, f"{documents.describe('noise').partition(',')[0]}; drawn by default.")
        for key, default in laws.parameters(law).items():
            _add(command, key, default, documents.describe(key))
        for key, default in gates.OPTIONS.items() if name in gates.GATES else ():
            _add(command, key, default, WORDS[key])
    command.add_argument("--seed", type=whole, default=0, metavar="N", help="of what is drawn; 0 by default")
    command.add_argument("--digits", type=whole, default=6, metavar="N", help="of the numbers; 6 by default")
    command.add_argument("--format", choices=FORMATS, default="text", help="what is printed; text by default")


def _add(command: argparse.ArgumentParser, name: str, default: Any, words: str, **more: Any) -> None:
    needed = default is inspect.Parameter.empty
    said = "" if needed or default is None else f" {documents.shown(default)} by default."
    kind = {"type": whole if isinstance(default, int) else number, "metavar": "X"}
    command.add_argument(
        f"--{name.replace('_', '-')}",
        required=needed,
        default=None if needed else default,
        help=f"{words}{said}",
        **(more or kind),
    )


def _add_estimator(command: argparse.ArgumentParser, name: str) -> None:
    several: dict[str, Any] = {"type": number, "nargs": "+", "metavar": "X"}
    _add(command, "logits", inspect.Parameter.empty, "Log odds of a 1, of each variable.", **several)
    _add(command, "target", [0.45], "The t of the objective, the sum of (b - t)^2.", **several)
    _add(command, "noise", None, "Logistic noise, of each variable; drawn by default.", **several)
    if name == "rebar":
        words = "Noise of the latents given the samples; drawn by default."
        _add(command, "conditional_noise", None, words, **several)
    for key, default in estimators.ESTIMATORS[name].options.items():
        more = {"choices": estimators.CHOICES[key]} if key in estimators.CHOICES else {}
        _add(command, key, default, WORDS[key], **more)


def explained(name: str, options: dict[str, Any]) -> Explanation:
    """The explanation that the options ask for.

    Parameters
    ----------
    name : str
        What is explained, as the library calls it.
    options : dict
        The options of `add_options`.

    Returns
    -------
    Explanation
        The explanation.

    Raises
    ------
    TypeError, ValueError
        If an option is out of range.
    """
    if not 1 <= options["digits"] <= 17:
        raise ValueError(f"digits must be 1 to 17, got {options['digits']}")
    options = {key: value for key, value in options.items() if key not in ("digits", "format")}
    if name in estimators.ESTIMATORS:
        return estimators.explain(name, **options)
    gate = gates.GATES.get(name)
    law = laws.LAWS[gate.law if gate else name]
    seed = options.pop("seed")
    if options["noise"] is None:
        options["noise"] = float(getattr(noise, law.base)((), rng=seed))
    return gates.explain(name, **options) if gate else laws.explain(name, **options)
