"""The penalty of `FeatureSelector` has no lower tail.

Kind: defect
stg: rectified_gaussian.prob_active.*.tail.*

`regularizer` is 0.5 (1 + erf(x / sqrt 2)). From -5.4 sigma down in float32 (-8.3 in float64) the open probability is 0 and the
penalty of the gate with it.

Right: 0.5 erfc(-x / sqrt 2).
"""

import math

import mpmath
import torch
from stg.layers import FeatureSelector

layer = FeatureSelector(1, 1.0, "cpu")
for x in (-5.0, -6.0):
    z = torch.tensor(x)
    print(f"regularizer({x})", layer.regularizer(z).item(), end=" ")
    print("with erfc", (0.5 * torch.erfc(-z / math.sqrt(2))).item(), "mpmath", float(mpmath.ncdf(x)))
