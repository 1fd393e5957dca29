"""What arguments may be, by name."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stgref.numerics.domains import DOMAINS, domain_of
from tests.numerics.catalogue import QUANTITIES, RATES, bare, values_of

COUNTS = ("count", "squares", "n_in", "n_out", "kernel", "positions")
INSIDE = {
    "temperature": [5e-324, 1e-3, 1.0, 1e308],
    "scale": [5e-324, 1.0, 1e308],
    "std": [5e-324, 1.0, 1e308],
    "lower": [-5e-324, -0.1, -1e308],
    "upper": [1.0 + 2.0**-52, 1.1, 1e308],
    "p": [0.0, -0.0, 5e-324, 0.5, 1.0],
    "sample": [0.0, -0.0, 1.0],
    **{name: [5e-324, 0.5, 1.0 - 2.0**-53] for name in ("u", *RATES)},
    "alpha": [5e-324, 1.0, 1e308],
    "prob": [0.0, -0.0, 5e-324, 0.5, 1.0],
    "margin": [5e-324, 1.0, 1e308],
    **{name: [0.0, -0.0, 5e-324, 1e308] for name in COUNTS},
}


@pytest.mark.parametrize("name", DOMAINS)
def test_domains_reach_to_their_ends(name):
    domain = DOMAINS[name]
    assert all(domain.contains(v) is True for v in INSIDE[name])
    assert np.all(domain.contains(np.asarray(INSIDE[name])))
    assert not domain.contains(math.nan)


def test_names_of_laws_mean_nothing_elsewhere():
    assert domain_of("a", "kumaraswamy") is domain_of("b", "hard_kumaraswamy") is DOMAINS["scale"]
    assert domain_of("a") is domain_of("noise", "hard_concrete") is None


def test_names_of_pairs_have_the_domain_of_the_one():
    assert domain_of("lower_p") is domain_of("lower_q") is DOMAINS["lower"]
    assert domain_of("mu_p") is domain_of("log_alpha") is domain_of("x") is None


@pytest.mark.parametrize("name", QUANTITIES)
def test_ordinary_values_are_in_the_domain(name):
    """And the docstring words it as the error does."""
    for argument in QUANTITIES[name].arrays:
        domain = domain_of(argument, name.partition(".")[0])
        if domain is not None:
            assert np.all(domain.contains(values_of(name, argument)))
            if not (name.startswith("special.") and bare(argument) == "p" and "logit" in name):
                assert f"Must be {domain.words}." in QUANTITIES[name].__doc__
