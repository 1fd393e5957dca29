"""Record the HardKuma of its authors: ``PYTHONPATH=CHECKOUT python validation/latent_rationale/record.py``.

The checkout is of interpretable_predictions, which is on no package index.
"""

import sys
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from latent_rationale.nn.kuma import HardKuma, Kuma


def kuma(*, a, b):
    """Make a law of one variable."""
    return Kuma([a.reshape(1), b.reshape(1)])


def hard_kuma(*, lower, upper, a, b):
    """Make a law of one gate, its support of tensors as in `KumaGate`."""
    return HardKuma([a.reshape(1), b.reshape(1)], [lower.reshape(1), upper.reshape(1)])


def sampled(make):
    """Sample with uniform numbers that are given, where `uniform_` draws them."""

    def quantity(*, noise, **given):
        def uniform(_, low, high):
            return low + (high - low) * noise.reshape(1)

        with mock.patch.object(torch.Tensor, "uniform_", uniform):
            return make(**given).sample()[0]

    return quantity


def at(make, method, x=None):
    """Call a method at the case's x, or at one that is given."""
    if x is None:
        return lambda *, x, **given: getattr(make(**given), method)(x.reshape(1))[0]
    return lambda **given: getattr(make(**given), method)(x)[0]


def of(make, name):
    """Make the quantities that both laws have."""
    return {
        f"{name}.transform": sampled(make),
        f"{name}.logpdf": at(make, "log_pdf"),
        f"{name}.cdf": at(make, "cdf"),
        f"{name}.mean": lambda **given: make(**given).mean()[0],
    }


def interior(**given):
    """Evaluate the probability of a continuous value, as the models do."""
    law = hard_kuma(**given)
    return (1.0 - law.pdf(0.0) - law.pdf(1.0))[0]


QUANTITIES = {
    **of(kuma, "kumaraswamy"),
    **of(hard_kuma, "hard_kumaraswamy"),
    "hard_kumaraswamy.prob_zero": at(hard_kuma, "pdf", 0.0),
    "hard_kumaraswamy.prob_one": at(hard_kuma, "pdf", 1.0),
    "hard_kumaraswamy.prob_active": lambda **given: (1.0 - hard_kuma(**given).pdf(0.0))[0],
    "hard_kumaraswamy.prob_interior": interior,
}
NOTES = {
    "kumaraswamy": "latent_rationale.nn.kuma.Kuma of one variable.",
    "hard_kumaraswamy": "latent_rationale.nn.kuma.HardKuma of one gate, its support of tensors as in KumaGate.",
    "*.transform": "sample(), with low + (high - low) noise in place of the draws of uniform_(low, high).",
    "hard_kumaraswamy.prob_zero, prob_one": "pdf(0.) and pdf(1.), which the models take for the probabilities.",
    "hard_kumaraswamy.prob_active, prob_interior": "1 - pdf(0.), and 1 - pdf(0.) - pdf(1.), as the models have them.",
    "grad_*": "torch.autograd.grad.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "latent_rationale",
        "version": "fef6183",
        "licence": "MIT",
        "source": "https://github.com/bastings/interpretable_predictions",
        "torch": torch.__version__,
        "command": "python validation/latent_rationale/record.py",
    },
    QUANTITIES,
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
