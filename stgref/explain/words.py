"""How formulas are written as text, and in LaTeX."""

from __future__ import annotations

import math
import re

from stgref.explain.formula import Words

LETTERS = {
    "noise": ("n", "n"),
    "uniform": ("u", "u"),
    "conditional": ("m", "m"),
    "zbar": ("z_bar", r"\bar z"),
    "log_alpha": ("log_alpha", r"\log\alpha"),
    "mu": ("mu", r"\mu"),
    "phi": ("phi", r"\phi"),
    "theta": ("theta", r"\theta"),
    "eta": ("eta", r"\eta"),
    "g": ("g", r"\hat g"),
    "fbar": ("f_bar", r"\bar f"),
    "ztilde": ("z~", r"\tilde z"),
    "btilde": ("b~", r"\tilde b"),
    "ftilde": ("f(b~)", r"f(\tilde b)"),
    "fb": ("f(b)", "f(b)"),
    "df": ("f'(b)", "f'(b)"),
    "cz": ("c(z)", "c(z)"),
    "dc": ("c'(z)", "c'(z)"),
    "ctilde": ("c(z~)", r"c(\tilde z)"),
    "dctilde": ("c'(z~)", r"c'(\tilde z)"),
    "stilde": ("s~", r"\tilde s"),
    "dztilde": ("dz~/dphi", r"\tfrac{d \tilde z}{d \phi}"),
    "chance": ("P(b)", "P(b)"),
    "loss": ("L", "L"),
    "d_gated": ("d_gated", r"\tfrac{\partial L}{\partial \text{gated}}"),
    "d_l0_reg": ("d_l0_reg", r"\tfrac{\partial L}{\partial \text{l0 reg}}"),
}
"""Names that are not written as they are: in text, and in LaTeX."""

_DERIVATIVE = re.compile(r"d_(\w+)_by_(\w+)")
_NUMBERED = re.compile(r"([a-z]+)(\d+)")


def _split(name: str) -> tuple[str, str]:
    """A name less the number at its end, and that number."""
    found = None if name in LETTERS or name.startswith("l0") else _NUMBERED.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def text_name(name: str, at: str = "") -> str:
    """A name, as text."""
    if found := _DERIVATIVE.fullmatch(name):
        return f"d{text_name(found[1], at)}/d{text_name(found[2], at)}"
    stem, number = _split(name)
    index = ",".join(filter(None, (number, at)))
    return LETTERS.get(stem, (stem, ""))[0] + (f"_{index}" if index else "")


def latex_name(name: str, at: str = "") -> str:
    """A name, in LaTeX."""
    if found := _DERIVATIVE.fullmatch(name):
        return rf"\frac{{\partial {latex_name(found[1], at)}}}{{\partial {latex_name(found[2], at)}}}"
    stem, number = _split(name)
    index = ",".join(filter(None, (number, at)))
    plain = stem if len(stem) == 1 else rf"\text{{{stem.replace('_', ' ')}}}"
    written = LETTERS.get(stem, ("", plain))[1]
    if not index:
        return written
    return f"{written}_{{{index}}}" if re.fullmatch(r"\w|\\[a-z]+", written) else f"{{{written}}}_{{{index}}}"


def text_number(value: float, digits: int) -> str:
    """A number, as text."""
    return f"{value:.{digits}g}"


def latex_number(value: float, digits: int) -> str:
    """A number, in LaTeX."""
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    mantissa, e, exponent = text_number(value, digits).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


TEXT = Words(
    text_name,
    text_number,
    calls={
        "abs": "|{}|",
        "clip": "min(1, max(0, {}))",
        "inside": "[0 <= {} <= 1]",
        "positive": "[{} > 0]",
        "small": "[|{}| <= 1]",
        "density": "phi({})",
    },
    function="NAME({})",
    product="{} * {}",
    product_of_numbers="{} * {}",
    fraction="{} / {}",
    power="{}^{}",
    total="sum_i {}",
    stacked=False,
)
LATEX = Words(
    latex_name,
    latex_number,
    calls={
        "abs": "|{}|",
        "clip": r"\min(1, \max(0, {}))",
        "inside": r"[0 \le {} \le 1]",
        "positive": "[{} > 0]",
        "small": r"[|{}| \le 1]",
        "sigma": r"\sigma({})",
        "Phi": r"\Phi({})",
        "density": r"\phi({})",
        "exp": "e^{{{}}}",
        "log": r"\log({})",
    },
    function=r"\operatorname{{NAME}}({})",
    product=r"{}\, {}",
    product_of_numbers=r"{} \cdot {}",
    fraction=r"\frac{{{}}}{{{}}}",
    power="{}^{{{}}}",
    total=r"\sum_i {}",
    stacked=True,
)
