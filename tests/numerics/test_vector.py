"""Functions of vectors: which shapes go in and come out, and how bad ones are refused; the rest is tested as all are."""

from __future__ import annotations

import numpy as np
import pytest

from stgref import bernoulli, categorical, concrete, exp_concrete
from stgref.numerics.domains import domain_of
from stgref.numerics.vector import Vector, vector_quantity
from tests.numerics.catalogue import QUANTITIES, fields, scalars

VECTOR = {name: f for name, f in QUANTITIES.items() if f.vectors}
TANGENTS = {name: f for name, f in VECTOR.items() if f.options}
CONSTANT = {"categorical.vjp_transform", "categorical.jvp_transform"}
#: What each element gives depends on itself or its neighbours only.
LOCAL = {"penalties.grad_l0", "penalties.grad_total_variation"}
V = np.asarray([0.5, -1.0, 2.0])


def test_batch_axes_broadcast_and_the_last_does_not():
    noise, logits, temperature = np.zeros((4, 1, 3)), np.zeros((5, 3)), np.ones((2, 1, 1))
    assert concrete.transform(noise, logits, temperature).shape == (2, 4, 5, 3)
    assert concrete.logpdf(noise + 1 / 3, logits, temperature).shape == (2, 4, 5)
    back = concrete.vjp_transform(V, noise, logits, temperature)
    assert [part.shape for part in back] == [(2, 4, 5, 3), (2, 4, 5, 3), (2, 4, 5)]
    slopes = exp_concrete.grad_logpdf(V, logits, 1.0)
    assert [part.shape for part in slopes] == [(5, 3), (5, 3), (5,)]
    assert isinstance(concrete.logpdf(abs(V), V, 1.0), np.float64)


def test_one_category_is_certain():
    zero = [0.0]
    assert concrete.transform([3.0], [-2.0], 0.1).tolist() == [1.0]
    assert exp_concrete.transform([3.0], [-2.0], 0.1).tolist() == zero
    assert categorical.entropy([5.0]) == concrete.logpdf([1.0], [5.0], 2.0) == 0.0
    assert concrete.vjp_transform([7.0], [3.0], [-2.0], 0.1).logits.tolist() == zero
    assert categorical.conditional_latent([3.0], [1.0], [-2.0]).tolist() == [1.0]


def test_ties_go_to_the_first():
    assert categorical.transform([1.0, 2.0, 2.0], [1.0, 0.0, 0.0]).tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(categorical.transform([np.nan, 0.0], [0.0, 0.0])).all()


@pytest.mark.parametrize("name", VECTOR)
def test_nan_reaches_every_result_of_its_row_only(name):
    good = {n: np.stack([v, v]) if np.ndim(v) else v for n, v in scalars(name).items()}
    limited = {argument for argument in good if domain_of(argument)}  # there NaN is refused
    for argument in VECTOR[name].vectors & good.keys() - limited - {"cotangent"}:
        bad = {**good, argument: good[argument].copy()}
        bad[argument][1, 0] = np.nan
        wanted = fields(VECTOR[name](**good))
        for field, value in fields(VECTOR[name](**bad)).items():
            np.testing.assert_array_equal(value[0], wanted[field][0])
            if name in LOCAL:
                assert np.isnan(value[1]).any() or field != "x", (argument, field)
            elif name not in CONSTANT:
                assert np.isnan(value[1]).all(), (argument, field)


@pytest.mark.parametrize("name", VECTOR)
def test_shapes_without_categories_are_refused(name):
    good = scalars(name)
    for argument in VECTOR[name].vectors & good.keys():
        for bad in (1.0, np.asarray(1.0), np.zeros(0), np.zeros((2, 0))):
            with pytest.raises(ValueError, match=rf"\b{argument}\b.*categor"):
                VECTOR[name](**{**good, argument: bad})


@pytest.mark.parametrize("name", [n for n, f in VECTOR.items() if len(f.vectors & set(f.arrays)) > 1])
def test_different_numbers_of_categories_are_refused(name):
    """Also one category, which would broadcast."""
    good = scalars(name)
    for argument in VECTOR[name].vectors & good.keys():
        for length in (1, 2, 4):
            bad = np.eye(length)[0]
            with pytest.raises(ValueError, match=rf"differ in length.*\b{argument} \({length},\)"):
                VECTOR[name](**{**good, argument: bad})


@pytest.mark.parametrize("name", [n for n, f in VECTOR.items() if "temperature" in f.arrays])
def test_temperatures_beside_the_batch_are_refused(name):
    good = {n: np.stack([v] * 2) if np.ndim(v) else v for n, v in scalars(name).items()}
    with pytest.raises(ValueError, match=r"do not broadcast.*temperature \(3,\)"):
        VECTOR[name](**{**good, "temperature": np.ones(3)})


@pytest.mark.parametrize("name", [n for n, f in VECTOR.items() if "sample" in f.arrays])
def test_samples_that_are_not_one_hot_are_refused(name):
    good = scalars(name)
    for bad in ([0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]):
        with pytest.raises(ValueError, match=r"\bsample\b.*one-hot"):
            VECTOR[name](**{**good, "sample": bad})


@pytest.mark.parametrize("name", TANGENTS)
def test_tangents_are_linear_and_optional(name):
    f, good = TANGENTS[name], scalars(name)
    tangents = {n: 2.0 * good[n.removeprefix("d_")] for n in f.options}
    parts = [f(**good, **{n: t}) for n, t in tangents.items()]
    np.testing.assert_allclose(f(**good, **tangents), sum(parts), rtol=1e-12, atol=1e-14)
    assert not np.any(f(**good))
    assert f(**good, **{n: t.astype(np.float64) if np.ndim(t) else t for n, t in tangents.items()}).shape == (
        3,
    )
    for n in tangents:
        with pytest.raises(TypeError, match=rf"\b{n}\b"):
            f(**good, **{n: "0.5"})
        if n != "d_temperature":
            with pytest.raises(ValueError, match=rf"\b{n}\b"):
                f(**good, **{n: np.zeros(2)})


@pytest.mark.parametrize("name", TANGENTS)
def test_tangents_are_of_the_library(xp, name):
    f, good = (
        TANGENTS[name],
        {n: np.stack([v] * 2) if np.ndim(v) else np.full(2, v) for n, v in scalars(name).items()},
    )
    tangents = {n: np.sqrt(2.0) + good[n.removeprefix("d_")] for n in f.options}
    names = [*good, *tangents]

    def call(*arrays):
        return f(**dict(zip(names, arrays, strict=True)))

    got = xp.call(call, *map(xp.asarray, (*good.values(), *tangents.values())))
    xp.assert_own(got, np.float64, (2, 3))
    np.testing.assert_allclose(xp.to_numpy(got), f(**good, **tangents), rtol=1e-13, atol=1e-15)


def test_dask_joins_the_categories_and_keeps_the_chunks_of_the_batch():
    da = pytest.importorskip("dask.array")
    rng = np.random.default_rng(0)
    noise, logits, temperature = (
        rng.gumbel(size=(6, 4, 5)),
        rng.normal(size=(4, 5)),
        rng.uniform(1, 2, size=4),
    )
    lazy = (
        da.from_array(noise, chunks=(2, 3, 2)),
        da.from_array(logits, chunks=(3, 4)),
        da.from_array(temperature, chunks=3),
    )
    result = concrete.vjp_transform(da.from_array(noise, chunks=2), *lazy)
    assert result.noise.numblocks[-1] == 1
    assert result.noise.chunks[0] == (2, 2, 2)
    for got, wanted in zip(result, concrete.vjp_transform(noise, noise, logits, temperature), strict=True):
        assert got.shape == wanted.shape
        np.testing.assert_array_equal(got.compute(), wanted)
    assert exp_concrete.logpdf(*lazy).chunks == ((2, 2, 2), (3, 1))


def test_scalars_beside_arrays_of_another_library():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="one library"):
        concrete.transform(torch.zeros(3), V, 1.0)
    assert concrete.transform(torch.zeros(3), torch.zeros(3), 2).dtype is torch.float32


def test_samples_have_as_many_categories_as_the_logits():
    assert concrete.sample((2, 4, 3), np.zeros((4, 3)), np.ones((2, 1)), rng=0).shape == (2, 4, 3)
    for shape in [(2, 4), (2, 4, 1), 3, (4, 3, 3)]:
        with pytest.raises(ValueError, match="shape"):
            concrete.sample(shape, np.zeros((4, 3)), 1.0)


def test_a_new_kernel_becomes_a_function():
    def spread(xp, x: Vector, temperature=1.0):
        """The range of x over the temperature."""
        return (xp.max(x, axis=-1) - xp.min(x, axis=-1)) / temperature

    f = vector_quantity(spread)
    assert f.vectors == {"x"}
    assert f.results == (False,)
    assert f([[1.0, 2.0, 4.0]] * 2, [1.0, 2.0]).tolist() == [3.0, 1.5]


def test_extreme_conditional_latents_are_finite_in_single_precision():
    x = np.float32([-1e3, -30.0, 0.0, 30.0, 1e3])
    for b in (0.0, 1.0):
        result = bernoulli.grad_conditional_latent(x[:, None], np.float32(b), x)
        assert all(np.isfinite(part).all() for part in result)
    eye = np.eye(5, dtype=np.float32)
    assert np.isfinite(categorical.conditional_latent(x[::-1], eye, x)).all()
