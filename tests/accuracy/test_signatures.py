"""The functions take the arguments, and have the defaults, that the oracle knows them by."""

import inspect

import pytest

from tests.accuracy.check import FUNCTIONS, find
from tests.oracle import split


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_and_defaults(function):
    law, quantity, _ = split(function)
    signature = inspect.signature(find(function)).parameters
    defaults = {
        n: p.default for n, p in signature.items() if p.default is not p.empty and n != "clip_gradient"
    }
    if quantity == "kl_divergence":
        assert len(signature) == 2 * len(law.parameters)
        assert not defaults
    else:
        assert tuple(n for n in signature if n != "clip_gradient") == law.arguments(quantity)
        assert defaults == {n: d for n, d in law.parameters.items() if d is not None}
