"""Record the HardKuma of dists.pt: ``PYTHONPATH=CHECKOUT python validation/dists_pt/record.py``.

The checkout is of dists.pt, which is on no package index.
"""

import sys
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from probabll.distributions import Kumaraswamy, Rectified01, Stretched


def hard_kuma(*, a, b, lower, upper):
    """Make the law of a gate."""
    return Rectified01(Stretched(Kumaraswamy(a, b), lower, upper))


def sampled(make):
    """Sample with uniform numbers that are given, where `torch.rand` draws them."""

    def quantity(*, noise, **given):
        law = make(**given)
        with mock.patch.object(torch, "rand", return_value=noise):
            return law.rsample()

    return quantity


LAWS = {"kumaraswamy": Kumaraswamy, "hard_kumaraswamy": hard_kuma}
QUANTITIES = {
    **{f"{name}.transform": sampled(make) for name, make in LAWS.items()},
    **recording.methods(LAWS, {"logpdf": "log_prob", "cdf": "cdf"}),
    **recording.methods(
        {"kumaraswamy": Kumaraswamy},
        {"icdf": "icdf", "mean": "mean", "variance": "variance", "entropy": "entropy"},
    ),
    **recording.methods(
        {"hard_kumaraswamy": hard_kuma},
        {
            "prob_zero": "p0",
            "prob_one": "p1",
            "prob_interior": "pc",
            "log_prob_zero": "log_p0",
        },
    ),
}
NOTES = {
    "kumaraswamy": "probabll.distributions.Kumaraswamy.",
    "hard_kumaraswamy": "probabll.distributions.Rectified01(Stretched(Kumaraswamy(a, b), lower, upper)).",
    "*.transform": "rsample(), with the case's noise in place of the draws of torch.rand.",
    "hard_kumaraswamy.prob_*": "p0, p1 and pc; the logarithm log_p0.",
    "grad_*": "torch.autograd.grad.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "dists_pt",
        "version": "55b1ad1",
        "licence": "MIT",
        "source": "https://github.com/probabll/dists.pt",
        "torch": torch.__version__,
        "command": "python validation/dists_pt/record.py",
    },
    QUANTITIES,
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
