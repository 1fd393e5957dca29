"""Pullbacks of `softmax` and `log_softmax` cancel for the largest category.

Kind: precision
jax: categorical.vjp_mean.* categorical.vjp_log_probs.*
torch: categorical.vjp_log_probs.*

p (g - sum p g), and g - p sum g: for the largest category p is nearly 1, and what is subtracted nearly g. Where p has rounded to 1 the
result is 0, although the derivative of the others' probabilities, the same number, is known.

Right: for category i, p_i times the sum of p_j (g_i - g_j) over the others.
"""

import jax
import mpmath

logits, g = jax.numpy.array([0.0, 24.0]), jax.numpy.array([0.0, 1.0])
right = float(mpmath.exp(-24) / (1 + mpmath.exp(-24)) ** 2)
print("softmax", jax.vjp(jax.nn.softmax, logits)[1](g)[0], "mpmath", [-right, right])
