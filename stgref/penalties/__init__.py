r"""Penalties on gates that are open: small functions of probabilities and sizes, with gradients, to be put together.

A layer with ``reg_reduction="none"`` returns the probability p of each gate being open, and its pullback takes a
cotangent for each. So any penalty R(p) is added by two calls, R(p) and its gradient:

>>> import numpy as np
>>> from stgref import BinaryConcreteStochasticGates, penalties
>>> gates = BinaryConcreteStochasticGates.from_pretrained(np.array([-3.0, 0.0, 2.0]), reg_reduction="none")
>>> (gated, prob), pullback = gates.eval().vjp(np.ones((1, 3)))
>>> weight = np.array([1.0, 1.0, 4.0])
>>> size = penalties.l0(prob, weight)
>>> penalty = penalties.lagrangian(size, 2.0, 0.5, 0.1)
>>> slope = penalties.grad_lagrangian(size, 2.0, 0.5, 0.1).size * penalties.grad_l0(prob, weight).prob
>>> pullback(np.zeros((1, 3)), slope).log_alpha_param.round(6)
array([0.17196 , 0.151726, 0.112466])

The last axis of vectors holds the gates, the others are a batch. Gates are open independently of each other.
"""

from __future__ import annotations

from stgref.numerics.vector import public
from stgref.penalties import constraint, count, group, neighbours, size

l0 = public(count.l0, __name__)
grad_l0 = public(count.grad_l0, __name__)
l0_l2 = public(count.l0_l2, __name__)
grad_l0_l2 = public(count.grad_l0_l2, __name__)

parameters = public(size.parameters, __name__)
grad_parameters = public(size.grad_parameters, __name__)
flops = public(size.flops, __name__)
grad_flops = public(size.grad_flops, __name__)

any_open = public(group.any_open, __name__)
grad_any_open = public(group.grad_any_open, __name__)
at_least = public(group.at_least, __name__)
vjp_at_least = public(group.vjp_at_least, __name__)

transitions = public(neighbours.transitions, __name__)
grad_transitions = public(neighbours.grad_transitions, __name__)
total_variation = public(neighbours.total_variation, __name__)
grad_total_variation = public(neighbours.grad_total_variation, __name__)

lagrangian = public(constraint.lagrangian, __name__)
grad_lagrangian = public(constraint.grad_lagrangian, __name__)
barrier = public(constraint.barrier, __name__)
grad_barrier = public(constraint.grad_barrier, __name__)

__all__ = [name for name in dir() if isinstance(globals()[name], type(parameters))]
