"""The gradient of `jax.nn.sigmoid`, s (1 - s), is 0 once s rounds to 1.

Kind: precision
jax: bernoulli.grad_mean.* logistic.grad_cdf.*
numpyro: bernoulli.grad_mean.* logistic.grad_cdf.* binary_concrete.grad_transform.* binary_concrete.grad_cdf.* bernoulli.variance.* bernoulli.grad_variance.* binary_concrete.grad_icdf.*
tfp: bernoulli.grad_mean.* logistic.grad_cdf.* bernoulli.grad_variance.*
distrax: bernoulli.grad_mean.* logistic.grad_cdf.* bernoulli.variance.* bernoulli.grad_variance.* bernoulli.grad_prob_one.* bernoulli.grad_prob_zero.*

The rule of `lax.logistic` takes the derivative from the rounded value s. For positive x, 1 - s has the digits of 1: at x = 17 in
float32 (37 in float64) the gradient is 0, and with it that of every gate, mean or cdf made of it. A variance p (1 - p), and a
probability 1 - p, lose the same digits (NumPyro, distrax).

Right: sigmoid(x) sigmoid(-x).
"""

import jax
import mpmath

for x in (10.0, 17.0):
    both = jax.nn.sigmoid(x) * jax.nn.sigmoid(-x)
    print(f"x = {x}: gradient", jax.grad(jax.nn.sigmoid)(x), "sigmoid(x) sigmoid(-x)", both, end=" ")
    print("mpmath", float(mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2))
