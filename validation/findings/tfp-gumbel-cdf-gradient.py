"""The gradient of `Gumbel.cdf` is 0 where the cdf has rounded to 1.

Kind: defect
tfp: gumbel.grad_cdf.*

The bijector goes by way of the rounded uniform u = exp(-exp(-z)), and the derivative is -u log u: 0 once u is 1, from z = 17 on in
float32.

Right: exp(-z - exp(-z)).
"""

import jax
import jax.numpy as jnp
import mpmath
import tensorflow_probability.substrates.jax as tfp

law = tfp.distributions.Gumbel(0.0, 1.0)
for z in (10.0, 18.0):
    print(
        f"gradient at {z}",
        jax.grad(law.cdf)(jnp.float32(z)),
        "mpmath",
        float(mpmath.exp(-z - mpmath.exp(-z))),
    )
