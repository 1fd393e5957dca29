"""Pullbacks by hand are the slopes of what they pull back."""

from __future__ import annotations

import numpy as np
import pytest

from validation.scratch import by_hand

RNG = np.random.default_rng(0)
X, W, B, LABEL = (
    RNG.normal(size=(5, 3)),
    RNG.normal(size=(3, 4)),
    RNG.normal(size=4),
    np.array([0, 2, 1, 2, 2]),
)


def slope(function, x):
    """Central difference quotients of a number."""
    found, h = np.zeros_like(x), 1e-6
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (function(x + step) - function(x - step)) / (2.0 * h)
    return found


@pytest.mark.parametrize("layer", [by_hand.tanh, by_hand.relu])
def test_units(layer):
    _, back = layer(X)
    d = RNG.normal(size=X.shape)
    np.testing.assert_allclose(back(d), slope(lambda x: (layer(x)[0] * d).sum(), X), rtol=1e-6, atol=1e-9)


def test_dense():
    given = [X, W, B]
    y, back = by_hand.dense(*given)
    d = RNG.normal(size=y.shape)
    for i, found in enumerate(back(d)):

        def loss(value, i=i):
            return (by_hand.dense(*given[:i], value, *given[i + 1 :])[0] * d).sum()

        np.testing.assert_allclose(found, slope(loss, given[i]), rtol=1e-6, atol=1e-9)


def test_losses():
    value, back = by_hand.cross_entropy(X, LABEL)
    p = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    assert value == pytest.approx(-np.mean(np.log([p[n, k] for n, k in enumerate(LABEL)])), rel=1e-14)
    np.testing.assert_allclose(
        back, slope(lambda x: by_hand.cross_entropy(x, LABEL)[0], X), rtol=1e-6, atol=1e-9
    )
    y = RNG.normal(size=5)
    value, back = by_hand.squared_error(X[:, :1], y)
    assert value == pytest.approx(np.mean((X[:, 0] - y) ** 2), rel=1e-14)
    np.testing.assert_allclose(back, slope(lambda x: by_hand.squared_error(x, y)[0], X[:, :1]), rtol=1e-6)


def test_large_logits_are_no_trouble():
    value, back = by_hand.cross_entropy(np.array([[1e4, -1e4]]), np.array([1]))
    assert value == 2e4
    assert np.array_equal(back, [[1.0, -1.0]])


def test_weights_have_the_variance_of_glorot():
    params = by_hand.glorot([300, 200, 2], np.random.default_rng(1))
    assert list(params) == ["W1", "b1", "W2", "b2"]
    assert params["W1"].var() == pytest.approx(2.0 / 500.0, rel=0.02)
    assert not params["b1"].any()
