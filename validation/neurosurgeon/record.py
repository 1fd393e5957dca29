"""Record the penalty of NeuroSurgeon's hard concrete layers: ``python validation/neurosurgeon/record.py``."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from NeuroSurgeon.Masking.hardconcrete_layer import HardConcreteLinear


def open_probability(*, log_alpha, temperature, lower, upper):
    """Return the penalty of a layer of one weight."""
    layer = HardConcreteLinear(1, 1, bias=False)
    layer.temperature, layer.left_stretch, layer.right_stretch = (
        x.item() for x in (temperature, lower, upper)
    )
    layer.weight_mask_params = torch.nn.Parameter(log_alpha.reshape(1, 1))
    return layer.calculate_l0()


NOTES = {
    "hard_concrete.prob_active": "calculate_l0() of a layer in training, a HardConcreteLinear of one weight; bounds and temperature are set as "
    "attributes, the parameter as weight_mask_params.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "neurosurgeon",
        "version": metadata.version("NeuroSurgeon"),
        "licence": "MIT",
        "source": "https://github.com/mlepori1/NeuroSurgeon",
        "torch": torch.__version__,
        "transformers": metadata.version("transformers"),
        "command": "python validation/neurosurgeon/record.py",
    },
    {"hard_concrete.prob_active": open_probability},
    torch_ways.value,
    notes=NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
