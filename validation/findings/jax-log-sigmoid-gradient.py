"""The gradient of `log_sigmoid` loses as many digits as x has.

Kind: precision
jax: bernoulli.grad_log_prob_one.f64.tail.1
tfp: bernoulli.grad_log_prob_one.f64.tail.1
distrax: bernoulli.grad_log_prob_one.f64.tail.1

It is exp of a difference, as the rule of `logaddexp` has it: at x = -17 the gradient, 1 - 4e-8, has lost 8 of its ulp.

Right: sigmoid(-x).
"""

import jax
import mpmath

jax.config.update("jax_enable_x64", True)
got = float(jax.grad(jax.nn.log_sigmoid)(-17.0))
right = 1 / (1 + mpmath.exp(-17))
print("gradient at -17", repr(got), "sigmoid(17)", float(jax.nn.sigmoid(17.0)), "mpmath", float(right))
