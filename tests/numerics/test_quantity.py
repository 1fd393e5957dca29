"""What a kernel becomes when it is made public."""

from __future__ import annotations

import copy
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from stgref import hard_concrete, logistic
from stgref.numerics.quantity import Quantity, quantity
from tests.conftest import LIBRARIES
from tests.numerics.catalogue import (
    QUANTITIES,
    SAMPLERS,
    arguments,
    batches,
    fields,
    filled,
    modules,
    same,
    scalars,
)


@pytest.mark.parametrize("name", QUANTITIES)
def test_name_signature_and_pickle_are_the_public_ones(name):
    f = QUANTITIES[name]
    assert f.name == name
    assert name in repr(f)
    assert f.__name__ == f.__qualname__ == name.rpartition(".")[2]
    assert f.__module__ == modules()[name.partition(".")[0]].__name__
    assert pickle.loads(pickle.dumps(f)) is f  # noqa: S301 (our own)
    assert copy.deepcopy(f) is f
    assert list(inspect.signature(f).parameters) == [*f.arrays, *f.options]


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_have_the_signature_of_the_design(name):
    transform = QUANTITIES[name.replace("sample", "transform")]
    parameters = inspect.signature(SAMPLERS[name]).parameters
    assert list(parameters) == ["shape", *transform.arrays[1:], "rng"]
    assert parameters["rng"].kind is inspect.Parameter.KEYWORD_ONLY
    assert pickle.loads(pickle.dumps(SAMPLERS[name])) is SAMPLERS[name]  # noqa: S301 (our own)


@pytest.mark.parametrize("name", [n for n, f in QUANTITIES.items() if "grad_" in n])
def test_gradients_pickle(name):
    result = QUANTITIES[name](**scalars(name))
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 (our own)
    assert type(again) is type(result)
    assert same(fields(again), fields(result))


@pytest.mark.parametrize("name", QUANTITIES)
def test_keywords_and_defaults_are_the_positional_arguments(name):
    f, good = QUANTITIES[name], scalars(name)
    wanted = fields(f(*good.values()))
    assert same(fields(f(**good)), wanted)
    first, *others = good
    assert same(fields(f(good[first], **{n: good[n] for n in reversed(others)})), wanted)
    given = {n: v for n, v in good.items() if n not in f.defaults}
    completed = {n: f.defaults.get(n, v) for n, v in good.items()}
    assert same(fields(f(**given)), fields(f(**completed)))


@pytest.mark.parametrize("name", QUANTITIES)
def test_the_kernel_is_the_function(name):
    """In double precision nothing is added to the kernel but checks and broadcasting."""
    args = batches(name)
    with np.errstate(all="ignore"):
        bare_result = QUANTITIES[name].kernel(LIBRARIES["numpy"]().xp, *args)
    for field, value in fields(QUANTITIES[name](*args)).items():
        plain = np.broadcast_to(fields(bare_result)[field], value.shape)
        np.testing.assert_array_equal(value, plain)


@pytest.mark.parametrize("name", QUANTITIES)
def test_elements_do_not_influence_each_other(name):
    """Broadcast, alone, or in reverse order: the same bits. NumPy's vectorised loops may differ by one unit."""
    args = batches(name)
    broadcast = fields(QUANTITIES[name](*arguments(name)))
    together = fields(QUANTITIES[name](*args))
    reverse = fields(QUANTITIES[name](*(a[::-1].copy() for a in args)))
    last = fields(QUANTITIES[name](*(a[-1:] for a in args)))
    for field, value in together.items():
        np.testing.assert_array_equal(broadcast[field].reshape(value.shape), value)
        np.testing.assert_array_equal(reverse[field][::-1], value)
        np.testing.assert_array_equal(last[field], value[-1:])


def test_results_are_new_arrays():
    """Never views of an argument: changing the result leaves the argument alone."""
    noise = np.asarray([0.5, -0.5])
    for result in (*logistic.grad_transform(noise), logistic.transform(noise, 0.0, 1.0)):
        assert not np.shares_memory(result, noise)
        result[...] = 9.0
    np.testing.assert_array_equal(noise, [0.5, -0.5])


@pytest.mark.parametrize("name", QUANTITIES)
def test_no_result_shares_memory_with_an_argument(name):
    args = [filled((2,), v) for v in scalars(name).values()]
    results = list(fields(QUANTITIES[name](*args)).items())
    for i, (field, value) in enumerate(results):
        assert value.flags.writeable, f"{field} is read-only"
        assert not any(np.shares_memory(value, a) for a in args), f"{field} is a view of an argument"
        assert not any(np.shares_memory(value, other) for _, other in results[:i]), (
            f"{field} is another field's array"
        )


def test_threads_may_call_at_once():
    log_alpha = np.linspace(-5.0, 5.0, 200)
    wanted = hard_concrete.mean(log_alpha)
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(hard_concrete.mean, [log_alpha] * 8):
            np.testing.assert_array_equal(got, wanted)


def test_a_new_kernel_becomes_a_function():
    def triple(xp, x, temperature=2.0):
        """Three times x."""
        return 3.0 * x + 0.0 * temperature

    f = quantity(triple)
    assert isinstance(f, Quantity)
    assert f([1, 2]).tolist() == [3.0, 6.0]
    assert f(np.float32(2.0)).dtype == np.float32
    assert "temperature : array_like, default 2.0" in f.__doc__
    with pytest.raises(ValueError, match="temperature"):
        f(1.0, 0.0)


def test_results_that_are_constants_fill_the_shape():
    """A kernel may return a Python number, or an array of fewer axes than the arguments together."""

    def constant(xp, x, loc=0.0):
        return 1.5

    assert quantity(constant)(np.zeros((2, 1)), np.zeros(3)).tolist() == [[1.5] * 3] * 2
    partial = logistic.grad_transform(np.zeros((2, 1)), np.zeros(3), 2.0)
    assert all(part.shape == (2, 3) for part in partial)
    partial.noise[0, 0] = 7.0
    assert partial.noise[0, 1] == 2.0


def test_dask_chunks_survive():
    da = pytest.importorskip("dask.array")
    x = da.from_array(np.linspace(-3.0, 3.0, 24).reshape(4, 6), chunks=(2, 3))
    result = hard_concrete.grad_transform(x, 0.5)
    assert all(part.chunks == x.chunks for part in result)
    row = da.from_array(np.linspace(0.5, 1.0, 6), chunks=2)
    assert hard_concrete.transform(x, 0.5, row).shape == (4, 6)
