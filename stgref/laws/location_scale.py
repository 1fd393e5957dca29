r"""Laws of x = loc + scale n, where the noise n has a standard law: everything that follows from the standard law.

With :math:`y = (x - \text{loc}) / \text{scale}`, every quantity is that of the standard law at y, and every gradient
one chain rule: g(y) has the partial derivatives g'(y) / scale to x, -g'(y) / scale to loc and -y g'(y) / scale to scale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias

from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import Quantity


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    loc: Array
    scale: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    loc: Array
    scale: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    loc: Array
    scale: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    loc: Array
    scale: Array


class Differential(NamedTuple):
    """The derivatives of an interval's ends a and b and of its width with respect to one parameter."""

    a: Array
    b: Array
    width: Array


Times: TypeAlias = Callable[[Any], Array]
"""A function as what multiplies it: c to c times its value."""


def factored(u: Array, v: Array) -> Times:
    """A function that is the product u v, both of which stay normal where it underflows: c u v may be normal too."""
    return lambda c: c * u * v


def negated(times: Times) -> Times:
    """Minus the function."""
    return lambda c: -times(c)


def pivot(xp: Namespace, at_a: Array, at_b: Array, d: Differential) -> tuple[Array, Array]:
    """How to take g(b) db - g(a) da without cancellation: as g(e) dwidth + (g(b) - g(a)) shift.

    (e, shift) is (b, da) or (a, db), whichever has the smaller shift; the difference of g is taken by its own formula.
    """
    first = xp.abs(d.a) <= xp.abs(d.b)
    return xp.where(first, at_b, at_a), xp.where(first, d.a, d.b)


class StandardLaw(Protocol):
    """A standard law: kernels of y (or of a probability p) and constants.

    Kernels that return `Times` multiply by what is given to them; the product may stay normal where they underflow.
    """

    MEAN: float
    VARIANCE: float
    MEDIAN: float
    ENTROPY: float

    def density(self, xp: Namespace, y: Array) -> Times:
        """Density."""

    def log_density(self, xp: Namespace, y: Array) -> Array:
        """Logarithm of the density."""

    def score(self, xp: Namespace, y: Array) -> Array:
        """Derivative of the log density."""

    def cdf(self, xp: Namespace, y: Array) -> Array:
        """Distribution function."""

    def ccdf(self, xp: Namespace, y: Array) -> Array:
        """One minus the distribution function."""

    def logcdf(self, xp: Namespace, y: Array) -> Array:
        """Logarithm of the distribution function."""

    def logccdf(self, xp: Namespace, y: Array) -> Array:
        """Logarithm of one minus the distribution function."""

    def grad_logcdf(self, xp: Namespace, y: Array) -> Times:
        """Derivative of the log distribution function."""

    def grad_logccdf(self, xp: Namespace, y: Array) -> Times:
        """Minus the derivative of the logarithm of one minus it (the hazard)."""

    def icdf(self, xp: Namespace, p: Array) -> Array:
        """Quantile function."""

    def iccdf(self, xp: Namespace, p: Array) -> Array:
        """Quantile of 1 - p."""

    def grad_icdf(self, xp: Namespace, p: Array) -> Array:
        """Derivative of the quantile function."""


def chain(derivative: Times, y: Array, scale: Array, sign: float = 1.0) -> PartialsAtX:
    """Partials of g(y), or of minus it, given g'(y)."""
    by_x = derivative(sign / scale)
    return PartialsAtX(by_x, -by_x, derivative(-sign / scale * y))


class LocationScale:
    """The public functions of the location-scale family of a `StandardLaw` law, for the module called ``module``.

    ``formulas`` words the standard law's functions for the docstrings.
    """

    def __init__(self, module: str, standard: StandardLaw, source: str, formulas: dict[str, str]) -> None:
        self.standard = standard
        self._module, self._source = module, source
        self._formulas = {"law": module.rpartition(".")[2], **formulas}

    def public(self, kernel: Callable[..., Any]) -> Quantity[..., Any]:
        """Make a method of this class the module's public function of the same name."""
        doc = kernel.__doc__ or ""
        for name, formula in self._formulas.items():
            doc = doc.replace(f"<{name}>", formula)
        return Quantity(kernel, self._module, doc=doc, source=self._source)

    def transform(self, xp: Namespace, noise: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Sample as a function of the standard noise, :math:`\text{loc} + \text{scale}\, n`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.transform(2.0, 1.0, 0.5)
        np.float64(2.0)
        """
        return loc + scale * noise

    def grad_transform(self, xp: Namespace, noise: Array, loc: Array = 0.0, scale: Array = 1.0) -> Pathwise:
        r"""Sample and its partial derivatives: scale to the noise, 1 to loc, n to scale.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_transform(2.0).scale
        np.float64(2.0)
        """
        return Pathwise(loc + scale * noise, scale, 1.0, noise)

    def pdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Density, :math:`f(y) / \text{scale}` with :math:`f(y) = <density>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.pdf(3.0, 3.0, 0.5) == 2.0 * <law>.pdf(0.0)
        np.True_
        """
        return self.standard.density(xp, (x - loc) / scale)(1.0 / scale)

    def logpdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Logarithm of the density, :math:`<log_density> - \log \text{scale}`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logpdf(3.0, 3.0) == <law>.logpdf(0.0)
        np.True_
        """
        return self.standard.log_density(xp, (x - loc) / scale) - xp.log(scale)

    def grad_logpdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> PartialsAtX:
        r"""Partial derivatives of `logpdf`.

        :math:`s / \text{scale}` to x, its negative to loc, :math:`-(1 + y s) / \text{scale}` to scale, with
        the score :math:`s = <score>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logpdf(0.0).scale
        np.float64(-1.0)
        """
        y = (x - loc) / scale
        over = 1.0 / scale
        by_x = self.standard.score(xp, y) * over
        return PartialsAtX(by_x, -by_x, -over - y * by_x)

    def cdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Distribution function, :math:`P(X \le x) = F(y) = <cdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> abs(<law>.cdf(<law>.median()) - 0.5) < 1e-15
        np.True_
        """
        return self.standard.cdf(xp, (x - loc) / scale)

    def grad_cdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> PartialsAtX:
        r"""Partial derivatives of `cdf`.

        The density :math:`f(y) / \text{scale}` to x, its negative to loc, :math:`-y f(y) / \text{scale}` to
        scale.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_cdf(1.0).x == <law>.pdf(1.0)
        np.True_
        """
        y = (x - loc) / scale
        return chain(self.standard.density(xp, y), y, scale)

    def ccdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Complementary distribution function, :math:`P(X > x) = 1 - F(y) = <ccdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> abs(<law>.ccdf(1.0) + <law>.cdf(1.0) - 1.0) < 1e-15
        np.True_
        """
        return self.standard.ccdf(xp, (x - loc) / scale)

    def logcdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Logarithm of `cdf`, :math:`<logcdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logcdf(30.0) < 0.0
        np.True_
        """
        return self.standard.logcdf(xp, (x - loc) / scale)

    def grad_logcdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> PartialsAtX:
        r"""Partial derivatives of `logcdf`.

        :math:`r / \text{scale}` to x, its negative to loc, :math:`-y r / \text{scale}` to scale, with
        :math:`r = f / F = <grad_logcdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logcdf(0.0).scale == 0.0
        np.True_
        """
        y = (x - loc) / scale
        return chain(self.standard.grad_logcdf(xp, y), y, scale)

    def logccdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Logarithm of `ccdf`, :math:`<logccdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.logccdf(100.0) > -5100.0
        np.True_
        """
        return self.standard.logccdf(xp, (x - loc) / scale)

    def grad_logccdf(self, xp: Namespace, x: Array, loc: Array = 0.0, scale: Array = 1.0) -> PartialsAtX:
        r"""Partial derivatives of `logccdf`.

        :math:`-h / \text{scale}` to x, its negative to loc, :math:`y h / \text{scale}` to scale, with the
        hazard :math:`h = f / (1 - F) = <grad_logccdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_logccdf(0.0).scale == 0.0
        np.True_
        """
        y = (x - loc) / scale
        return chain(self.standard.grad_logccdf(xp, y), y, scale, -1.0)

    def icdf(self, xp: Namespace, p: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Quantile function, :math:`\text{loc} + \text{scale}\, F^{-1}(p)` with :math:`F^{-1}(p) = <icdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.icdf([0.0, 1.0])
        array([-inf,  inf])
        """
        return loc + scale * self.standard.icdf(xp, p)

    def grad_icdf(self, xp: Namespace, p: Array, loc: Array = 0.0, scale: Array = 1.0) -> PartialsAtP:
        r"""Partial derivatives of `icdf`: :math:`\text{scale}\, / f(y)` to p, 1 to loc, y to scale, at :math:`y = F^{-1}(p)`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_icdf(0.25).loc
        np.float64(1.0)
        """
        return PartialsAtP(scale * self.standard.grad_icdf(xp, p), 1.0, self.standard.icdf(xp, p))

    def iccdf(self, xp: Namespace, p: Array, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Inverse of `ccdf`, :math:`\text{loc} + \text{scale}\, F^{-1}(1 - p)` with :math:`F^{-1}(1 - p) = <iccdf>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.iccdf([0.0, 1.0])
        array([ inf, -inf])
        """
        return loc + scale * self.standard.iccdf(xp, p)

    def mean(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Mean, :math:`\text{loc} + <mean> \text{scale}`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.mean(3.0) == 3.0 + <law>.mean()
        np.True_
        """
        return loc + self.standard.MEAN * scale

    def grad_mean(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Partials:
        r"""Partial derivatives of `mean`: 1 and :math:`<mean>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_mean().loc
        np.float64(1.0)
        """
        return Partials(1.0, self.standard.MEAN)

    def variance(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Variance, :math:`<variance> \text{scale}^2`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.variance(0.0, 2.0) == 4.0 * <law>.variance()
        np.True_
        """
        return scale * scale * self.standard.VARIANCE

    def grad_variance(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Partials:
        r"""Partial derivatives of `variance`: 0 to loc, :math:`2 <variance> \text{scale}` to scale.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_variance().scale == 2.0 * <law>.variance()
        np.True_
        """
        return Partials(0.0, 2.0 * scale * self.standard.VARIANCE)

    def median(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Median, :math:`\text{loc} + <median> \text{scale}`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.median(3.0) == 3.0 + <law>.median()
        np.True_
        """
        return loc + self.standard.MEDIAN * scale

    def grad_median(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Partials:
        r"""Partial derivatives of `median`: 1 and :math:`<median>`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.grad_median().loc
        np.float64(1.0)
        """
        return Partials(1.0, self.standard.MEDIAN)

    def entropy(self, xp: Namespace, loc: Array = 0.0, scale: Array = 1.0) -> Array:
        r"""Differential entropy in nats, :math:`<entropy> + \log \text{scale}`.

        Examples
        --------
        >>> from stgref import <law>
        >>> <law>.entropy(3.0) == <law>.entropy()
        np.True_
        """
        return self.standard.ENTROPY + xp.log(scale) + 0.0 * loc
