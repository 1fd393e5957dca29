"""An empty batch is an error.

Kind: defect

`forward` counts the elements of an example by `input_tensor[0]`, which there is none of. The last batch of a filtered data set is enough.

Right: `input_tensor.shape[1:]`; the output is empty, the penalty what it always is.
"""

import torch
from captum.module import GaussianStochasticGates

try:
    GaussianStochasticGates(2)(torch.zeros(0, 2))
except IndexError as error:
    print("IndexError:", error)
