"""One forward pass: its arguments, checked and in the dtype to compute in, and what they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stgref.gates import penalty
from stgref.gates.family import Theta
from stgref.gates.pullback import Partials, Pullback, returned
from stgref.gates.setup import Setup
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.transport import from_host


@dataclass(frozen=True)
class Call:
    """A pass: ``setup`` and ``x`` with the rest in the dtype to compute in; ``dtype`` is that of what it returns."""

    setup: Setup
    xp: Namespace
    dtype: Any
    x: Array
    noise: Array | None
    theta: Theta
    weight: Array | float

    def gates(self) -> Array:
        """Gates of shape (rows, n_gates): one row per example, or one for all."""
        family = self.setup.family
        if self.noise is None:
            return self._rows(family.law.median(*family.at_test(self.theta)))
        return self._rows(family.law.transform(self.noise, *self.theta))

    def gates_and_slopes(self) -> tuple[Array, list[Array]]:
        """As `gates`, and the derivatives of that with respect to each of ``theta``."""
        family = self.setup.family
        if self.noise is not None:
            value, _, *slopes = family.law.grad_transform(self.noise, *self.theta)
        else:
            at_test = family.at_test(self.theta)
            value, partials = family.law.median(*at_test), family.law.grad_median(*at_test)
            pairs = zip(family.entering, partials, strict=True)
            slopes = [d if enters else self.xp.zeros_like(d) for enters, d in pairs]
        return self._rows(value), [self._rows(d) for d in slopes]

    def _rows(self, value: Array) -> Array:
        return value if value.ndim == 2 else self.xp.expand_dims(value, axis=0)

    def spread(self, gates: Array) -> Array:
        """The gates of the elements, as what broadcasts against ``x``."""
        return self.setup.grouping.spread(self.xp, gates, tuple(self.x.shape))

    def gated(self, spread: Array) -> Array:
        """Input times gates."""
        return returned(self.xp, self.x * spread, self.dtype)

    def l0_reg(self) -> Array:
        """The penalty."""
        terms = self.weight * self.setup.family.law.prob_active(*self.theta)
        return returned(self.xp, penalty.reduced(self.xp, terms, self.setup.reg_reduction), self.dtype)

    def pullback(self, spread: Array, slopes: list[Array]) -> Pullback:
        """The pullback, with all that it needs of the derivatives."""
        setup = self.setup
        share = penalty.share(setup.n_gates, setup.reg_reduction)
        of_penalty = [self.weight * d / share for d in setup.family.law.grad_prob_active(*self.theta)]
        partials = tuple(map(self._partials, slopes, of_penalty, setup.own.values()))
        return Pullback(setup, self.xp, self.x, self.dtype, spread, partials)

    def _partials(self, of_gates: Array, of_penalty: Array, given: Array | float) -> Partials:
        shape, dtype = getattr(given, "shape", ()), getattr(given, "dtype", self.setup.parameter.dtype)
        return Partials(of_gates, of_penalty, tuple(shape), dtype)


def prepare(setup: Setup, x: Array, noise: Array | None, draw: Callable[[], Array] | None) -> Call:
    """Bring the checked arguments of one pass to one dtype, the promoted one of them all or wider.

    Noise is what was given, else what ``draw`` makes on the host, else there is none.
    """
    xp, own = setup.xp, {**setup.own, "reg_weight": setup.reg_weight}
    working = working_dtype(setup, {"x": x, "noise": noise, **own})
    if noise is not None:
        noise = xp.astype(noise, working, copy=False)
    elif draw is not None:
        noise = from_host(xp, draw(), working, setup.device)
    *theta, weight = (as_working(xp, value, working) for value in own.values())
    dtype = x.dtype if xp.isdtype(x.dtype, "real floating") else setup.parameter.dtype
    return Call(setup, xp, dtype, xp.astype(x, working, copy=False), noise, tuple(theta), weight)


def working_dtype(setup: Setup, values: dict[str, Any]) -> Any:
    """The dtype to compute in for ``values``, of which only floating arrays have a say."""
    xp = setup.xp
    arrays = {
        name: a for name, a in values.items() if hasattr(a, "dtype") and xp.isdtype(a.dtype, "real floating")
    }
    return ns.working_dtype(xp, ns.result_dtype(setup.where, xp, arrays), setup.device)


def as_working(xp: Namespace, value: Array | float, dtype: Any) -> Array | float:
    """An array in ``dtype``; a Python float as it is."""
    return value if isinstance(value, float) else xp.astype(value, dtype, copy=False)
