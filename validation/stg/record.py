"""Record the gates of the stg package: ``python validation/stg/record.py``."""

import sys
from importlib import metadata
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from stg.layers import FeatureSelector


def selector(*, mu, std):
    """Make a layer of one gate; stg counts mu from 1/2."""
    layer = FeatureSelector(1, std, "cpu")
    del layer.mu
    layer.mu = mu - 0.5
    return layer


def sampled(*, noise, mu, std):
    """Sample with noise that is given: stg draws it with `normal_`."""
    layer = selector(mu=mu, std=std)
    layer.noise = torch.zeros_like(noise)
    with mock.patch.object(torch.Tensor, "normal_", return_value=noise):
        return layer.train()(torch.ones_like(noise))


def open_probability(*, mu, std):
    """Evaluate the penalty of one gate, as stg's models do."""
    layer = selector(mu=mu, std=std)
    return layer.regularizer((layer.mu + 0.5) / layer.sigma)


NOTES = {
    "rectified_gaussian": "stg.layers.FeatureSelector of one gate; its mu is the law's minus 1/2.",
    "rectified_gaussian.transform": "forward(1) in training, with the case's noise in place of the draws of normal_().",
    "rectified_gaussian.prob_active": "regularizer((mu + 0.5)/sigma), as in stg.models.",
    "grad_*": "torch.autograd.grad.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "stg",
        "version": metadata.version("stg"),
        "licence": "MIT",
        "source": "https://github.com/runopti/stg",
        "torch": torch.__version__,
        "command": "python validation/stg/record.py",
    },
    {"rectified_gaussian.transform": sampled, "rectified_gaussian.prob_active": open_probability},
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
