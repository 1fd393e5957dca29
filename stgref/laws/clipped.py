r"""Laws clipped to [0, 1], with atoms at both ends: everything that follows from the law before clipping.

A law is given by a standard base law G with density g (logistic, normal or uniform) and an increasing map w from the stretched
axis to the base axis, so that :math:`P(\bar z \le x) = G(w(x))`, where :math:`z = \min(1, \max(0, \bar z))`. Then

.. math:: P(z = 0) = G(w(0)), \quad P(z = 1) = 1 - G(w(1)), \quad f(x) = g(w(x))\, w'(x) \text{ for } 0 < x < 1.

Densities are with respect to Lebesgue measure plus unit atoms at 0 and 1. Gradients are chain rules through w.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, Protocol

from stgref.laws.clipping import by_atom, by_region, clip, grad_clip, unless_atom
from stgref.laws.location_scale import Differential, StandardLaw, Times, negated
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import Quantity

Parameters = tuple[Array, ...]


class Base(StandardLaw, Protocol):
    """A standard law that also gives intervals [a, b] without cancellation, ``width`` = b - a being exact.

    What a point of its axis is, a number or more, is between it and the `Stretched` law.
    """

    def interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        """Probability of [a, b]."""

    def log_interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        """Logarithm of the probability of [a, b]."""

    def grad_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        """Derivative of the probability of [a, b] along ``d``."""

    def grad_log_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        """Derivative of the log probability of [a, b] along ``d``."""


class Stretched(Protocol):
    """A law before clipping. Methods take the law's parameters; partials are tuples in their order."""

    @property
    def base(self) -> Base:
        """The standard law of the noise."""

    partials: Any
    partials_at_x: Any
    partials_at_p: Any
    pathwise: Any

    def transform(self, xp: Namespace, noise: Array, *params: Array) -> Array:
        """Sample before clipping."""

    def grad_transform(self, xp: Namespace, noise: Array, *params: Array) -> Parameters:
        """Sample before clipping, and its partials with respect to the noise and each parameter."""

    def point(self, xp: Namespace, x: Array, *params: Array) -> Array:
        """The base variable w(x)."""

    def grad_point(self, xp: Namespace, x: Array, *params: Array) -> Parameters:
        """w(x), and its partials with respect to x and each parameter."""

    def log_slope(self, xp: Namespace, x: Array, *params: Array) -> Array:
        """Logarithm of w'(x)."""

    def grad_log_slope(self, xp: Namespace, x: Array, *params: Array) -> Parameters:
        """Partials of log w'(x) with respect to x and each parameter."""

    def width(self, xp: Namespace, *params: Array) -> Array:
        """w(1) - w(0), without cancellation."""

    def grad_width(self, xp: Namespace, *params: Array) -> Parameters:
        """Partials of the width with respect to each parameter."""


class Clipped:
    """The public functions of a `Stretched` law clipped to [0, 1], for the module called ``module``.

    ``parameters`` maps names to defaults (``inspect.Parameter.empty`` for none); ``formulas`` words w(x) and the base law.
    """

    def __init__(
        self, module: str, law: Stretched, parameters: dict[str, Any], source: str, formulas: dict[str, str]
    ) -> None:
        self.law, self.base = law, law.base
        self._module, self._parameters, self._source = module, parameters, source
        required = "".join("0.5, " for default in parameters.values() if default is inspect.Parameter.empty)
        words = {"law": module.rpartition(".")[2], "args": required.removesuffix(", ")}
        words |= {
            "least": "-50.0",
            "most": "50.0",
            "off": f"0.7{required.removeprefix('0.5').removesuffix(', ')}",
        }
        self._words = words | formulas

    def public(
        self, kernel: Callable[..., Any], first: str = "", result: Any = None, **options: Any
    ) -> Quantity[..., Any]:
        """Make a method the module's public function of the same name, with the law's parameters in its signature."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        names = ["xp", first] if first else ["xp"]
        signature = [inspect.Parameter(n, kind) for n in names]
        signature += [inspect.Parameter(n, kind, default=d) for n, d in self._parameters.items()]
        signature += [
            inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=d) for n, d in options.items()
        ]

        def formula(*args: Any, **kwargs: Any) -> Any:
            return kernel(*args, **kwargs)

        formula.__name__, formula.__module__ = kernel.__name__, self._module
        formula.__signature__ = inspect.Signature(signature, return_annotation=result)  # type: ignore[attr-defined]
        doc = kernel.__doc__ or ""
        for word, text in self._words.items():
            doc = doc.replace(f"<{word}>", text)
        return Quantity(formula, self._module, doc=doc, source=self._source)

    # --- samples -----------------------------------------------------------------------------------------------------

    def transform(self, xp: Namespace, noise: Array, *params: Array) -> Array:
        r"""Sample as a function of the base noise, :math:`z = \min(1, \max(0, \bar z))` with :math:`\bar z = <stretched>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.transform([<least>, <most>], <args>)
        array([0., 1.])
        """
        return clip(xp, self.law.transform(xp, noise, *params))

    def grad_transform(
        self, xp: Namespace, noise: Array, *params: Array, clip_gradient: str = "closed"
    ) -> Any:
        r"""Sample, as ``value``, and its partial derivatives: those of :math:`\bar z = <stretched>` where it is not clipped.

        At exactly 0 and 1 the derivative is the closed-interval one unless ``clip_gradient`` says otherwise.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_transform(<most>, <args>).noise
        np.float64(0.0)
        """
        stretched, *partials = self.law.grad_transform(xp, noise, *params)
        return self.law.pathwise(clip(xp, stretched), *grad_clip(xp, stretched, clip_gradient, *partials))

    def icdf(self, xp: Namespace, p: Array, *params: Array) -> Array:
        r"""Quantile function, `transform` of the base law's quantile: 0 up to P(z = 0), 1 from 1 - P(z = 1).

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.icdf([0.0, 1.0], <args>)
        array([0., 1.])
        """
        return self.transform(xp, self.base.icdf(xp, p), *params)

    def iccdf(self, xp: Namespace, p: Array, *params: Array) -> Array:
        r"""Inverse of `ccdf`, `transform` of the base law's quantile of 1 - p.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.iccdf([0.0, 1.0], <args>)
        array([1., 0.])
        """
        return self.transform(xp, self.base.iccdf(xp, p), *params)

    def grad_icdf(self, xp: Namespace, p: Array, *params: Array, clip_gradient: str = "closed") -> Any:
        r"""Partial derivatives of `icdf`: those of `transform`, times the base quantile's derivative for p.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_icdf(0.0, <args>).p
        np.float64(0.0)
        """
        ends = (p <= 0.0) | (p >= 1.0)
        p = xp.where(ends, 0.5, p)
        stretched, by_noise, *partials = self.law.grad_transform(xp, self.base.icdf(xp, p), *params)
        by_p = by_noise * self.base.grad_icdf(xp, p)
        fields = grad_clip(xp, stretched, clip_gradient, by_p, *partials)
        return self.law.partials_at_p(*(xp.where(ends, 0.0, d) for d in fields))

    def median(self, xp: Namespace, *params: Array) -> Array:
        r"""Median, `transform` of the noise's own.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.median(<args>) == <law>.icdf(0.5, <args>)
        np.True_
        """
        return self.transform(xp, self.base.MEDIAN + 0.0 * params[0], *params)

    def grad_median(self, xp: Namespace, *params: Array, clip_gradient: str = "closed") -> Any:
        r"""Partial derivatives of `median`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_median(<args>)[0] > 0.0
        np.True_
        """
        noise = self.base.MEDIAN + 0.0 * params[0]
        _, _, *partials = self.grad_transform(xp, noise, *params, clip_gradient=clip_gradient)
        return self.law.partials(*partials)

    # --- distribution functions --------------------------------------------------------------------------------------

    def _point(self, xp: Namespace, x: Array, params: Parameters) -> Array:
        return self.law.point(xp, clip(xp, x), *params)

    def _grad_point(self, xp: Namespace, x: Array, params: Parameters) -> tuple[Array, Parameters]:
        w, *partials = self.law.grad_point(xp, clip(xp, x), *params)
        return w, tuple(partials)

    def cdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Distribution function.

        It is :math:`P(z \le x) = [x < 0 : 0;\; x < 1 : G(w);\; \text{else } 1]`, with :math:`w = <point>`
        and G the <base> distribution function.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.cdf(0.0, <args>) == <law>.prob_zero(<args>)
        np.True_
        """
        return by_region(xp, x, 0.0, self.base.cdf(xp, self._point(xp, x, params)), 1.0)

    def ccdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Complementary distribution function.

        It is :math:`P(z > x) = [x < 0 : 1;\; x < 1 : 1 - G(w);\; \text{else } 0]`, with :math:`w = <point>` and
        G the <base> distribution function.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.ccdf(0.0, <args>) == <law>.prob_active(<args>)
        np.True_
        """
        return by_region(xp, x, 1.0, self.base.ccdf(xp, self._point(xp, x, params)), 0.0)

    def left_cdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Left limit of the distribution function, :math:`P(z < x)`: `cdf` less the atom at x.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.left_cdf(0.0, <args>)
        np.float64(0.0)
        """
        return by_region(xp, x, 0.0, self.base.cdf(xp, self._point(xp, x, params)), 1.0, closed="right")

    def logcdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Logarithm of `cdf`, :math:`\log G(w)` for x in [0, 1), with :math:`w = <point>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logcdf([-1.0, 1.0], <args>)
        array([-inf,   0.])
        """
        return by_region(xp, x, -math.inf, self.base.logcdf(xp, self._point(xp, x, params)), 0.0)

    def logccdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Logarithm of `ccdf`, :math:`\log(1 - G(w))` for x in [0, 1), with :math:`w = <point>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logccdf([-1.0, 1.0], <args>)
        array([  0., -inf])
        """
        return by_region(xp, x, 0.0, self.base.logccdf(xp, self._point(xp, x, params)), -math.inf)

    def _chain(
        self, xp: Namespace, x: Array, params: Parameters, derivative: Callable[[Namespace, Array], Times]
    ) -> Any:
        """Partials of a function of w(x) that is constant outside [0, 1), given its ``derivative``."""
        w, partials = self._grad_point(xp, x, params)
        by_x, *by_params = map(derivative(xp, w), partials)
        return self.law.partials_at_x(
            unless_atom(xp, x, by_x), *(by_region(xp, x, 0.0, d, 0.0) for d in by_params)
        )

    def grad_cdf(self, xp: Namespace, x: Array, *params: Array) -> Any:
        r"""Partial derivatives of `cdf`, :math:`g(w)\, \partial w` for x in [0, 1) and 0 elsewhere; NaN to x at the atoms.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_cdf(0.5, <args>).x == <law>.pdf(0.5, <args>)
        np.True_
        """
        return self._chain(xp, x, params, self.base.density)

    def grad_logcdf(self, xp: Namespace, x: Array, *params: Array) -> Any:
        r"""Partial derivatives of `logcdf`, :math:`(g/G)(w)\, \partial w` for x in [0, 1) and 0 elsewhere; NaN to x at the atoms.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logcdf(0.5, <args>).x > 0.0
        np.True_
        """
        return self._chain(xp, x, params, self.base.grad_logcdf)

    def grad_logccdf(self, xp: Namespace, x: Array, *params: Array) -> Any:
        r"""Partial derivatives of `logccdf`.

        It is :math:`-(g/(1 - G))(w)\, \partial w` for x in [0, 1) and 0 elsewhere; NaN to x at the atoms.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logccdf(0.5, <args>).x < 0.0
        np.True_
        """
        return self._chain(xp, x, params, lambda xp, w: negated(self.base.grad_logccdf(xp, w)))

    # --- densities ---------------------------------------------------------------------------------------------------

    def pdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Density, :math:`g(w)\, w'(x)` inside (0, 1), with the atoms P(z = 0) and P(z = 1) at 0 and 1, and 0 elsewhere.

        With respect to Lebesgue measure plus unit atoms at 0 and 1; :math:`w = <point>`, :math:`w'(x) = <slope>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.pdf(1.0, <args>) == <law>.prob_one(<args>)
        np.True_
        """
        w, (slope, *_) = self._grad_point(xp, x, params)
        inside, base = self.base.density(xp, w)(slope), self.base
        return by_atom(xp, x, lambda w: base.cdf(xp, w), inside, lambda w: base.ccdf(xp, w), 0.0, w)

    def logpdf(self, xp: Namespace, x: Array, *params: Array) -> Array:
        r"""Logarithm of `pdf`: :math:`\log g(w) + \log w'(x)` inside, the atoms' log probabilities at 0 and 1, else -inf.

        Here :math:`w = <point>` and :math:`w'(x) = <slope>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logpdf(0.0, <args>) == <law>.log_prob_zero(<args>)
        np.True_
        """
        w, base = self._point(xp, x, params), self.base
        inside = base.log_density(xp, w) + self.law.log_slope(xp, clip(xp, x), *params)
        return by_atom(
            xp, x, lambda w: base.logcdf(xp, w), inside, lambda w: base.logccdf(xp, w), -math.inf, w
        )

    def grad_logpdf(self, xp: Namespace, x: Array, *params: Array) -> Any:
        r"""Partial derivatives of `logpdf`.

        :math:`(\log g)'(w)\, \partial w + \partial \log w'` inside (0, 1), those of the atoms' log
        probabilities at 0 and 1 (NaN to x), and 0 elsewhere.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logpdf(0.0, <args>)[1:] == <law>.grad_log_prob_zero(<args>)
        True
        """
        w, by_w = self._grad_point(xp, x, params)
        score, base = self.base.score(xp, w), self.base
        by_slope = self.law.grad_log_slope(xp, clip(xp, x), *params)
        by_x, *inside = (score * dw + ds for dw, ds in zip(by_w, by_slope, strict=True))
        fields = [
            by_atom(
                xp,
                x,
                lambda w, dw: base.grad_logcdf(xp, w)(dw),
                part,
                lambda w, dw: -base.grad_logccdf(xp, w)(dw),
                0.0,
                w,
                dw,
            )
            for part, dw in zip(inside, by_w[1:], strict=True)
        ]
        return self.law.partials_at_x(unless_atom(xp, x, by_x), *fields)

    # --- probabilities of the atoms and of the interior --------------------------------------------------------------

    def _end(self, xp: Namespace, x: float, params: Parameters) -> tuple[Array, Parameters]:
        w, _, *partials = self.law.grad_point(xp, x, *params)
        return w, tuple(partials)

    def prob_zero(self, xp: Namespace, *params: Array) -> Array:
        r"""Probability of the atom at 0, :math:`P(z = 0) = G(w_0)` with :math:`w_0 = <zero>`, G the <base> cdf.

        Examples
        --------
        >>> from stgref import <law>
        >>> abs(<law>.prob_zero(<args>) + <law>.prob_active(<args>) - 1.0) < 1e-15
        np.True_
        """
        return self.base.cdf(xp, self.law.point(xp, 0.0, *params))

    def grad_prob_zero(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `prob_zero`, :math:`g(w_0)\, \partial w_0` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_prob_zero(<args>)[0] < 0.0
        np.True_
        """
        w, partials = self._end(xp, 0.0, params)
        return self.law.partials(*map(self.base.density(xp, w), partials))

    def log_prob_zero(self, xp: Namespace, *params: Array) -> Array:
        r"""Logarithm of `prob_zero`, :math:`\log G(w_0)` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.log_prob_zero(<args>) < 0.0
        np.True_
        """
        return self.base.logcdf(xp, self.law.point(xp, 0.0, *params))

    def grad_log_prob_zero(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `log_prob_zero`, :math:`(g/G)(w_0)\, \partial w_0` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_log_prob_zero(<args>)[0] < 0.0
        np.True_
        """
        w, partials = self._end(xp, 0.0, params)
        return self.law.partials(*map(self.base.grad_logcdf(xp, w), partials))

    def prob_one(self, xp: Namespace, *params: Array) -> Array:
        r"""Probability of the atom at 1, :math:`P(z = 1) = 1 - G(w_1)` with :math:`w_1 = <one>`, G the <base> cdf.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.prob_one(<args>) < <law>.prob_active(<args>)
        np.True_
        """
        return self.base.ccdf(xp, self.law.point(xp, 1.0, *params))

    def grad_prob_one(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `prob_one`, :math:`-g(w_1)\, \partial w_1` with :math:`w_1 = <one>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_prob_one(<args>)[0] > 0.0
        np.True_
        """
        w, partials = self._end(xp, 1.0, params)
        return self.law.partials(*map(negated(self.base.density(xp, w)), partials))

    def log_prob_one(self, xp: Namespace, *params: Array) -> Array:
        r"""Logarithm of `prob_one`, :math:`\log(1 - G(w_1))` with :math:`w_1 = <one>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.log_prob_one(<args>) < 0.0
        np.True_
        """
        return self.base.logccdf(xp, self.law.point(xp, 1.0, *params))

    def grad_log_prob_one(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `log_prob_one`, :math:`-(g/(1 - G))(w_1)\, \partial w_1` with :math:`w_1 = <one>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_log_prob_one(<args>)[0] > 0.0
        np.True_
        """
        w, partials = self._end(xp, 1.0, params)
        return self.law.partials(*map(negated(self.base.grad_logccdf(xp, w)), partials))

    def prob_active(self, xp: Namespace, *params: Array) -> Array:
        r"""Probability that the gate is open, :math:`P(z > 0) = 1 - G(w_0)` with :math:`w_0 = <zero>`: the L0 penalty.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.prob_active(<args>) > 0.5
        np.True_
        """
        return self.base.ccdf(xp, self.law.point(xp, 0.0, *params))

    def grad_prob_active(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `prob_active`, :math:`-g(w_0)\, \partial w_0` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_prob_active(<args>)[0] > 0.0
        np.True_
        """
        w, partials = self._end(xp, 0.0, params)
        return self.law.partials(*map(negated(self.base.density(xp, w)), partials))

    def log_prob_active(self, xp: Namespace, *params: Array) -> Array:
        r"""Logarithm of `prob_active`, :math:`\log(1 - G(w_0))` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.log_prob_active(<args>) < 0.0
        np.True_
        """
        return self.base.logccdf(xp, self.law.point(xp, 0.0, *params))

    def grad_log_prob_active(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `log_prob_active`, :math:`-(g/(1 - G))(w_0)\, \partial w_0` with :math:`w_0 = <zero>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_log_prob_active(<args>)[0] > 0.0
        np.True_
        """
        w, partials = self._end(xp, 0.0, params)
        return self.law.partials(*map(negated(self.base.grad_logccdf(xp, w)), partials))

    def _interval(self, xp: Namespace, params: Parameters) -> tuple[Array, Array, Array]:
        return self.law.point(xp, 0.0, *params), self.law.point(xp, 1.0, *params), self.law.width(xp, *params)

    def _differentials(self, xp: Namespace, params: Parameters) -> list[Differential]:
        ends = self._end(xp, 0.0, params)[1], self._end(xp, 1.0, params)[1], self.law.grad_width(xp, *params)
        zero = 0.0 * params[0]  # some derivatives are plain numbers
        return [Differential(*(part + zero for part in d)) for d in zip(*ends, strict=True)]

    def prob_interior(self, xp: Namespace, *params: Array) -> Array:
        r"""Probability of the open interval, :math:`P(0 < z < 1) = G(w_1) - G(w_0)`, without cancellation.

        Here :math:`w_0 = <zero>` and :math:`w_1 = <one>`. <interior>

        Examples
        --------
        >>> from stgref import <law>
        >>> abs(<law>.prob_interior(<args>) + <law>.prob_one(<args>) - <law>.prob_active(<args>)) < 1e-15
        np.True_
        """
        return self.base.interval(xp, *self._interval(xp, params))

    def grad_prob_interior(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `prob_interior`, :math:`g(w_1)\, \partial w_1 - g(w_0)\, \partial w_0`, without cancellation.

        Here :math:`w_0 = <zero>` and :math:`w_1 = <one>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_prob_interior(<off>)[0] < 0.0
        np.True_
        """
        ends = self._interval(xp, params)
        return self.law.partials(
            *(self.base.grad_interval(xp, *ends, d) for d in self._differentials(xp, params))
        )

    def log_prob_interior(self, xp: Namespace, *params: Array) -> Array:
        r"""Logarithm of `prob_interior`, finite however far the interval is in a tail or however short.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.log_prob_interior(<args>) < 0.0
        np.True_
        """
        return self.base.log_interval(xp, *self._interval(xp, params))

    def grad_log_prob_interior(self, xp: Namespace, *params: Array) -> Any:
        r"""Partial derivatives of `log_prob_interior`, those of `prob_interior` over it.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_log_prob_interior(<off>)[0] < 0.0
        np.True_
        """
        ends = self._interval(xp, params)
        return self.law.partials(
            *(self.base.grad_log_interval(xp, *ends, d) for d in self._differentials(xp, params))
        )
