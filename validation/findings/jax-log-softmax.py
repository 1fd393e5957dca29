"""`log_softmax` of the largest category is 0 once its probability rounds to 1.

Kind: precision
jax: categorical.log_probs.*
scipy: categorical.log_probs.*
torch: categorical.log_probs.*

x - logsumexp(x): with the largest subtracted first, what is left of the logarithm of the largest probability is log(1 + e) of the rounded
sum 1 + e: at logits (0, 20) in float32 it is 0, and -2e-9 is right. `log_sigmoid` of the same packages gets it right.

Right: for the largest, -log1p(sum of exp(x - largest) over the others).
"""

import jax
import mpmath
import scipy.special

logits = jax.numpy.array([0.0, 20.0])
print("JAX  ", jax.nn.log_softmax(logits)[1], "log_sigmoid", jax.nn.log_sigmoid(jax.numpy.float32(20)))
print("SciPy", scipy.special.log_softmax([0.0, 40.0])[1], "mpmath", float(-mpmath.log1p(mpmath.exp(-40))))
