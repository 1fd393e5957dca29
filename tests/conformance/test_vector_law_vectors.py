"""The vectors of the laws of vectors: derived anew, of one vector and of batches, and wrong functions do not pass."""

from __future__ import annotations

import numpy as np
import pytest

from stgref import categorical, concrete
from stgref.conformance.vector_sets import all_cases, document
from tests.oracle.vectors import VECTOR_LAWS
from validation.vectors import vector_laws

SAMPLE, SEED = 16, 20261121
EVERY = all_cases()


def of(function):
    return [case for case in EVERY.values() if case.function == function and case.kind == "valid"]


def vectors_of(case):
    """The arguments of each vector, as lists of exact floats."""
    count = len(case.arguments["logits"]) if "batch" in case.flags else 1
    given = {n: x if "batch" in case.flags else x[None] for n, x in case.arguments.items()}
    return [{n: x[i].astype("float64").tolist() for n, x in given.items()} for i in range(count)]


@pytest.mark.parametrize("law", VECTOR_LAWS)
def test_a_random_sample_is_derived_anew(law):
    asked = [node for node in document(law)["cases"] if node["kind"] != "invalid"]
    for i in np.random.default_rng([SEED, *law.encode()]).choice(len(asked), SAMPLE, replace=False):
        node = asked[i]
        case = EVERY[node["id"]]
        again = vector_laws.exact(case.function, case.dtype, vectors_of(case), batch="batch" in case.flags)
        assert again == {"results": node["results"], "conditions": node["conditions"]}, node["id"]


def test_making_a_function_again_gives_the_same_cases():
    for function in ("concrete.vjp_transform", "categorical.grad_logpdf"):
        nodes = document(function.partition(".")[0])["cases"]
        for dtype in ("float32", "float64"):
            wanted = [node for node in nodes if (node["function"], node["dtype"]) == (function, dtype)]
            assert list(vector_laws.cases(function, dtype)) == wanted


def test_every_function_is_asked_about_one_vector_and_about_a_batch():
    for law in VECTOR_LAWS:
        for function in vector_laws.functions(law):
            flags = [case.flags for case in of(function)]
            for flag in (("bulk",), ("bulk", "batch"), ("tail",), ("extreme",)):
                assert flag in flags, (function, flag)


def test_a_batch_is_its_vectors():
    for case in of("concrete.vjp_transform"):
        if "batch" in case.flags:
            count, size = case.arguments["logits"].shape
            assert count > 1
            assert case.results["logits"].shape == (count, size)
            assert case.results["temperature"].shape == (count,)


def softmax(logits):
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        return e / e.sum(axis=-1, keepdims=True)


def entropy(logits):
    p = categorical.mean(logits)
    with np.errstate(all="ignore"):
        return -np.sum(np.where(p > 0, p * np.log(p), 0), axis=-1)


def without_temperature(cotangent, noise, logits, temperature):
    gradient = concrete.vjp_transform(cotangent, noise, logits, temperature)
    return gradient._replace(logits=gradient.logits * np.asarray(temperature)[..., None])


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        ("categorical.mean", softmax),
        ("categorical.entropy", entropy),
        ("concrete.vjp_transform", without_temperature),
    ],
)
def test_textbook_formulas_and_a_forgotten_factor_fail(function, wrong):
    assert "fail" in {case.check(case.call(wrong)).status for case in of(function)}


def test_tangents_go_by_keyword():
    case = of("concrete.jvp_transform")[0]

    def mine(noise, logits, temperature, *, d_noise, d_logits, d_temperature):
        assert temperature.shape == d_temperature.shape == ()
        return concrete.jvp_transform(
            noise, logits, temperature, d_noise=d_noise, d_logits=d_logits, d_temperature=d_temperature
        )

    case.assert_right(case.call(mine))
