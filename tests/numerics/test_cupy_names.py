"""CuPy without a GPU: every name that the kernels ask of an array library is one that CuPy has."""

import ast
import functools
import importlib
import operator
from pathlib import Path

import pytest

import stgref
from stgref.numerics import fused, native, symbols
from tests.numerics.catalogue import QUANTITIES
from tests.numerics.recorder import asked_for

SOURCES = sorted(Path(stgref.__file__).parent.rglob("*.py"))


def path_of(node: ast.Attribute) -> str | None:
    """``linalg.diagonal`` of ``xp.linalg.diagonal``; None of an attribute of anything but ``xp``."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join(reversed(names)) if isinstance(node, ast.Name) and node.id == "xp" else None


@functools.cache
def asked() -> tuple[str, ...]:
    trees = (ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES)
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    found = {name for node in nodes if (name := path_of(node)) and not name.startswith("__")}
    # ``xp.linalg.diagonal`` holds ``xp.linalg`` too.
    return tuple(sorted(found))


def test_the_names_are_found():
    assert {"exp", "where", "matrix_transpose"} <= set(asked())
    assert len(asked()) > 50


@pytest.mark.parametrize("name", asked())
def test_cupy_has_what_kernels_ask_for(name):
    pytest.importorskip("cupy")
    import array_api_compat.cupy as xp  # noqa: PLC0415

    assert operator.attrgetter(name)(xp) is not None


@pytest.mark.parametrize("name", ["erf", "erfc", "erfcx", "ndtri"])
def test_cupy_has_the_special_functions(name):
    pytest.importorskip("cupy")
    assert name in vars(native)
    assert callable(getattr(importlib.import_module(native.MODULES["cupy"]), name))


@pytest.mark.parametrize("name", [*symbols.FUNCTIONS, "isnan"])
def test_cupy_fuses_what_elementwise_kernels_ask_for(name):
    """Its ufuncs are what `cupy.fuse` can join; beside them it has ways of its own for ``where`` and ``astype``."""
    cupy = pytest.importorskip("cupy")
    assert isinstance(getattr(cupy, name), cupy.ufunc)
    assert getattr(fused.elementwise(), name) is getattr(cupy, name)


@pytest.mark.parametrize("name", symbols.SPECIAL)
def test_cupy_fuses_the_special_functions(name):
    cupy = pytest.importorskip("cupy")
    assert isinstance(getattr(importlib.import_module(native.MODULES["cupy"]), name), cupy.ufunc)


@pytest.mark.parametrize("name", sorted(name for name, f in QUANTITIES.items() if fused.reason(f) is None))
def test_a_fused_kernel_asks_for_no_more(name):
    """What it asks for was found by running it on symbols; here is what it asks of NumPy, widths of dtypes included."""
    assert asked_for(name) <= {*symbols.FUNCTIONS, *symbols.OTHERS, "finfo"}
