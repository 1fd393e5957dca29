r"""An exponential moving average of parameters, as layers are evaluated with it after a training.

With the decay :math:`\beta`, parameters :math:`\theta_1 \ldots \theta_t` and the weight of an average that began at 0,
:math:`1 - \beta^t`, divided out,

.. math:: \bar\theta_t = \frac{1 - \beta}{1 - \beta^t} \sum_{k=1}^t \beta^{t-k}\, \theta_k
                       = \bar\theta_{t-1} + w_t\, (\theta_t - \bar\theta_{t-1}), \qquad w_t = \frac{1 - \beta}{1 - \beta^t}.

The second form is how it is computed: the first average is the first parameter, and parameters that stay the same are
their average to the last bit, both of which :math:`\beta \bar\theta + (1 - \beta)\, \theta` divided by
:math:`1 - \beta^t` misses by roundings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain

DECAY = Domain("at least 0 and less than 1", lambda v: (v >= 0) & (v < 1))


class EMA:
    r"""Exponential moving average of an array, or of all floating numbers of a state dict, without bias.

    .. math:: \bar\theta_t = \frac{1 - \beta}{1 - \beta^t} \sum_{k=1}^t \beta^{t-k}\, \theta_k

    Parameters
    ----------
    decay : float, default 0.999
        The decay :math:`\beta`, at least 0 and less than 1.

    Attributes
    ----------
    decay : float
        As above.
    steps : int
        How many parameters were averaged.

    Raises
    ------
    TypeError
        If ``decay`` is no number.
    ValueError
        If it is not in [0, 1).

    References
    ----------
    The models of AMLab's L0_regularization (``beta_ema``), which correct the bias as D. P. Kingma, J. Ba, "Adam: A Method for
    Stochastic Optimization", ICLR 2015, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import parameters
    >>> average = parameters.EMA(0.5)
    >>> for theta in ([1.0, 0.0], [3.0, 0.0], [3.0, 7.0]):
    ...     average = average.update(np.array(theta))
    >>> average.value
    array([2.71428571, 4.        ])

    A layer is evaluated with its average, and trained on without it:

    >>> from stgref import GaussianStochasticGates
    >>> gates, average = GaussianStochasticGates.from_pretrained([0.5, 0.25]), parameters.EMA(0.9)
    >>> average.update(gates.state_dict()).steps
    1
    >>> averaged = GaussianStochasticGates(2)
    >>> averaged.load_state_dict(average.value)
    >>> averaged.mu
    array([0.5 , 0.25])
    """

    def __init__(self, decay: float = 0.999) -> None:
        self.decay = arguments.number("EMA", "decay", decay, DECAY)
        self.steps = 0
        self._average: dict[Any, Any] = {}
        self._like: Any = None

    def update(self, params: Any) -> Self:
        """Take parameters into the average, after each step of a training.

        Parameters
        ----------
        params : array, or mapping of arrays and numbers
            Parameters, or a state dict. Floating arrays and Python floats are averaged, arrays in double precision where
            their device has it. What else a mapping holds, as a mask, is kept as it came last.

        Returns
        -------
        EMA
            The average itself.

        Raises
        ------
        TypeError
            If ``params`` is neither a floating array nor a mapping.
        ValueError
            If it has other keys, or arrays of other shapes, than before; then nothing is averaged.
        """
        new = self._entries(params)
        if self.steps and (problem := _difference(self._average, new)):
            raise ValueError(
                f"EMA.update: params must have the keys and shapes of the first ones, got {problem}"
            )
        weight = self._weight(self.steps + 1)
        self._average = {k: self._moved(k, value, weight) for k, value in new.items()}
        self._like, self.steps = params, self.steps + 1
        return self

    @property
    def value(self) -> Any:
        """The average, of the kind and dtypes that went in last; a `ValueError` before that."""
        if not self.steps:
            raise ValueError("EMA.value: there is no average before the first update")
        if not isinstance(self._like, Mapping):
            return _as(self._average[None], self._like)
        return {key: _as(self._average[key], own) for key, own in self._like.items()}

    def _weight(self, steps: int) -> float:
        """(1 - beta) / (1 - beta^t), whose denominator loses digits in a plain difference where beta is near 1."""
        if steps == 1 or self.decay == 0.0:
            return 1.0
        return (1.0 - self.decay) / -math.expm1(steps * math.log(self.decay))

    def _moved(self, key: Any, value: Any, weight: float) -> Any:
        if not _is_averaged(value):
            return value
        old = self._average[key] if self.steps else None
        return _wide(value) if old is None else old + weight * (_wide(value) - old)

    def _entries(self, params: Any) -> dict[Any, Any]:
        if isinstance(params, Mapping):
            return dict(params)
        if not hasattr(params, "dtype") or not _is_averaged(params):
            raise TypeError(
                f"EMA.update: params takes a floating array or a mapping, got {type(params).__name__}"
            )
        return {None: params}


def _is_averaged(value: Any) -> bool:
    if ns.kind_of(value) != "array":
        return isinstance(value, float)
    return bool(ns.namespace_of("EMA", {"value": value}).isdtype(value.dtype, "real floating"))


def _wide(value: Any) -> Any:
    """A copy in the dtype to average in."""
    if isinstance(value, float):
        return value
    xp = ns.namespace_of("EMA", {"value": value})
    return xp.astype(value, ns.working_dtype(xp, value.dtype, ns.device_of([value])), copy=True)


def _as(average: Any, like: Any) -> Any:
    """A copy of an average in the dtype of what went in; what is not averaged as it is."""
    if isinstance(average, float) or not _is_averaged(average):
        return average
    return ns.namespace_of("EMA", {"value": average}).astype(average, like.dtype, copy=True)


def _difference(old: dict[Any, Any], new: dict[Any, Any]) -> str:
    """What new entries have that old ones have not, in words."""
    if old.keys() != new.keys():
        return f"keys {sorted(map(str, new))} after {sorted(map(str, old))}"
    for key, value in new.items():
        before, after = (tuple(getattr(v, "shape", ())) for v in (old[key], value))
        if before != after or _is_averaged(old[key]) != _is_averaged(value):
            name = "an array" if key is None else repr(key)
            return f"{name} of shape {after} after {before}, or of another kind"
    return ""
