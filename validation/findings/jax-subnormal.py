"""On the CPU, XLA takes subnormal numbers for 0.

Kind: convention
jax: normal.icdf.f32.extreme.* normal.grad_icdf.f32.extreme.* bernoulli.mean.f32.tail.1 bernoulli.grad_mean.f32.tail.[12] bernoulli.log_prob_one.f32.tail.4 bernoulli.grad_log_prob_one.f32.tail.4
numpyro: normal.icdf.f32.extreme.* binary_concrete.icdf.f32.extreme.0 binary_concrete.grad_icdf.f32.extreme.0 normal.grad_icdf.f32.extreme.* bernoulli.mean.f32.tail.1 bernoulli.grad_mean.f32.tail.[12] binary_concrete.logpdf.f32.extreme.2 binary_concrete.grad_logpdf.f32.extreme.2
tfp: concrete.pdf.f64.extreme.0 categorical.vjp_mean.f32.tail.3 normal.icdf.f32.extreme.* binary_concrete.logccdf.f32.extreme.1 binary_concrete.grad_logccdf.f32.extreme.1 normal.grad_icdf.f32.extreme.* bernoulli.mean.f32.tail.1 bernoulli.grad_mean.f32.tail.[12] bernoulli.log_prob_one.f32.tail.4 bernoulli.grad_log_prob_one.f32.tail.4 bernoulli.variance.f32.tail.* bernoulli.grad_variance.f32.* bernoulli.entropy.* bernoulli.grad_prob_zero.f32.tail.3 logistic.logcdf.f64.tail.0 logistic.grad_logcdf.f64.tail.0 binary_concrete.logpdf.f32.extreme.2 binary_concrete.grad_logpdf.f32.extreme.2 binary_concrete.pdf.f32.tail.* binary_concrete.pdf.f32.extreme.*
distrax: bernoulli.mean.f32.tail.1 bernoulli.grad_mean.f32.tail.[12] bernoulli.log_prob_one.f32.tail.4 bernoulli.grad_log_prob_one.f32.tail.4 bernoulli.entropy.* logistic.logcdf.f64.tail.0 logistic.grad_logcdf.f64.tail.0 bernoulli.grad_prob_zero.f32.tail.3

XLA flushes subnormal inputs and results to 0 on the CPU, for speed. A float32 of 1e-38 is one: `norm.ppf(1e-38)` is -inf.
"""

import jax.numpy as jnp
from jax.scipy.stats import norm

p = jnp.float32(1e-38)
print("p + 0 =", p + 0, " ppf(p) =", norm.ppf(p), " ppf(1.2e-38) =", norm.ppf(jnp.float32(1.2e-38)))
