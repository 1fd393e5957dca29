"""Elementary functions accurate in both tails, on every array library, with their derivatives.

``grad_f(x)`` returns a NamedTuple with one field, named after the argument. The formulas stand, each with its reason,
in `stgref.numerics.sigmoid` and `stgref.numerics.gauss`.
"""

from __future__ import annotations

from stgref.numerics import gauss, sigmoid
from stgref.numerics.quantity import public

expit = public(sigmoid.expit, __name__)
grad_expit = public(sigmoid.grad_expit, __name__)
logit = public(sigmoid.logit, __name__)
grad_logit = public(sigmoid.grad_logit, __name__)
log_expit = public(sigmoid.log_expit, __name__)
grad_log_expit = public(sigmoid.grad_log_expit, __name__)
softplus = public(sigmoid.softplus, __name__)
grad_softplus = public(sigmoid.grad_softplus, __name__)
log1mexp = public(sigmoid.log1mexp, __name__)
grad_log1mexp = public(sigmoid.grad_log1mexp, __name__)

erfc = public(gauss.erfc, __name__)
grad_erfc = public(gauss.grad_erfc, __name__)
erfcx = public(gauss.erfcx, __name__)
grad_erfcx = public(gauss.grad_erfcx, __name__)
ndtr = public(gauss.ndtr, __name__)
grad_ndtr = public(gauss.grad_ndtr, __name__)
log_ndtr = public(gauss.log_ndtr, __name__)
grad_log_ndtr = public(gauss.grad_log_ndtr, __name__)
ndtri = public(gauss.ndtri, __name__)
grad_ndtri = public(gauss.grad_ndtri, __name__)
inverse_mills = public(gauss.inverse_mills, __name__)
grad_inverse_mills = public(gauss.grad_inverse_mills, __name__)

__all__ = [name for name in dir() if isinstance(globals()[name], type(expit))]
