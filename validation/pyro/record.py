"""Record what Pyro adds to torch.distributions: ``python validation/pyro/record.py``."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import pyro
import pyro.distributions as dist
import recording
import torch
import torch_ways

CALLED = {
    "logpdf": "log_prob",
    "cdf": "cdf",
    "icdf": "icdf",
    "mean": "mean",
    "variance": "variance",
    "entropy": "entropy",
}
QUANTITIES = recording.methods({"logistic": dist.Logistic}, CALLED)
NOTES = {
    "logistic": "pyro.distributions.Logistic: log_prob, cdf, icdf, mean, variance, entropy().",
    "all other laws": "Pyro's are those of torch.distributions.",
    "grad_*": "torch.autograd.grad.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "pyro",
        "version": pyro.__version__,
        "licence": "Apache-2.0",
        "source": "https://github.com/pyro-ppl/pyro",
        "torch": torch.__version__,
        "command": "python validation/pyro/record.py",
    },
    QUANTITIES,
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
