"""`BernoulliLogits.entropy` is NaN at logit -100 in float32.

Kind: defect
numpyro: bernoulli.entropy.*

It is ((1 + n) log1p(n) + n x) / (1 + n) with n = exp(-x), "to maintain numerical stability across the full range", as its
docstring says. For negative x, n is large and the two terms cancel: 0 at logit -20. Beyond -88.7 n is infinite, and the quotient
NaN (float64: -709).

Right: with a = |x|: log1p(exp(-a)) + a sigmoid(-a).
"""

import jax.numpy as jnp
import mpmath
from numpyro.distributions import BernoulliLogits

for x in (-20.0, -100.0):
    right = mpmath.log1p(mpmath.exp(x)) - x / (1 + mpmath.exp(-x))
    print(f"logit {x}: entropy", BernoulliLogits(jnp.float32(x)).entropy(), "mpmath", float(right))
