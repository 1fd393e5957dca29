"""Explanations computed again in 30 digits, from their formulas, by functions that share no code with the package."""

import re

import mpmath
from mpmath import mp, mpf

from stgref.explain import formula

FUNCTIONS = {
    "sigma": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "Phi": mp.ncdf,
    "density": mp.npdf,
    "exp": mp.exp,
    "log": mp.log,
    "log1p": lambda x: mp.log(1 + x),
    "expm1": lambda x: mp.exp(x) - 1,
    "abs": abs,
    "clip": lambda x: min(mpf(1), max(mpf(0), x)),
    "inside": lambda x: mpf(0 <= x <= 1),
    "positive": lambda x: mpf(x > 0),
    "small": lambda x: mpf(abs(x) <= 1),
    "sum": lambda x: x,
}


def exact(code, values):
    """The value of a formula in 30 digits."""
    with mp.workdps(30):
        return formula.compute(code, values, FUNCTIONS)


def coordinate(code, values, at):
    """The numbers of one coordinate, of the names in a formula."""
    given = {name: values[name] for name in formula.names(code)}
    return {name: value[at] if isinstance(value, list) else value for name, value in given.items()}


def lines(explanation):
    """Each line with its value in 30 digits, made from the arguments alone."""
    values = {}
    for section in explanation.sections:
        for line in section.lines:
            value = mpf(line.value) if not line.code else _value(line, values)
            yield line, value
            if line.at is None:
                values[line.symbol] = value
            elif line.at == 0:
                values[line.symbol] = [value]
            else:
                values[line.symbol] = [*values[line.symbol][: line.at], value]


def _value(line, values):
    total = re.search(r"sum\(", line.code)
    if not total:
        return exact(line.code, coordinate(line.code, values, line.at))
    length = next(len(v) for n, v in values.items() if isinstance(v, list) and n in formula.names(line.code))
    # What multiplies the sum multiplies each term.
    with mp.workdps(30):
        return mpmath.fsum(exact(line.code, coordinate(line.code, values, i)) for i in range(length))


def read(written):
    """The value of a formula with its numbers, from the text that was written."""
    code = re.sub(r"\[\|(.*)\| <= 1\]", r"small(\1)", written)
    code = re.sub(r"\[0 <= (.*) <= 1\]", r"inside(\1)", code)
    code = re.sub(r"\[(.*) > 0\]", r"positive(\1)", code)
    code = re.sub(r"\|([^|]*)\|", r"abs(\1)", code).replace("^", "**")
    code = re.sub(r"\bphi\(", "density(", code)
    return eval(code, {**FUNCTIONS, "min": min, "max": max})  # noqa: S307 (our own text)


def read_latex(written):
    """The same, from LaTeX."""
    code = written.replace(r"\left", "").replace(r"\right", "").replace(r"\le", "<=")
    code = re.sub(r"\\operatorname\{(\w+)\}", r"\1", code).replace(r"\phi", "density").replace("e^{", "exp{")
    code = code.replace("^{", "**{").replace("{", "(").replace("}", ")").replace(r"\frac", "")
    code = code.replace(")(", ")/(").replace(r"\cdot", "*").replace("\\", "")
    return read(code)
