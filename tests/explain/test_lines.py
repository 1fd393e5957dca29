"""Every line of every explanation, against its formula in 30 digits, and what the library returns."""

import inspect

import mpmath
import numpy as np
import pytest
from mpmath import mp

from stgref import estimators as library
from stgref.explain import command, estimators, formula, gates, laws, words, writers
from stgref.explain.steps import derivative
from tests.explain.exact import FUNCTIONS, lines, read, read_latex

RANGES = {
    "temperature": (0.3, 2.0),
    "scale": (0.2, 3.0),
    "std": (0.2, 2.0),
    "a": (0.4, 4.0),
    "b": (0.4, 4.0),
    "lower": (-1.0, -0.05),
    "upper": (1.05, 2.0),
}


def drawn(rng, names):
    return {name: float(rng.uniform(*RANGES.get(name, (-2.0, 2.0)))) for name in names}


def law_arguments(name, seed):
    rng = np.random.default_rng(seed)
    uniform = laws.LAWS[name].base == "uniform"
    noise = float(rng.uniform(0.02, 0.98) if uniform else rng.normal())
    return {"noise": noise, **drawn(rng, laws.parameters(name))}


def gate_arguments(name, seed):
    rng = np.random.default_rng(seed)
    return {**law_arguments(gates.GATES[name].law, seed), **drawn(rng, gates.OPTIONS)}


def estimator_arguments(name, seed):
    rng = np.random.default_rng(seed)
    options = dict(estimators.ESTIMATORS[name].options)
    if seed % 2:
        others = {"baseline": 0.3, "k": 3, "derivative": "sigmoid", "coupling": "coupled", "temperature": 0.7}
        options |= {key: value for key, value in others.items() if key in options}
    size = 1 + seed % 3
    return {"logits": rng.normal(size=size), "target": rng.uniform(size=size), "seed": seed, **options}


def explanations(seeds=range(4)):
    for seed in seeds:
        for name in laws.LAWS:
            yield laws.explain(name, **law_arguments(name, seed))
        for name in gates.GATES:
            yield gates.explain(name, **gate_arguments(name, seed))
        for name in estimators.ESTIMATORS:
            yield estimators.explain(name, **estimator_arguments(name, seed))


ALL = list(explanations())


def named(explanation):
    return explanation.name


@pytest.mark.parametrize("explanation", ALL, ids=named)
def test_each_number_is_that_of_its_formula(explanation):
    for line, value in lines(explanation):
        assert line.value == pytest.approx(float(value), rel=1e-11, abs=1e-14), line.symbol


@pytest.mark.parametrize("explanation", ALL, ids=named)
def test_what_is_written_with_numbers_has_the_value_of_the_line(explanation):
    for section in explanation.sections:
        for line in (line for line in section.lines if line.code):
            vectors = {name: len(given) for name, given in line.given.items() if np.ndim(given)}
            for language, reader in ((words.TEXT, read), (words.LATEX, read_latex)):
                written = formula.write(line.code, language, vectors, line.given, line.at, 17)
                with mp.workdps(30):
                    assert float(reader(written)) == pytest.approx(line.value, rel=1e-11, abs=1e-14), written


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", [*laws.LAWS, *gates.GATES])
def test_derivatives_of_each_step_are_those_of_its_formula(name, seed):
    arguments = law_arguments(name, seed) if name in laws.LAWS else gate_arguments(name, seed)
    explain = laws.explain if name in laws.LAWS else gates.explain
    found = explain(name, **arguments)
    law = laws.LAWS[name if name in laws.LAWS else gates.GATES[name].law]
    each = (
        law.steps
        if name in laws.LAWS
        else (*law.steps, gates.GATED, *gates.GATES[name].active, gates.PENALTY)
    )
    values = {line.symbol: value for line, value in lines(found)}
    for step in each:
        # The pullback has no derivative to the weight of the penalty.
        assert set(step.partials) == set(formula.names(step.code)) - {"reg_weight"}, step.symbol
        for by in step.partials:

            def along(x, step=step, by=by):
                return formula.compute(step.code, {**values, by: x}, FUNCTIONS)

            with mp.workdps(30):
                slope = mpmath.diff(along, values[by]) if step.symbol != "b" else 0
            assert float(values[derivative(step.symbol, by)]) == pytest.approx(float(slope), rel=1e-9), by


def by_symbol(explanation):
    return {
        line.symbol: line.value
        for section in explanation.sections
        for line in section.lines
        if line.at is None
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", laws.LAWS)
def test_the_last_numbers_are_those_of_the_law(name, seed):
    arguments = law_arguments(name, seed)
    found, law = laws.explain(name, **arguments), laws.LAWS[name]
    value, *partials = laws.law_of(name).grad_transform(*arguments.values())
    last, numbers = law.steps[-1].symbol, by_symbol(found)
    assert numbers[last] == pytest.approx(value, rel=1e-12)
    for by, partial in zip([law.noise, *laws.parameters(name)], partials, strict=True):
        assert numbers[derivative(last, by)] == pytest.approx(partial, rel=1e-11), by


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", gates.GATES)
def test_the_last_numbers_are_those_of_the_pullback(name, seed):
    found, gate = gates.explain(name, **gate_arguments(name, seed)), gates.GATES[name]
    numbers, facts = by_symbol(found), found.facts
    assert numbers["gated"] == pytest.approx(facts["gated"], rel=1e-12)
    assert numbers["penalty"] == pytest.approx(facts["l0_reg"], rel=1e-12)
    for by, name_there in {"x": "input", **gate.fields}.items():
        assert numbers[derivative("loss", by)] == pytest.approx(facts[f"pullback.{name_there}"], rel=1e-11)


@pytest.mark.parametrize("explanation", [e for e in ALL if e.name in estimators.ESTIMATORS], ids=named)
def test_the_last_numbers_are_the_estimate(explanation):
    g = [line.value for line in explanation.sections[-1].lines if line.symbol == "g"]
    np.testing.assert_allclose(g, explanation.facts[f"estimators.{explanation.name}"], rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", estimators.ESTIMATORS)
def test_options_and_their_defaults_are_the_librarys(name):
    there = inspect.signature(getattr(library, name)).parameters
    for option, default in estimators.ESTIMATORS[name].options.items():
        assert there[option].default == default
        assert option in command.WORDS


@pytest.mark.parametrize("explanation", ALL[:17], ids=named)
def test_every_format_shows_every_line(explanation):
    count = sum(len(section.lines) for section in explanation.sections)
    for write in (writers.latex, writers.markdown):
        assert write(explanation, 6).count("&=") == count
    text = writers.text(explanation)
    assert max(map(len, text.splitlines())) < 140
    assert all(section.title in text for section in explanation.sections)


def test_a_line_that_is_not_finite_is_an_error_that_shows_it():
    with pytest.raises(ValueError, match=r"dz/dy = z / \(a \* expm1\(y\)\) is nan"):
        laws.explain("kumaraswamy", 0.0, a=1.0, b=2.0)


@pytest.mark.parametrize(
    ("code", "text", "latex"),
    [
        ("a - (b - c)", "a - (b - c)", "a - (b - c)"),
        ("(a + b) * (c - a)", "(a + b) * (c - a)", r"(a + b)\, (c - a)"),
        ("a / (b * c)", "a / (b * c)", r"\frac{a}{b\, c}"),
        ("(a / b) ** 2", "(a / b)^2", r"\left(\frac{a}{b}\right)^{2}"),
        ("a * -b", "a * (-b)", r"a\, (-b)"),
        ("-(a + b) / c", "-(a + b) / c", r"\frac{-(a + b)}{c}"),
        ("exp(-a / b)", "exp(-a / b)", r"e^{\frac{-a}{b}}"),
    ],
)
def test_brackets_stand_where_they_are_needed(code, text, latex):
    assert formula.write(code, words.TEXT, {}) == text
    assert formula.write(code, words.LATEX, {}) == latex
