"""One decorator turns the kernel of an estimator, its formula, into the public function.

A kernel is written once, as ``kernel(xp, f, *parameters, noise, **options)``: the objective f is a `Problem`, the arrays
are of one library and in working precision, and what it returns are estimates, one per row of the noise. `Estimator`
adds what every estimator owes its caller: checks of all that is given, library, device and dtype, the noise it needs,
its exact moments, its documentation, and its row in `stgref.estimators.table`.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from stgref.estimators import by_rows
from stgref.estimators.draws import LOGISTIC, Noise
from stgref.estimators.options import Option
from stgref.estimators.problem import Problem
from stgref.numerics import arguments, documents
from stgref.numerics import namespace as ns
from stgref.numerics.comoments import Comoments, covariance
from stgref.numerics.libraries import DRAWS, EVERYWHERE, Support
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import prepare


def unseen(b: Array) -> Array:
    """The objective where only noise is asked for."""
    return b


class Family(NamedTuple):
    """What gradients are taken to: the parameters of one kind of law, and the shape of a point.

    Attributes
    ----------
    name : str
        Where its estimators are, as in ``"estimators.gaussian"``.
    parameters : dict of str to str
        The parameters and their axes, as in ``{"logits": "D K"}``.
    event : str
        The axes of one point.
    words : dict of str to str
        What each parameter is.
    gradients : NamedTuple type or None
        What holds the estimates when there are several parameters.
    defaults : mapping of str to float
        The parameters that are passed by keyword, a number or one for each variable, and what they are by default.
    """

    name: str
    parameters: dict[str, str]
    event: str
    words: dict[str, str]
    gradients: Any = None
    defaults: Mapping[str, float] = MappingProxyType({})


BERNOULLI = Family(
    "estimators", {"logits": "D"}, "D", {"logits": "Log odds of a 1, of independent variables."}
)


class Moments(NamedTuple):
    """Mean and covariance of one estimate of a gradient.

    For logits of shape (D,) they have shapes (D,) and (D, D); for logits (D, K), (D, K) and (D, K, D, K).
    """

    mean: Array
    covariance: Array


class Facts(NamedTuple):
    """What `stgref.estimators.table` says of an estimator.

    Attributes
    ----------
    needs : str
        What is asked of the objective: ``"f"``, ``"grad f"``, or both.
    evaluations : str
        How many evaluations one estimate takes.
    bias : str
        What the mean of an estimate is.
    equation : str
        One estimate, in LaTeX.
    source : str
        Where it was published, with the equation's number where it has one.
    """

    needs: str
    evaluations: str
    bias: str
    equation: str
    source: str


ALL = slice(None)


class Bound(NamedTuple):
    """One call, its arguments checked and in one library, device and precision."""

    estimator: Estimator
    xp: Namespace
    device: Any
    dtype: Any
    working: Any
    f: Problem
    parameters: tuple[Array, ...]
    arrays: list[Array]
    options: dict[str, Any]

    def noise(self, rows: slice = ALL) -> Any:
        """The noise of some rows in working precision.

        Raises
        ------
        ValueError
            If a number is NaN.
        """
        noise = self.estimator.noise
        if not ns.is_numpy(self.xp):
            noise.check_numbers(self.estimator.name, self.arrays)
            return noise.pack(self.arrays)
        # In the order of their elements: sums over an axis are then those of any other run of rows.
        arrays = [np.ascontiguousarray(a[rows], self.working) for a in self.arrays]
        noise.check_numbers(self.estimator.name, arrays)
        return noise.pack(arrays)

    def run(self, noise: Any) -> Any:
        """The kernel, in working precision."""
        return self.estimator.kernel(self.xp, self.f, *self.parameters, noise, **self.options)

    def flat(self, noise: Any) -> Array:
        """Estimates as a matrix (n, P)."""
        estimates = self.run(noise)
        parts = estimates if isinstance(estimates, tuple) else (estimates,)
        return self.xp.concat([self.xp.reshape(p, (p.shape[0], -1)) for p in parts], axis=1)

    def result(self, estimates: Any) -> Any:
        """Estimates in the caller's dtype."""
        if isinstance(estimates, tuple):
            return type(estimates)(*(self.xp.astype(e, self.dtype, copy=False) for e in estimates))
        return self.xp.astype(estimates, self.dtype, copy=False)

    def moments(self, c: Comoments) -> Any:
        """`Moments` for each parameter, of those of the flat estimates."""
        full, found, start = covariance(self.xp, c), [], 0
        for parameter in self.parameters:
            shape, stop = tuple(parameter.shape), start + int(np.prod(parameter.shape))
            mean = self.xp.reshape(c.mean[start:stop], shape)
            block = self.xp.reshape(full[start:stop, start:stop], (*shape, *shape))
            found.append(
                Moments(self.xp.astype(mean, self.dtype), self.xp.astype(block, self.dtype)),
            )
            start = stop
        gradients = self.estimator.family.gradients
        return found[0] if gradients is None else gradients(*found)


MomentsRule = Callable[[Bound], Comoments]


class Estimator:
    """The public function made of ``kernel``: ``(objective, *parameters, noise, **options)``.

    Attributes
    ----------
    kernel : callable
        The formula, ``kernel(xp, f, *parameters, noise, **options)``.
    family, noise, facts, exact
        What it is given by `estimator`.
    options : dict
        The options and their defaults.
    libraries, libraries_of_moments : Support
        What the estimator takes, everything, and what its exact moments take.
    """

    libraries: Support = EVERYWHERE

    def __init__(
        self, kernel: Callable[..., Any], family: Family, noise: Noise, facts: Facts, exact: MomentsRule
    ) -> None:
        functools.update_wrapper(self, kernel)
        self.kernel, self.family, self.noise, self.facts, self.exact = kernel, family, noise, facts, exact
        self.libraries_of_moments: Support = getattr(exact, "libraries", EVERYWHERE)
        self.__qualname__ = kernel.__name__
        self.name = f"{family.name}.{kernel.__name__}"
        hints = typing.get_type_hints(kernel, include_extras=True)
        keyword = [p for p in inspect.signature(kernel).parameters.values() if p.kind is p.KEYWORD_ONLY]
        self._checks: dict[str, Option] = {p.name: hints[p.name].__metadata__[0] for p in keyword}
        self.options = {p.name: p.default for p in keyword}
        positional = [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            for name in ("objective", *(n for n in family.parameters if n not in family.defaults), "noise")
        ]
        plain = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in family.defaults.items()
        ]
        plain += [p.replace(annotation=p.empty) for p in keyword]
        self.__signature__ = inspect.Signature([*positional, *plain])
        self.__doc__ = documents.complete(self._documented(kernel.__doc__), positional, facts.source)

    def __repr__(self) -> str:
        return f"<stgref estimator {self.name}{self.__signature__}>"

    def __reduce__(self) -> str:
        return self.__qualname__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Estimate the gradient, once per row of the noise; see the function's own documentation."""
        bound = self.bound(*args, **kwargs)
        with np.errstate(all="ignore"):
            return by_rows.estimates(bound)

    def bound(self, *args: Any, **kwargs: Any) -> Bound:
        """The arguments of a call, checked."""
        given = self._bind(self.__signature__, args, kwargs)
        return self.bind(given, self.noise.unpack(self.name, given.pop("noise")))

    def draw_noise(self, n: Any, *args: Any, rng: Any = None, **kwargs: Any) -> Any:
        """The noise of ``n`` estimates, in the parameters' library, device and dtype."""
        where = f"{self.family.name}.draw_noise"
        n = arguments.count(where, "n", n, 0)
        # Options without a default, as a control variate, do not matter here.
        needless = [name for name, default in self.options.items() if default is inspect.Parameter.empty]
        unused = {name: kwargs.pop(name, None) for name in needless}
        given = self._bind(self._without("objective", "noise", *needless), args, kwargs)
        bound = self.bind(
            {"objective": unseen, **given, **{n: v for n, v in unused.items() if v is not None}}
        )
        DRAWS.check(where, bound.parameters)
        sizes = {**self._sizes(bound.parameters, bound.options), "n": n}
        return self.noise.draw(rng, sizes, bound.dtype, bound.xp, bound.device)

    def exact_moments(self, *args: Any, **kwargs: Any) -> Any:
        """Mean and covariance of one estimate, by enumeration and quadrature."""
        bound = self.bind(self._bind(self._without("noise"), args, kwargs))
        self.libraries_of_moments.check(f"{self.name}, exact moments", bound.parameters)
        with np.errstate(all="ignore"):
            return bound.moments(self.exact(bound))

    def _without(self, *names: str) -> inspect.Signature:
        parameters = self.__signature__.parameters.values()
        return inspect.Signature([p for p in parameters if p.name not in names])

    def _bind(
        self, signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        unknown = [name for name in kwargs if name not in signature.parameters]
        if unknown:
            takes = ", ".join([*self.family.defaults, *self.options]) or "none"
            raise TypeError(f"{self.name}: there is no option {unknown[0]}; it takes {takes}")
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}{signature}: {error}") from None
        bound.apply_defaults()
        return dict(bound.arguments)

    def bind(self, given: Mapping[str, Any], noise: Mapping[str, Any] | None = None) -> Bound:
        """Check all that is given; an objective that is `unseen` is not looked at."""
        where, noise = self.name, noise or {}
        options = {n: check.check(where, n, given[n]) for n, check in self._checks.items() if n in given}
        numbers = tuple(self.family.defaults)
        # NumPy's noise is converted when it is used, run by run.
        host = {name: value for name, value in noise.items() if isinstance(value, np.ndarray) and value.ndim}
        stand_ins = {name: value[:0] for name, value in host.items()}
        call = prepare_arrays(
            where, {**{name: given[name] for name in self.family.parameters}, **noise, **stand_ins}, numbers
        )
        count = len(self.family.parameters)
        parameters = self._filled(call.arrays[:count], call.xp)
        self._check_parameters(parameters, call.xp)
        arrays = [host.get(n, a) for n, a in zip(noise, call.arrays[count:], strict=True)]
        if noise:
            self.noise.check(where, dict(zip(noise, arrays, strict=True)), self._sizes(parameters, options))
        objective = given["objective"]
        f = Problem(
            where,
            objective,
            call.xp,
            call.dtype,
            call.working,
            len(self.family.event.split()),
            gradient="grad" in self.facts.needs and objective is not unseen,
        )
        return Bound(self, call.xp, call.device, call.dtype, call.working, f, parameters, arrays, options)

    def _filled(self, parameters: list[Array], xp: Namespace) -> tuple[Array, ...]:
        """Parameters with defaults may be numbers, which are those of every variable."""
        first = parameters[0]
        named = zip(self.family.parameters, parameters, strict=True)
        return tuple(
            value + xp.zeros_like(first) if name in self.family.defaults and not value.ndim else value
            for name, value in named
        )

    def _check_parameters(self, parameters: tuple[Array, ...], xp: Namespace) -> None:
        first = next(iter(self.family.parameters))
        for (name, axes), value in zip(self.family.parameters.items(), parameters, strict=True):
            check_parameter(self.name, name, value, axes, xp)
            if value.shape != parameters[0].shape:
                raise ValueError(
                    f"{self.name}: {name} must have the shape of {first}, {tuple(parameters[0].shape)}, got "
                    f"{tuple(value.shape)}"
                )

    def _sizes(self, parameters: tuple[Array, ...], options: Mapping[str, Any]) -> dict[str, int]:
        axes = next(iter(self.family.parameters.values())).split()
        sizes = dict(zip(axes, parameters[0].shape, strict=True))
        return {**{n: v for n, v in options.items() if isinstance(v, int)}, **sizes}

    # --- documentation -----------------------------------------------------------------------------------------------

    def _documented(self, doc: str | None) -> str:
        return "\n\n".join([inspect.cleandoc(doc or ""), self._parameters(), self._returns(), RAISES])

    def _parameters(self) -> str:
        event, gradient = self.family.event.replace(" ", ", "), "grad" in self.facts.needs
        needs = f" with a method ``grad(b)`` (..., {event})" if gradient else ""
        lines = [
            "Parameters",
            "----------",
            "objective : callable",
            f"    ``f(b)`` of points (..., {event}) gives values (...){needs}.",
        ]
        entries = {}
        for name, axes in self.family.parameters.items():
            shape = ", ".join(axes.split()) + ("," if len(axes.split()) == 1 else "")
            entries[name] = [f"{name} : array of shape ({shape})", f"    {self.family.words[name]}"]
        for name, default in self.family.defaults.items():
            entries[name][0] = (
                f"{entries[name][0].replace(' : ', ' : float or ')}, default {documents.shown(default)}"
            )
        lines += [
            line for name, entry in entries.items() if name not in self.family.defaults for line in entry
        ]
        lines += [f"noise : {'array' if self.noise.container is None else self.noise.container.__name__}"]
        lines += [f"    As `draw_noise` makes it: {self.noise}."]
        lines += [line for name in self.family.defaults for line in entries[name]]
        for name, check in self._checks.items():
            default = self.options[name]
            required = default is inspect.Parameter.empty
            lines += [f"{name} : {check.kind}{'' if required else f', default {default!r}'}"]
            lines += [f"    {check.words}"]
        return "\n".join(lines)

    def _returns(self) -> str:
        axes = ", ".join(next(iter(self.family.parameters.values())).split())
        kind = "array" if self.family.gradients is None else f"{self.family.gradients.__name__} of arrays"
        return f"Returns\n-------\n{kind} of shape (n, {axes})\n    Estimates of the gradient, one per row of the noise; their mean estimates it best."


RAISES = """Raises
------
TypeError
    If an argument is of a wrong type, or the objective lacks a method that is needed.
ValueError
    If an argument has a wrong shape or value, or the objective returns a wrong shape or values that are not finite."""


def prepare_arrays(where: str, given: Mapping[str, Any], numbers: tuple[str, ...] = ()) -> Any:
    """All arrays of a call in one library, device and working dtype; only those of ``numbers`` may be numbers."""
    for name, value in given.items():
        if name not in numbers and ns.kind_of(value) in ("scalar", "numpy scalar"):
            raise ValueError(f"{where}: {name} takes an array, got the number {value!r}")
    return prepare(where, dict(given), broadcast=False)


def check_parameter(where: str, name: str, value: Array, axes: str, xp: Namespace) -> None:
    """Raise a `ValueError` unless ``value`` has as many axes as ``axes`` names, none empty but the first, and is finite."""
    if value.ndim != len(axes.split()):
        raise ValueError(f"{where}: {name} must have shape {shape_words(axes)}, got {tuple(value.shape)}")
    if 0 in value.shape[1:]:
        raise ValueError(f"{where}: {name} must have one category or more, got shape {tuple(value.shape)}")
    if not ns.is_lazy(value) and not xp.all(xp.isfinite(value)):
        raise ValueError(f"{where}: {name} must be finite, got {value}")


def shape_words(axes: str) -> str:
    """A shape of named lengths, as in ``"(D, K)"``."""
    names = axes.split()
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def estimator(
    *, exact: MomentsRule, noise: Noise = LOGISTIC, family: Family = BERNOULLI, **facts: str
) -> Callable[[Callable[..., Any]], Estimator]:
    """Make a kernel the public function.

    Parameters
    ----------
    exact : callable
        How its exact moments are found, one of the rules of `stgref.estimators.exact`.
    noise : Noise
        What noise it takes; standard logistic (n, D) by default.
    family : Family
        What gradients it gives; those of Bernoulli logits by default.
    **facts : str
        The fields of `Facts`.

    Returns
    -------
    callable
        The decorator.
    """

    def decorate(kernel: Callable[..., Any]) -> Estimator:
        return Estimator(kernel, family, noise, Facts(**facts), exact)

    return decorate


__all__ = ["BERNOULLI", "Bound", "Estimator", "Facts", "Family", "Moments", "estimator", "prepare_arrays"]
