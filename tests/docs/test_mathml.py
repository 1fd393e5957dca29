"""How the pages draw formulas."""

import importlib.util
from pathlib import Path
from xml.dom import minidom

import pytest

pytest.importorskip("sphinx")  # The pages are an extra.

PATH = Path(__file__).parents[2] / "docs" / "mathml.py"
mathml = importlib.util.module_from_spec(importlib.util.spec_from_file_location("mathml", PATH))
mathml.__spec__.loader.exec_module(mathml)


@pytest.mark.parametrize(
    ("latex", "pieces"),
    [
        (r"z = a + b", ["z ", "= a", " + b"]),
        (r"-a (b - c) = e^{-x + y}", ["-a (b - c) ", "= e^{-x + y}"]),
        (r"x_{i = 1} \le [p = q] - 1", [r"x_{i = 1} ", r"\le [p = q]", " - 1"]),
        (r"b \in \{0, 1 + 1\} \quad c", [r"b \in \{0, 1 + 1\} ", r"\quad c"]),
        (r"\left(a - b\right) - c", [r"\left(a - b\right)", " - c"]),
    ],
)
def test_lines_end_before_relations_and_signs_outside_of_brackets(latex, pieces):
    assert list(mathml.pieces(latex)) == pieces
    assert mathml.inline(latex).count("<math") == len(pieces)


def test_names_of_functions_have_a_thin_space_to_letters_and_none_to_brackets():
    assert mathml.mathml(r"t \log x").count("<mspace") == 2
    assert "<mspace" not in mathml.mathml(r"-\log(x)")
    assert mathml.mathml(r"\min(1, x)").count('<mo lspace="0" rspace="0">min</mo>') == 1


@pytest.mark.parametrize("latex", [r"\bar z", r"\operatorname{erfc}(x) \log \frac{a}{b}", r"f'(b)\, \hat g"])
def test_what_is_written_is_xml(latex):
    minidom.parseString(mathml.mathml(latex, block=True).replace("&ApplyFunction;", ""))  # noqa: S318 (our own)
