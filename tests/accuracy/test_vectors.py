"""The functions of vectors keep the bound of DESIGN 9 too, component by component; and wrong ones do not.

Logits and noise up to 1000 in size, temperatures from 1e-3 to 100, up to 7 categories. ``STGREF_DENSE=1`` visits more.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from stgref import categorical, concrete, exp_concrete
from tests.accuracy import vectors
from tests.accuracy.check import DTYPES
from tests.oracle.vectors import VECTOR_LAWS


@pytest.mark.most(30)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", vectors.FUNCTIONS)
def test_keeps_the_bound(function, dtype):
    rows = vectors.check(function, dtype)
    bad = [row for row in rows if not row.passed]
    assert not bad, "\n" + "\n".join(f"{row.line()}\n{row.details(3)}" for row in bad)
    assert all(row.points >= 300 for row in rows)


@pytest.mark.parametrize("function", vectors.FUNCTIONS)
def test_arguments_are_those_of_the_oracle(function):
    law, _, name = function.partition(".")
    signature = inspect.signature(
        getattr({"concrete": concrete, "exp_concrete": exp_concrete}.get(law, categorical), name)
    )
    assert tuple(signature.parameters) == VECTOR_LAWS[law].arguments(name)


def textbook_softmax(noise, logits, temperature):
    with np.errstate(all="ignore"):
        e = np.exp((logits + noise) / temperature)
        return e / e.sum()


def textbook_log(noise, logits, temperature):
    with np.errstate(all="ignore"):
        return np.log(concrete.transform(noise, logits, temperature))


def textbook_vjp(cotangent, logits):
    p = categorical.mean(logits)
    return categorical.Partials(p * (cotangent - np.sum(p * cotangent)))


def textbook_entropy(logits):
    p = categorical.mean(logits)
    with np.errstate(all="ignore"):
        return -np.sum(np.where(p > 0, p * np.log(p), 0))


def textbook_conditional(noise, sample, logits):
    with np.errstate(all="ignore"):
        e, total = np.exp(-noise), np.sum(np.exp(logits))
        own = np.sum(np.where(sample == 1, e, 0)) / total
        return -np.log(np.where(sample == 1, own, e / np.exp(logits) + own))


@pytest.mark.parametrize(
    ("law", "name", "wrong"),
    [
        (concrete, "transform", textbook_softmax),
        (exp_concrete, "transform", textbook_log),
        (categorical, "vjp_mean", textbook_vjp),
        (categorical, "entropy", textbook_entropy),
        (categorical, "conditional_latent", textbook_conditional),
    ],
)
def test_textbook_formulas_are_caught(law, name, wrong, monkeypatch):
    monkeypatch.setattr(law, name, wrong)
    (row,) = vectors.check(f"{law.__name__.rpartition('.')[2]}.{name}", "float64", 200)
    assert not row.passed
    assert row.bad
