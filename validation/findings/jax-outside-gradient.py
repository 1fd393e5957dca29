"""Outside the domain the value is NaN, and some of its derivatives are numbers.

Kind: convention
Output: nan
jax: *.grad_icdf.*.outside.*
numpyro: *.grad_icdf.*.outside.*
tfp: *.grad_icdf.*.outside.* binary_concrete.*.outside.*

A quantile at a probability beyond 1 is NaN; its derivative by the location is 1 all the same. The vector sets take an error, or NaN
everywhere. (The values themselves are NaN, and acceptable.)
"""

import jax
from jax.scipy.stats import norm

value, slopes = jax.value_and_grad(norm.ppf, (0, 1, 2))(1.5, 0.0, 1.0)
print("ppf(1.5)", value, "derivatives by p, loc, scale", *slopes)
