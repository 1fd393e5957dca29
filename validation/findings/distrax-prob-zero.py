"""`Bernoulli.prob(0)` is 1 - p, and 0 from logit 17 on in float32.

Kind: defect
distrax: bernoulli.prob_zero.*

`log_prob(0)` and `entropy` of the same class take sigmoid(-logits) and are right; `prob` subtracts from 1.

Right: sigmoid(-logits).
"""

import distrax
import jax.numpy as jnp
import mpmath

law = distrax.Bernoulli(logits=jnp.float32(17))
print(
    "prob(0)",
    law.prob(0),
    "exp(log_prob(0))",
    jnp.exp(law.log_prob(0)),
    "mpmath",
    float(1 / (1 + mpmath.exp(17))),
)
