"""What functions declare of array libraries: there is a declaration for each, the page shows it, errors say it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from stgref import hard_concrete, noise
from stgref.estimators import exact_moments, objectives
from stgref.numerics.libraries import BY_VALUES, EVERYWHERE, MODES, Support, declare
from tests import declarations
from tests.conftest import LIBRARIES, MORE_LIBRARIES


def test_every_public_function_declares_what_it_takes():
    undeclared = [
        name
        for name, f in declarations.functions().items()
        if not isinstance(getattr(f, "libraries", None), Support)
    ]
    assert not undeclared
    assert len(declarations.functions()) > 300


def test_every_method_of_layers_declares_what_it_takes():
    for layer in declarations.LAYERS:
        methods = {n for n, _ in inspect.getmembers(layer, inspect.isroutine) if n[0] != "_"}
        declared = {name.partition(" ")[0] for name in layer.libraries}
        assert declared == methods - {"train", "eval"}


def test_a_function_that_declares_nothing_is_found(monkeypatch):
    monkeypatch.setattr(noise, "__all__", [*noise.__all__, "generator"])
    assert not hasattr(declarations.functions()["noise.generator"], "libraries")
    with pytest.raises(AssertionError, match=r"noise\.generator"):
        test_every_public_function_declares_what_it_takes()


def test_declarations_are_about_known_libraries_and_say_why():
    for declaration in declarations.declarations():
        support = declaration.support
        assert set(support.without) <= MODES.keys()
        assert bool(support.without) == bool(support.reason) == bool(support.instead)


def test_all_libraries_are_under_test():
    tested = (LIBRARIES | MORE_LIBRARIES).keys() - {"numpy-readonly"}
    assert tested | {"cupy"} == set(MODES)


def test_the_page_is_fresh():
    assert declarations.TARGET.read_text(encoding="utf-8") == declarations.document(), (
        "python -m tests.declarations writes it anew"
    )


def test_kinds_of_functions_need_no_words():
    assert hard_concrete.mean.libraries is EVERYWHERE
    assert hard_concrete.mean.libraries.without == ()


def test_a_refusal_names_function_library_reason_and_remedy():
    da = pytest.importorskip("dask.array")
    f = objectives.Quadratic(0.4)
    with pytest.raises(
        TypeError, match=r"^estimators\.relaxation, exact moments: not for Dask arrays.*computed"
    ):
        exact_moments("relaxation", f, da.zeros(2), temperature=0.5)


def test_declared_functions_check_what_they_say():
    @declare(BY_VALUES)
    def f(x):
        BY_VALUES.check("f", [x])
        return x

    assert f.libraries is BY_VALUES
    assert f(1.0) == f(np.float64(1.0)) == 1.0
    mparray = pytest.importorskip("mparray")
    with pytest.raises(TypeError, match="f: not in arbitrary precision: "):
        f(mparray.asarray([1.0]))
