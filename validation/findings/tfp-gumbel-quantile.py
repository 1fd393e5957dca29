"""`Gumbel.quantile(0)` is finite, and `quantile(1e-300)` loses digits.

Kind: precision
tfp: gumbel.icdf.*.edge.* gumbel.icdf.*.extreme.* gumbel.grad_icdf.*.extreme.*

The uniform at the bottom of TFP's `Gumbel` begins at the smallest normal number: the quantile of 0 is -6.56 in float64,
and a probability of 1e-300 is moved by it.

Right: loc - scale log(-log(p)).
"""

import jax
import mpmath
import tensorflow_probability.substrates.jax as tfp

jax.config.update("jax_enable_x64", True)
law = tfp.distributions.Gumbel(jax.numpy.float64(0), jax.numpy.float64(1))
for p in (0.0, 1e-300):
    right = float(-mpmath.log(-mpmath.log(p))) if p else "-inf"
    print(f"quantile({p})", float(law.quantile(p)), "right", right)
