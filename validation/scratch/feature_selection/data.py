"""The problems: three synthetic ones with features that say nothing, and one of scikit-learn's data sets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from validation.scratch.by_hand import Array


class Split(NamedTuple):
    """Examples to learn from and to test with, and which features say something."""

    x: Array
    y: Array
    test_x: Array
    test_y: Array
    informative: Array


def two_moons(features: int, seed: int) -> Split:
    """Two interleaved half circles with noise of standard deviation 0.1; the other features are standard normal."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(1000) % 2)
    angle = rng.uniform(0.0, np.pi, 1000)
    x = np.where(y, 1.0 - np.cos(angle), np.cos(angle)), np.where(y, 0.5 - np.sin(angle), np.sin(angle))
    moons = np.column_stack(x) + rng.normal(0.0, 0.1, (1000, 2))
    return halved(np.hstack([moons, rng.normal(size=(1000, features - 2))]), y, 2, 800)


def xor(features: int, seed: int) -> Split:
    """Fair bits, as −1 and 1; the label says whether the first two differ. 450 of 1500 examples are learnt from."""
    bits = np.random.default_rng(seed).integers(0, 2, (1500, features))
    return halved(2.0 * bits - 1.0, bits[:, 0] ^ bits[:, 1], 2, 450)


def sine(features: int, seed: int) -> Split:
    """y = sin x₁ cos³ x₂ of two features that are uniform in [0, 5]; the other features are standard normal."""
    rng = np.random.default_rng(seed)
    x = np.hstack([rng.uniform(0.0, 5.0, (1000, 2)), rng.normal(size=(1000, features - 2))])
    return halved(x, np.sin(x[:, 0]) * np.cos(x[:, 1]) ** 3, 2, 800)


def breast_cancer(features: int, seed: int) -> Split:
    """Wisconsin's breast cancers: 30 features, standardised, and copies of them with shuffled rows, which say nothing."""
    from sklearn.datasets import load_breast_cancer  # noqa: PLC0415 (optional)

    rng = np.random.default_rng(seed)
    x, y = load_breast_cancer(return_X_y=True)
    order = rng.permutation(len(x))
    x, y = x[order], y[order]
    copies = [rng.permutation(x[:, j % 30]) for j in range(features - 30)]
    return halved(np.column_stack([x, *copies]), y, 30, 400)


def halved(x: Array, y: Array, informative: int, n: int) -> Split:
    """The first n examples to learn from; all features in units of their means and deviations there."""
    x = (x - x[:n].mean(axis=0)) / x[:n].std(axis=0)
    return Split(x[:n], y[:n], x[n:], y[n:], np.arange(x.shape[1]) < informative)


PROBLEMS = {"two moons": two_moons, "XOR": xor, "sine": sine, "breast cancer": breast_cancer}
