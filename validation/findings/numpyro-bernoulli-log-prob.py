"""`BernoulliLogits.log_prob(1)` is 0 at logit 17.

Kind: defect
numpyro: bernoulli.log_prob_one.* bernoulli.grad_log_prob_one.*

It is -(max(x, 0) + log1p(exp(-|x|)) - x b), added up from the left: for b = 1 and positive x the small second term is added to x,
and x subtracted again. log P(1) at logit 17 is -4.1e-8, and 0 in float32; `log_prob(0)` is right. The gradient is lost in the
same way.

Right: log1p(exp(-|x|)) + (max(x, 0) - x b), with the parentheses, and for the gradient sigmoid((1 - 2 b) x).
"""

import jax
import jax.numpy as jnp
import mpmath
from numpyro.distributions import BernoulliLogits


def log_prob(x):
    """Return the log density as a function of one argument."""
    return BernoulliLogits(x).log_prob(1)


x = jnp.float32(17)
print("log_prob(1)", log_prob(x), "mpmath", float(-mpmath.log1p(mpmath.exp(-17))), end="; ")
print("gradient", jax.grad(log_prob)(x), "mpmath", float(1 / (1 + mpmath.exp(17))))
