"""`calculate_l0` makes its offset in float32.

Kind: defect
neurosurgeon: hard_concrete.prob_active.f64.*

The offset temperature log(-left / right) is made by `torch.tensor([...])` of Python numbers, which is float32 whatever the parameters are:
the penalty of a float64 model has 7 digits of 16. (Also, `MaskLayer.train()` takes no default, as `torch.nn.Module.train()` does, and
returns None: `layer.train()` is a TypeError.)

Right: `math.log(-left / right)`.
"""

import mpmath
from NeuroSurgeon.Masking.hardconcrete_layer import HardConcreteLinear

layer = HardConcreteLinear(1, 1, bias=False).double()
layer.weight_mask_params.data.fill_(-2.0)
x = -2 - mpmath.mpf(2) / 3 * mpmath.log(mpmath.mpf("0.1") / mpmath.mpf("1.1"))
print(layer.calculate_l0().dtype, layer.calculate_l0().item(), "mpmath", float(1 / (1 + mpmath.exp(-x))))
try:
    layer.train()
except TypeError as error:
    print("TypeError:", error)
