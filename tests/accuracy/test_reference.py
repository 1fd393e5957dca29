"""The stored exact values: there, inside the domain, and what the oracle says."""

import numpy as np
import pytest
from flint import arb, ctx

from tests.accuracy.check import DTYPES
from tests.accuracy.compare import PRECISE
from tests.accuracy.points import is_valid
from tests.accuracy.reference import SLOW, SLOW_COUNT, STORED, load
from tests.oracle import evaluate, split

SAMPLED = 2
NEGLIGIBLE = arb(2) ** -1090  # far below the smallest double
SEED = int(np.random.SeedSequence().entropy) % 2**32  # another sample every time; a failure tells the seed


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", STORED)
def test_a_sample_is_recomputed(function, dtype):
    chosen, stored = load(function, dtype)
    law, quantity, is_gradient = split(function)
    slow = function in SLOW
    assert len(chosen) == len(stored) >= (SLOW_COUNT if slow else 600)
    for i in np.random.default_rng(SEED).integers(len(chosen), size=1 if slow else SAMPLED):
        assert is_valid(law.name, quantity, law.arguments(quantity), chosen[i], is_gradient)
        again = evaluate(function, chosen[i])
        ctx.prec = PRECISE
        for field, kept in stored[i].items():
            new, place = again[field], f"{field} at {chosen[i]}, sampled with seed {SEED}"
            size = abs(arb(new.value).mid()) + new.condition.mid() + NEGLIGIBLE
            assert abs(arb(new.value).mid() - kept.value) <= 2.0**-68 * size, place
            assert abs(new.condition.mid() - kept.condition) <= 2e-3 * size, place
