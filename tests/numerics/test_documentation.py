"""Every public docstring: its sections are complete, and its examples run, each exactly once."""

from __future__ import annotations

import doctest
import inspect
import re

import numpy as np
import pytest

from tests.numerics.catalogue import PUBLIC, QUANTITIES, modules

SECTIONS = ("Parameters", "Returns", "Raises", "References", "Examples")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Checker(doctest.OutputChecker):
    """Numbers agree to the digits that are shown, as pytest's NUMBER option has it."""

    NUMBER = re.compile(r"-?(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if super().check_output(want, got, optionflags):
            return True
        wanted, found = self.NUMBER.findall(want), self.NUMBER.findall(got)
        if len(wanted) != len(found) or not wanted or "..." in want:
            return False
        close = all(abs(float(w) - float(g)) <= self.shown(w) for w, g in zip(wanted, found, strict=True))
        shape = (" ".join(self.NUMBER.sub("#", text).split()) for text in (want, got))
        return close and len(set(shape)) == 1

    @staticmethod
    def shown(number: str) -> float:
        """One unit of the last digit shown."""
        mantissa, _, exponent = number.partition("e")
        return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def sections(text: str) -> list[str]:
    return re.findall(r"^(\w[\w ]*)\n-+$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", PUBLIC)
def test_sections_are_complete_and_in_order(name):
    found = sections(inspect.getdoc(PUBLIC[name]) or "")
    assert tuple(s for s in found if s in SECTIONS) == SECTIONS


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_are_those_of_the_signature(name):
    text = inspect.getdoc(PUBLIC[name]) or ""
    block = text.partition("Parameters\n----------\n")[2].partition("\nReturns\n")[0]
    documented = re.findall(r"^(\w+) : ", block, flags=re.MULTILINE)
    assert documented == list(inspect.signature(PUBLIC[name]).parameters)
    for parameter in inspect.signature(PUBLIC[name]).parameters.values():
        if isinstance(parameter.default, (float, str)):
            shown = "2/3" if parameter.default == 2 / 3 else repr(parameter.default)
            assert f"{parameter.name} : " in block
            assert f"default {shown}" in block


@pytest.mark.parametrize("name", PUBLIC)
def test_summary_is_one_sentence_and_nothing_is_left_to_fill_in(name):
    text = inspect.getdoc(PUBLIC[name]) or ""
    summary = text.partition("\n\n")[0]
    assert summary.rstrip().endswith((".", ":", "`"))
    assert not re.search(
        r"<\w+>|\{\w+\}(?!\s*[}\\])",
        re.sub(r":math:`[^`]*`|\.\. math::.*?(?=\n\S|\Z)", "", text, flags=re.DOTALL),
    )


@pytest.mark.parametrize("name", [n for n in QUANTITIES if not n.startswith("noise.")])
def test_formula_is_given(name):
    """In mathematics, or as the relation to a function that has one."""
    text = (inspect.getdoc(PUBLIC[name]) or "").partition("Parameters\n")[0]
    assert ":math:" in text or ".. math::" in text or "`" in text or ":" in text


@pytest.mark.parametrize("name", PUBLIC)
def test_references_name_a_source_with_its_place(name):
    """An equation, a section, a chapter or a theorem; what a library function is made of may be named instead."""
    text = (inspect.getdoc(PUBLIC[name]) or "").partition("References\n----------\n")[2].partition("\n\n")[0]
    assert re.search(r"equation|section|chapter|theorem|appendix|\d+\.\d+", text), text


EXAMPLES = {
    name: doctest.DocTestParser().get_doctest(inspect.getdoc(f) or "", {}, name, None, 0)
    for name, f in PUBLIC.items()
}


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_run(name):
    test = EXAMPLES[name]
    assert test.examples
    runner = doctest.DocTestRunner(checker=Checker(), optionflags=FLAGS, verbose=False)
    report: list[str] = []
    result = runner.run(test, out=report.append, clear_globs=True)
    assert not result.failed, "".join(report)
    assert result.attempted == len(test.examples)


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_are_about_their_own_function(name):
    law, _, function = name.partition(".")
    source = "".join(example.source for example in EXAMPLES[name].examples)
    assert f"from stgref import {law}" in source
    assert f"{law}.{function}(" in source


def test_every_public_function_is_documented_once():
    """Names that are handed out twice (`prob_active` of a Bernoulli law) are each other's synonyms, and say so."""
    assert EXAMPLES.keys() == PUBLIC.keys()
    documents = [inspect.getdoc(f) for f in PUBLIC.values()]
    assert len(set(documents)) == len(documents)


def test_every_name_of_a_module_is_in_the_catalogue():
    """So that nothing public escapes: laws offer modules, classes for results, constants, and catalogued functions."""
    for law, module in modules().items():
        for key, value in vars(module).items():
            own = getattr(value, "__module__", "") == module.__name__
            if own and not key.startswith("_") and inspect.isroutine(value):
                assert f"{law}.{key}" in PUBLIC or law == "noise"
    assert set(modules()["noise"].__all__) == {n.partition(".")[2] for n in PUBLIC if n.startswith("noise.")}
    assert set(modules()["special"].__all__) == {
        n.partition(".")[2] for n in PUBLIC if n.startswith("special.")
    }


def test_the_checker_fails_where_it_should():
    checker = Checker()
    assert checker.check_output("0.3333\n", "0.33331\n", FLAGS)
    assert not checker.check_output("0.3333\n", "0.3335\n", FLAGS)
    assert not checker.check_output("array([0.33])\n", "0.33\n", FLAGS)
    assert not checker.check_output("np.float64(0.5)\n", f"{np.float32(0.5)!r}\n", FLAGS)
    assert not checker.check_output("1.0\n", "nan\n", FLAGS)
