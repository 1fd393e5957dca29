"""Parameters are not checked.

Kind: convention
Output: number
jax: *.outside.*
tfp: *.outside.*
distrax: *.outside.*
stg: *.outside.*

TFP and distrax do not check parameters by default (TFP does with `validate_args=True`), stg never. In jax.scipy.stats `gumbel_r`
checks the scale and answers NaN, while `norm` and `logistic` return a number for a negative one: a cdf that decreases.
"""

import jax.numpy as jnp
from jax.scipy.stats import gumbel_r, logistic, norm

for law in (gumbel_r, norm, logistic):
    print(law.__name__, [float(law.cdf(jnp.float32(x), 0, -1)) for x in (-1, 0, 1)])
