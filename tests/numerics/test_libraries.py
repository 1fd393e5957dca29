"""Every public quantity on every array library: what goes in comes out, and the values are NumPy's.

The bound: both results may be off by DESIGN's 4 eps (|f| + sum_i |x_i df/dx_i|), hence 8 between them. NumPy with
read-only memory, array_api_strict and dask run NumPy's own loops: they give the same bits. JAX's own ``log1p`` and
``atanh`` are worse than that (see `test_upstream`), and so is what is made of them: the one exception, by cause.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from tests.conftest import Library
from tests.declared import across, called
from tests.numerics.bounds import sizes, worst
from tests.numerics.catalogue import (
    DOUBLED,
    DRAWS,
    QUANTITIES,
    RATES,
    SAMPLERS,
    arguments,
    bare,
    batches,
    fields,
    filled,
    modules,
    scalars,
    value_of,
    values_of,
)
from tests.numerics.recorder import asked_for

BOUND = 8.0
JAX_BOUND = 128.0  # its log1p was seen to be off by 94 ulp, or 41 eps (|f| + |x f'|), near -0.41
POOR_IN_JAX = {"log1p", "atanh"}
DENSE = os.environ.get("STGREF_DENSE") == "1"
BASES = {"binary_concrete.transform": "logistic", "hard_concrete.transform": "logistic"}
"""The noise of what single precision has in single precision; sums of noise and location keep to 4e-7 anyway."""

MADE_OF_SPECIAL = {n for n in QUANTITIES if n.startswith("parameters.")} - {
    "parameters.log_alpha_from_prob_zero"
}
"""A line or two of functions of `stgref.special`: XLA compiles half a minute of them."""

SAME_BITS = ("numpy", "numpy-readonly", "array-api-strict", "dask")

CLOSED = sorted(QUANTITIES.keys() - DOUBLED)
EAGER = pytest.mark.parametrize(
    "xp",
    ["numpy", "numpy-readonly", "array-api-strict", "torch", "dask", "cupy"],
    indirect=True,
    scope="session",
)
JAX = pytest.mark.parametrize("xp", ["jax", "jax-jit"], indirect=True, scope="session")
LAWS = pytest.mark.parametrize("law", modules())


def of(law: str) -> list[str]:
    """The quantities of a module, without those in doubled precision."""
    return [name for name in CLOSED if name.startswith(f"{law}.")]


def bound_of(xp: Library, name: str, dtype: str = "float64") -> float:
    """The bound in units of eps times size."""
    single = dtype == "float32" and QUANTITIES[name].single  # by NumPy's own exponentials of single precision
    if xp.name in SAME_BITS and not (single and xp.name == "array-api-strict"):
        return 0.0
    poor = xp.name.startswith("jax") and POOR_IN_JAX & asked_for(name)
    return JAX_BOUND if poor else BOUND


def check(xp: Library, name: str, args: list[Any], dtype: str = "float64") -> None:
    """Call ``name`` on ``args``, arrays among them moved to the library: the result must be as NumPy's."""
    f = QUANTITIES[name]
    given = [xp.asarray(a) if isinstance(a, np.ndarray) else a for a in args]
    got, wanted = fields(called(xp, f.libraries, name, f, *given)), fields(f(*args))
    size = sizes(f, [np.asarray(a, dtype=np.float64) for a in args])
    assert list(got) == list(wanted)
    for field, value in wanted.items():
        xp.assert_own(got[field], np.dtype(dtype), value.shape)
        error = worst(xp.to_numpy(got[field]), value, size[field], float(np.finfo(dtype).eps))
        assert error <= bound_of(xp, name, dtype), (
            f"{name}, {field}: off by {error:.3g} eps (|f| + sum |x df/dx|)"
        )
    for before, after in zip(args, given, strict=True):
        assert not isinstance(before, np.ndarray) or np.array_equal(before, xp.to_numpy(after)), (
            "argument modified"
        )


@pytest.mark.most(240)
@across()
@pytest.mark.parametrize("name", CLOSED)
def test_library_device_dtype_and_values_are_kept(xp, name):
    """Under ``jax.vmap`` all arguments are mapped over one axis; 50 digits are asked for three points."""
    if xp.name.startswith("jax") and name in MADE_OF_SPECIAL and not DENSE:
        pytest.skip("what it is made of is asked for itself: STGREF_DENSE=1")
    batch = {"jax-vmap": slice(None), "mparray": slice(3)}.get(xp.name)
    check(xp, name, arguments(name) if batch is None else [a[batch] for a in batches(name)])


@EAGER
@pytest.mark.parametrize("name", sorted(DOUBLED))
def test_doubled_quadrature_keeps_them_too(xp, name):
    check(xp, name, [a[:3] for a in batches(name)])


@JAX
@pytest.mark.parametrize("name", sorted(DOUBLED))
def test_doubled_quadrature_on_jax(xp, name):
    """One of them: XLA compiles each for ten seconds eagerly, for a minute under ``jax.jit``."""
    if not DENSE and (xp.name, name) != ("jax", "hard_concrete.grad_mean"):
        pytest.skip("up to a minute of compilation each: STGREF_DENSE=1")
    check(xp, name, [a[:3] for a in batches(name)])


def with_scalars(name: str, dtype: Any = np.float64) -> list[Any]:
    """An array for the first argument, Python scalars for the others, but for vectors."""
    first, *others = scalars(name)
    rest = [value_of(name, n) for n in others]
    return [values_of(name, first).astype(dtype), *(v.astype(dtype) if np.ndim(v) else v for v in rest)]


@EAGER
@LAWS
def test_single_precision_is_kept_beside_python_scalars(xp, law):
    """Python scalars are weak: they take the dtype of the arrays."""
    for name in of(law):
        check(xp, name, with_scalars(name, np.float32), "float32")


@JAX
@pytest.mark.parametrize("name", [name for name in of("hard_concrete") if "mean" not in name])
def test_single_precision_is_kept_beside_python_scalars_on_jax(xp, name):
    check(xp, name, with_scalars(name, np.float32), "float32")


@EAGER
@LAWS
def test_integer_arrays_give_double_precision(xp, law):
    for name in of(law):
        first, *_ = scalars(name)
        if first not in ("u", *RATES):  # no integer is strictly between 0 and 1
            _, *rest = with_scalars(name)
            ends = bare(first) in ("x", "p", "prob") or (first == "noise" and "kumaraswamy" in law)
            whole = [0, 1, 0] if ends else [1, 3, 2]
            integers = np.asarray(whole, dtype=np.int32)
            check(xp, name, [integers, *rest])


@EAGER
@LAWS
def test_arrays_without_axes_or_elements(xp, law):
    for name in of(law):
        for shape in [(), (0,), (2, 0, 3)]:
            check_shape(xp, name, shape)


@EAGER
@pytest.mark.parametrize("name", sorted(DOUBLED))
def test_doubled_quadrature_of_nothing(xp, name):
    check_shape(xp, name, (2, 0))


@JAX
@pytest.mark.parametrize("name", ["hard_concrete.grad_logpdf", "normal.cdf", "special.expit"])
def test_arrays_without_axes_or_elements_on_jax(xp, name):
    for shape in [(), (0,), (2, 0, 3)]:
        check_shape(xp, name, shape)


def check_shape(xp: Library, name: str, shape: tuple[int, ...]) -> None:
    """The result has the shape of all its arguments, and NumPy's value."""
    f = QUANTITIES[name]
    arrays = [filled(shape, value) for value in scalars(name).values()]
    wanted = fields(f(*arrays))
    tails = [(3,) if is_vector else () for is_vector in getattr(f, "results", [False] * len(wanted))]
    for (field, value), tail in zip(fields(xp.call(f, *map(xp.asarray, arrays))).items(), tails, strict=True):
        assert value.shape == shape + tail
        if xp.name not in ("numpy", "numpy-readonly"):  # of NumPy, arrays without axes are its scalars
            xp.assert_own(value, np.float64, shape + tail)
        np.testing.assert_allclose(xp.to_numpy(value), wanted[field], rtol=1e-13, err_msg=name)


@across()
@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_are_of_the_parameters_kind(xp, name):
    sample = SAMPLERS[name]
    transform = QUANTITIES[name.replace("sample", "transform")]
    params = [values_of(transform.name, n).astype(np.float32) for n in transform.arrays[1:]]
    shape = (5, 3, 3) if transform.vectors else (5, 3)
    given = map(xp.asarray, params)
    got = called(xp, sample.libraries, name, lambda *params: sample(shape, *params, rng=7), *given)
    if got is None:
        return
    xp.assert_own(got, np.float32, shape)
    wanted = sample(shape, *params, rng=7)
    if transform.single and transform.name in BASES:
        n = DRAWS[f"noise.{BASES[transform.name]}"](shape, rng=7)
        size = sizes(transform, [n, *(p.astype(np.float64) for p in params)])["value"]
        assert worst(xp.to_numpy(got), wanted, size, 2.0**-23) <= BOUND
    else:
        np.testing.assert_allclose(xp.to_numpy(got), wanted, rtol=4e-7)
