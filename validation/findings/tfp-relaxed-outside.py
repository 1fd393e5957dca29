"""`RelaxedBernoulli` outside [0, 1] is NaN.

Kind: convention
Output: nan
tfp: binary_concrete.*.edge.*

Density, cdf and their logarithms are computed from the logarithms of x and 1 - x as they are. TFP checks x with
`validate_args=True`.

Right: density 0, cdf 0 or 1.
"""

import tensorflow_probability.substrates.jax as tfp

law = tfp.distributions.RelaxedBernoulli(1.0, logits=0.0)
print("prob(1.5)", law.prob(1.5), "cdf(1.5)", law.cdf(1.5), "cdf(-0.5)", law.cdf(-0.5))
