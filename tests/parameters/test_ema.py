"""Moving averages of parameters against the sum that they are, in rational numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from stgref import BinaryConcreteStochasticGates, GaussianStochasticGates
from stgref.parameters import EMA
from tests.conftest import Library
from tests.declared import across

RNG = np.random.default_rng(7)
EPS = Fraction(1, 2**52)


def closed_form(decay: float, thetas: list[float]) -> tuple[Fraction, Fraction]:
    """(1 - b) sum_k b^(t - k) theta_k / (1 - b^t), and the same of sizes: the scale of roundings."""
    b, t = Fraction(decay), len(thetas)
    weights = [(1 - b) * b ** (t - k) / (1 - b**t) for k in range(1, t + 1)]
    assert sum(weights) == 1
    terms = [w * Fraction(theta) for w, theta in zip(weights, thetas, strict=True)]
    return sum(terms, Fraction(0)), sum(map(abs, terms), Fraction(0))


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.999, 1 - 2.0**-40])
@pytest.mark.parametrize("steps", [1, 2, 7, 60])
def test_it_is_the_closed_form(decay, steps):
    """To two roundings for each step, of terms that shrink with the decay."""
    thetas, average = RNG.normal(size=steps).tolist(), EMA(decay)
    for theta in thetas:
        average.update(np.asarray([theta]))
    exact, size = closed_form(decay, thetas)
    assert average.steps == steps
    assert abs(Fraction(float(average.value[0])) - exact) <= 2 * steps * EPS * size


def test_it_is_what_the_layers_of_the_authors_do():
    """Their update and their correction, as in AMLab's L0_regularization."""
    beta, steps, biased = 0.99, 25, np.zeros(3)
    average = EMA(beta)
    for _ in range(steps):
        theta = RNG.normal(size=3)
        biased = beta * biased + (1 - beta) * theta
        average.update(theta)
    np.testing.assert_allclose(average.value, biased / (1 - beta**steps), rtol=1e-12)


@pytest.mark.parametrize("decay", [0.1, 0.999])
def test_what_stays_the_same_is_its_average(decay):
    theta, average = RNG.normal(size=5), EMA(decay)
    for _ in range(50):
        np.testing.assert_array_equal(average.update(theta).value, theta)


def test_half_precision_is_averaged_in_double():
    """A change of 1/1000 of a number's last digit is lost in half precision, step by step."""
    average = EMA(0.999)
    for _ in range(2000):
        average.update(np.ones(2, np.float16))
    for _ in range(2000):
        average.update(np.full(2, 2.0, np.float16))
    assert average.value.dtype == np.float16
    of_twos = (1 - 0.999**2000) / (1 - 0.999**4000)
    assert average.value.tolist() == [float(np.float16(1 + of_twos))] * 2


@pytest.mark.parametrize("cls", [BinaryConcreteStochasticGates, GaussianStochasticGates])
def test_state_dicts_of_layers(cls):
    """Averages of the parameter and of settings that are trained; the mask is the mask."""
    mask, average = [[0, 1], [1, 0]], EMA(0.5)
    layers = [cls.from_pretrained(RNG.normal(size=2), mask=mask) for _ in range(2)]
    option = cls.family.options[0]
    setattr(layers[1], option, 2 * getattr(layers[0], option))
    for layer in layers:
        average.update(layer.state_dict())
    new = cls(2, mask=mask)
    new.load_state_dict(average.value)
    name = cls.family.parameter
    np.testing.assert_allclose(
        getattr(new, name), (getattr(layers[0], name) + 2 * getattr(layers[1], name)) / 3, rtol=0, atol=4e-15
    )
    assert float(getattr(new, option)) == pytest.approx(5 / 3 * getattr(layers[0], option), rel=1e-15)
    np.testing.assert_array_equal(new.mask, mask)


def test_nothing_is_shared_with_what_went_in_or_came_out():
    theta, average = np.ones(2), EMA(0.5)
    average.update(theta)
    theta[...] = 9.0
    average.value[...] = 9.0
    np.testing.assert_array_equal(average.value, np.ones(2))


@across()
def test_on_every_library(xp: Library) -> None:
    thetas = RNG.normal(size=(3, 4))

    def run(*thetas):
        average = EMA(0.75)
        for theta in thetas:
            average.update(theta)
        return average.value

    got = xp.call(run, *map(xp.asarray, thetas))
    xp.assert_own(got, "float64", (4,))
    np.testing.assert_allclose(xp.to_numpy(got), run(*thetas), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("decay", [1.0, -0.1, 1.5, math.nan])
def test_decays_that_are_none(decay):
    with pytest.raises(ValueError, match="EMA: decay must be at least 0 and less than 1, got"):
        EMA(decay)


def test_errors_leave_the_average_as_it_was():
    average = EMA(0.5)
    with pytest.raises(ValueError, match="no average before the first update"):
        _ = average.value
    average.update({"mu": np.ones(2), "std": 0.5})
    for wrong in ({"mu": np.ones(3), "std": 0.5}, {"mu": np.ones(2)}, {"mu": np.ones(2, int), "std": 0.5}):
        with pytest.raises(
            ValueError, match=r"EMA\.update: params must have the keys and shapes of the first ones"
        ):
            average.update(wrong)
    assert average.steps == 1
    assert average.value["mu"].tolist() == [1.0, 1.0]
    for wrong in (3, "mu", np.ones(2, int), [1.0, 2.0], None):
        with pytest.raises(TypeError, match=r"EMA\.update: params takes a floating array or a mapping"):
            EMA(0.5).update(wrong)
