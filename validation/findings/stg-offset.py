"""mu is counted from 1/2, and a closed gate's distance from 0 is rounded to that of 1/2.

Kind: convention
stg: rectified_gaussian.prob_active.f32.extreme.* rectified_gaussian.grad_prob_active.f32.extreme.*

The law's mu is stg's mu + 0.5. A mu next to 0 is stored as a number next to -1/2, with its spacing: 3e-8 in float32. At sigma 0.001
that is 4 to 13 tolerances of the open probability.
"""

import torch

mu = torch.tensor(0.0005)
print("mu", mu.item(), "as stg has it", (mu - 0.5).item(), "and back", (mu - 0.5 + 0.5).item())
