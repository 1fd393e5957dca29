r"""Parameters of gates from what people have in mind, or in another package: with exact derivatives, to be trained through.

A layer takes what it begins with as its parameter. To close exactly 90% of the gates, or to begin with gates that are
0.2 on average:

>>> import numpy as np
>>> from stgref import BinaryConcreteStochasticGates, GaussianStochasticGates, parameters
>>> log_alpha = parameters.log_alpha_from_prob_zero(np.full(3, 0.9))
>>> BinaryConcreteStochasticGates.from_pretrained(log_alpha).get_gate_active_probs()
array([0.1, 0.1, 0.1])
>>> mu = parameters.mu_from_mean(np.full(2, 0.2))
>>> GaussianStochasticGates.from_pretrained(mu).get_gate_values(rule="mean")
array([0.2, 0.2])

A function is called ``<ours>_from_<theirs>``, or ``<theirs>_from_<ours>``. Where the slope of the first is not 1 or -1
everywhere it has a sibling ``grad_<name>``: a gradient for our parameter, times the slope, is the one for theirs. The inverses
of those of probabilities and means are quantities of the laws, as `stgref.hard_concrete.prob_zero`. `EMA` averages parameters
over a training.
"""

from __future__ import annotations

from stgref.numerics.quantity import NODES, Quantity, public
from stgref.parameters import conventions, gaussian, means, probabilities
from stgref.parameters.ema import EMA

log_alpha_from_drop_rate = public(conventions.log_alpha_from_drop_rate, __name__)
grad_log_alpha_from_drop_rate = public(conventions.grad_log_alpha_from_drop_rate, __name__)
drop_rate_from_log_alpha = public(conventions.drop_rate_from_log_alpha, __name__)
log_alpha_from_keep_rate = public(conventions.log_alpha_from_keep_rate, __name__)
grad_log_alpha_from_keep_rate = public(conventions.grad_log_alpha_from_keep_rate, __name__)
keep_rate_from_log_alpha = public(conventions.keep_rate_from_log_alpha, __name__)
log_alpha_from_alpha = public(conventions.log_alpha_from_alpha, __name__)
grad_log_alpha_from_alpha = public(conventions.grad_log_alpha_from_alpha, __name__)
alpha_from_log_alpha = public(conventions.alpha_from_log_alpha, __name__)
log_alpha_from_drop_logits = public(conventions.log_alpha_from_drop_logits, __name__)
drop_logits_from_log_alpha = public(conventions.drop_logits_from_log_alpha, __name__)
log_alpha_from_loc = public(conventions.log_alpha_from_loc, __name__)
grad_log_alpha_from_loc = public(conventions.grad_log_alpha_from_loc, __name__)
loc_from_log_alpha = public(conventions.loc_from_log_alpha, __name__)
temperature_from_scale = public(conventions.temperature_from_scale, __name__)
grad_temperature_from_scale = public(conventions.grad_temperature_from_scale, __name__)
scale_from_temperature = public(conventions.scale_from_temperature, __name__)

log_alpha_from_prob_zero = public(probabilities.log_alpha_from_prob_zero, __name__)
grad_log_alpha_from_prob_zero = public(probabilities.grad_log_alpha_from_prob_zero, __name__)
log_alpha_from_prob_active = public(probabilities.log_alpha_from_prob_active, __name__)
grad_log_alpha_from_prob_active = public(probabilities.grad_log_alpha_from_prob_active, __name__)

mu_from_stg_mu = public(gaussian.mu_from_stg_mu, __name__)
stg_mu_from_mu = public(gaussian.stg_mu_from_mu, __name__)
mu_from_prob_zero = public(gaussian.mu_from_prob_zero, __name__)
grad_mu_from_prob_zero = public(gaussian.grad_mu_from_prob_zero, __name__)
mu_from_prob_active = public(gaussian.mu_from_prob_active, __name__)
grad_mu_from_prob_active = public(gaussian.grad_mu_from_prob_active, __name__)

log_alpha_from_mean = public(means.log_alpha_from_mean, __name__, NODES)
grad_log_alpha_from_mean = public(means.grad_log_alpha_from_mean, __name__, NODES)
mu_from_mean = public(means.mu_from_mean, __name__, NODES)
grad_mu_from_mean = public(means.grad_mu_from_mean, __name__, NODES)

__all__ = [name for name in dir() if isinstance(globals()[name], Quantity)]
__all__ += ["EMA"]
