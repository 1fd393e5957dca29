"""Record relaxit's hard concrete law: ``python validation/relaxit/record.py``."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from relaxit.distributions import HardConcrete


def log_density(*, x, log_alpha, temperature, lower, upper):
    """Ask `log_prob`, in the public parameters."""
    return HardConcrete(alpha=log_alpha.exp(), beta=temperature, xi=upper, gamma=lower).log_prob(x)


NOTES = {
    "hard_concrete.logpdf": "HardConcrete(alpha=exp(log_alpha), beta=temperature, xi=upper, gamma=lower).log_prob(x).",
    "grad_*": "torch.autograd.grad.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "relaxit",
        "version": metadata.version("relaxit"),
        "licence": "MIT",
        "source": "https://github.com/intsystems/relaxit",
        "torch": torch.__version__,
        "pyro": metadata.version("pyro-ppl"),
        "command": "python validation/relaxit/record.py",
    },
    {"hard_concrete.logpdf": log_density},
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
