"""Record the hard concrete gates of l0-python: ``python validation/l0/record.py``."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from l0.distributions import HardConcrete


def gates(*, log_alpha, temperature, lower, upper):
    """Make a single gate; the constructor takes symmetric bounds only, the attributes take any."""
    made = HardConcrete(1, temperature=temperature.item())
    made.gamma, made.zeta = lower.item(), upper.item()
    made.qz_logits = torch.nn.Parameter(log_alpha.reshape(1))
    return made


QUANTITIES = {
    "hard_concrete.prob_active": lambda **given: gates(**given).get_active_prob()[0],
    "hard_concrete.mean": lambda **given: gates(**given).eval()()[0],
}
NOTES = {
    "hard_concrete": "l0.distributions.HardConcrete of one gate, its bounds set as gamma and zeta, its parameter as qz_logits.",
    "hard_concrete.prob_active": "get_active_prob().",
    "hard_concrete.mean": "forward() after eval(), whose docstring says that it uses the mean of the distribution.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "l0-python",
        "version": metadata.version("l0-python"),
        "licence": "MIT",
        "source": "https://github.com/PolicyEngine/L0",
        "torch": torch.__version__,
        "command": "python validation/l0/record.py",
    },
    QUANTITIES,
    torch_ways.value,
    notes=NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
