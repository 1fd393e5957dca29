"""stgref itself."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import stgref
from stgref import estimators
from stgref.conformance.functions import LAYERS
from stgref.conformance.values import Array
from stgref.gates.rules import ALL as RULES


class Live:
    """The functions of the laws and estimators as they are; the layers by keyword."""

    def __init__(self) -> None:
        self.__name__ = "stgref"
        self.estimators = _Estimators()
        for name in LAYERS:
            setattr(self, name, _Layer(name))

    def __getattr__(self, name: str) -> Any:
        return getattr(stgref, name)


class _Estimators:
    """The estimators, each with a sampler."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(estimators, name)
        return found if inspect.ismodule(found) else _Estimator(name)


class _Estimator:
    """An estimator, which draws its noise if it is asked to."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Estimate from given noise."""
        return getattr(estimators, self._name)(*given, **options)

    def sample(self, n: int, objective: Any, logits: Array, rng: Any = None, **options: Any) -> Array:
        """Draw n estimates."""
        noise = estimators.draw_noise(self._name, n, logits, rng=rng, **options)
        estimates: Array = self(objective, logits, noise, **options)
        return estimates


class _Layer:
    """A gate layer, built for each call."""

    def __init__(self, name: str) -> None:
        self._class, self._layer = getattr(stgref, name), LAYERS[name]
        self.get_gate_values = _Values(self.made)

    def forward(self, x: Array, noise: Array | None, **own: Any) -> tuple[Array, Array]:
        """Gate an input."""
        gated, l0_reg = self.made(own, sampled=noise is not None).forward(x, noise)
        return gated, l0_reg

    def vjp(
        self, x: Array, noise: Array | None, d_gated: Array, d_l0_reg: Array, **own: Any
    ) -> Mapping[str, Array]:
        """Carry cotangents back."""
        _, pullback = self.made(own, sampled=noise is not None).vjp(x, noise)
        gradient: Mapping[str, Array] = pullback(d_gated, d_l0_reg)._asdict()
        return gradient

    def made(self, own: dict[str, Any], *, sampled: bool = True) -> Any:
        """Build the layer, in training or not."""
        rest = {name: value for name, value in own.items() if name != self._layer.parameter}
        make: Callable[..., Any] = self._class.from_pretrained
        found = make(own[self._layer.parameter], **rest)
        return found if sampled else found.eval()


class _Values:
    """The test-time values of a layer; those of a rule are an attribute."""

    def __init__(self, make: Callable[[dict[str, Any]], Any], rule: str = "louizos") -> None:
        self._make, self._rule = make, rule

    def __getattr__(self, rule: str) -> "_Values":
        if rule not in RULES:
            raise AttributeError(rule)
        return _Values(self._make, rule)

    def __call__(self, clamp: bool = True, **own: Any) -> Array:
        """Evaluate the gates."""
        values: Array = self._make(own).get_gate_values(clamp=clamp, rule=self._rule)
        return values


SUBJECT = Live()
