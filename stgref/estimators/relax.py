r"""RELAX and REBAR: the score function with a control variate of the latent, made unbiased by its own gradient.

For any c the estimate

.. math:: \hat g = (f(b) - c(\tilde z))(b - \theta) + c'(z) - c'(\tilde z)\, \frac{d \tilde z}{d \phi}

is unbiased: :math:`c'(z)` estimates the gradient of :math:`E c(z)` pathwise, and by the law of total expectation that is the mean of
:math:`c(\tilde z)(b - \theta)`, the score-function term of b, plus that of :math:`c'(\tilde z)\, d \tilde z / d \phi`, the
pathwise term of the latent given b, whose noise is held fixed. REBAR takes :math:`c(z) = \eta f(\sigma(z / \tau))`.

With the noise of the conditional latent fixed, :math:`P(|z| > |\tilde z| \mid \text{sample})` is fixed, and
:math:`\frac{d \tilde z}{d \phi} = P(b)\, (1 - e^{-|\tilde z|})` in terms of the latent itself (`bernoulli.grad_conditional_latent`
has it in terms of the noise). That also serves the coupled form, where the latent given b is the latent.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple, cast

from stgref.estimators import rules
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import Rule, agreed, check_cost, quadrature, summed
from stgref.estimators.law import Law, columns, rows
from stgref.estimators.options import Coupling, Eta, Option, Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.relaxed import Relaxed
from stgref.estimators.sample import LAW
from stgref.numerics import comoments
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace


def _is_control_variate(where: str, name: str, value: Any) -> Any:
    if not callable(value) or not callable(getattr(value, "grad", None)):
        raise TypeError(f"{where}: {name} takes a callable c(z) with a method grad(z), got {value!r}")
    return value


ControlVariate = Annotated[
    Any,
    Option(
        "callable",
        "``c(z)`` of latents, of the shape of points, gives values (...), with a method ``grad(z)`` of that shape.",
        _is_control_variate,
    ),
]


class RelaxNoise(NamedTuple):
    """Noise of `rebar` and `relax`: of the latents, and of the latents given the samples."""

    latent: Array
    conditional: Array


NOISE = Noise(Field("n D"), Field("n D"), container=RelaxNoise)


def latents(
    law: Law, xp: Namespace, phi: Array, noise: RelaxNoise, coupling: str
) -> tuple[Array, Array, Array]:
    """The sample b, its latent z, and a latent given b."""
    z, b = phi + noise.latent, law.sample(xp, phi, noise.latent)
    if coupling == "coupled":
        return b, z, z
    return b, z, law.conditional_latent(xp, noise.conditional, b, phi)


def coupled_part(law: Law, xp: Namespace, c: Any, phi: Array, b: Array, given: Array) -> Array:
    r"""What c contributes when the latent given b is the latent.

    It is :math:`-c(\tilde z)(b - \theta) + c'(\tilde z) - c'(\tilde z)\, d \tilde z / d \phi`, where far out the last two are nearly
    the same: `Law.remainder` is their difference.
    """
    value, slope = value_and_grad(c, given)
    score = law.score(xp, phi, b)
    return law.remainder(xp, phi, b, score, given, slope) - columns(xp, value, phi.ndim) * score


def value_and_grad(c: Any, z: Array) -> tuple[Array, Array]:
    """c(z) and c'(z), in one call where c has a method for both."""
    return c.value_and_grad(z) if hasattr(c, "value_and_grad") else (c(z), c.grad(z))


def estimate(
    law: Law, xp: Namespace, f: Problem, c: Any, phi: Array, noise: RelaxNoise, coupling: str
) -> Array:
    """The estimate with control variate c: its coupled form, and c'(z) instead of c' at the latent given b."""
    b, z, given = latents(law, xp, phi, noise, coupling)
    value, slope = value_and_grad(c, given)
    score = law.score(xp, phi, b)
    both = law.remainder(xp, phi, b, score, given, slope) + columns(xp, f(b) - value, phi.ndim) * score
    return both if coupling == "coupled" else both + (c.grad(z) - slope)


def moments(law: Law, given_sample: Callable[..., Rule], bound: Bound, c: Any) -> Comoments:
    """Moments by sums over the samples, and given each by quadrature over ``given_sample(xp, phi, b, shift)``."""
    hard = [(share, rows(xp, h)) for xp, share, _, h in outcomes(law, bound)]
    size = sum(share * h[0, :] ** 2 for share, h in hard) ** 0.5
    return agreed(bound, functools.partial(_moments, law, given_sample, bound, c), size)


def outcomes(law: Law, bound: Bound) -> Iterator[tuple[Namespace, Array, Array, Array]]:
    r"""The samples b (1, D, ...), their probabilities, and :math:`f(b)(b - \theta)` for each."""
    xp, f, (phi,) = bound.xp, bound.f, bound.parameters
    points, chance = law.outcomes(xp, phi)
    check_cost(bound.estimator.name, "points", points.shape[0], phi.shape[0])
    for outcome in itertools.product(range(points.shape[0]), repeat=phi.shape[0]):
        b = xp.stack([points[k, ...] for k in outcome])[None, ...]
        share = xp.prod(xp.stack([chance[i, k] for i, k in enumerate(outcome)]))
        yield xp, share, b, columns(xp, f(b), phi.ndim) * law.score(xp, phi, b)


def _moments(law: Law, given_sample: Callable[..., Rule], bound: Bound, c: Any, shift: float) -> Comoments:
    """Given b the estimate is T(given) + V(z) - V(given), with V = c', and T alone when coupled.

    The latents given b are independent and of one law.
    """
    (phi,), coupled, total = bound.parameters, bound.options["coupling"] == "coupled", None
    for xp, share, b, hard in outcomes(law, bound):
        rule = given_sample(xp, phi, b[0, ...], shift)
        each = law.outcomes(xp, phi)[0].shape[0] * rule.weights.shape[1]
        check_cost(bound.estimator.name, "values of the latents", each, phi.shape[0])

        def parts(z: Array, xp: Namespace = xp, b: Array = b) -> Array:
            t = rows(xp, coupled_part(law, xp, c, phi, b, z))
            return t if coupled else xp.concat([t, rows(xp, c.grad(z))], axis=1)

        found = summed(bound, rule, law.noise, parts)
        found = found if coupled else independent(found)
        mean = rows(xp, hard)[0, :] + found.mean
        one = Comoments(share, mean, share / found.weight * found.scatter)
        total = one if total is None else comoments.merge(xp, total, one)
    return cast("Comoments", total)


def independent(c: Comoments) -> Comoments:
    """Comoments of T(x) + V(y) - V(x) for independent x and y of one law, of those of T and V at one of them.

    The means of V cancel, exactly; its scatter counts twice.
    """
    n = c.mean.shape[0] // 2
    tt, tv, vt, vv = c.scatter[:n, :n], c.scatter[:n, n:], c.scatter[n:, :n], c.scatter[n:, n:]
    return Comoments(c.weight, c.mean[:n], tt - tv - vt + 2.0 * vv)


@quadrature
def _exact_rebar(bound: Bound) -> Comoments:
    c = Relaxed(bound.f, bound.options["temperature"], bound.options["eta"])
    return moments(LAW, rules.given_sample, bound, c)


@quadrature
def _exact_relax(bound: Bound) -> Comoments:
    return moments(LAW, rules.given_sample, bound, problem(bound.f, bound.options["control_variate"]))


def problem(f: Problem, c: Any) -> Problem:
    """The control variate as one whose results are checked, as those of the objective are."""
    return Problem(f.where, c, f.xp, f.dtype, f.working, f.event, gradient=True, name="control_variate")


@estimator(
    exact=_exact_relax,
    noise=NOISE,
    needs="f",
    evaluations="1, and c and grad c at two latents",
    bias="unbiased",
    equation=r"(f(b) - c(\tilde z))(b - \theta) + c'(z) - c'(\tilde z)\, d \tilde z / d \phi",
    source="""W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud, "Backpropagation through the Void: Optimizing control variates for
black-box gradient estimation", ICLR 2018, equation (6).""",
)
def relax(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: RelaxNoise,
    *,
    control_variate: ControlVariate,
    coupling: Coupling = "independent",
) -> Array:
    r"""RELAX estimator, with any control variate c of the latent.

    .. math:: \hat g = (f(b) - c(\tilde z))(b - \theta) + c'(z) - c'(\tilde z)\, \frac{d \tilde z}{d \phi}, \quad
              z = \phi + \text{noise}, \quad b = [z > 0], \quad \tilde z \sim p(z \mid b)

    with `bernoulli.conditional_latent` :math:`\tilde z` and :math:`d \tilde z / d \phi = P(b)\, (1 - e^{-|\tilde z|})`.
    Coupled, the latent given b is drawn with the noise that makes it z. `relax_variance_gradient` is for tuning c.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> noise = estimators.RelaxNoise(np.array([[1.0]]), np.array([[0.0]]))
    >>> c = estimators.Relaxed(f, temperature=0.5, eta=1.0)
    >>> estimators.relax(f, np.array([0.0]), noise, control_variate=c)
    array([[0.17692372]])
    """
    return estimate(LAW, xp, f, problem(f, control_variate), phi, noise, coupling)


@estimator(
    exact=_exact_rebar,
    noise=NOISE,
    needs="f, grad f",
    evaluations="3, and grad f at two of them",
    bias="unbiased",
    equation=r"(f(b) - c(\tilde z))(b - \theta) + c'(z) - c'(\tilde z)\, d \tilde z / d \phi, \quad c(z) = \eta f(\sigma(z / \tau))",
    source="""G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates for
discrete latent variable models", NeurIPS 2017, equation (4).""",
)
def rebar(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: RelaxNoise,
    *,
    temperature: Temperature = 0.5,
    eta: Eta = 1.0,
    coupling: Coupling = "independent",
) -> Array:
    r"""REBAR estimator: `relax` with the relaxed objective :math:`c(z) = \eta f(\sigma(z / \tau))` as its control variate.

    .. math:: \hat g = (f(b) - c(\tilde z))(b - \theta) + c'(z) - c'(\tilde z)\, \frac{d \tilde z}{d \phi}

    It is unbiased for every eta, temperature and coupling. At a fixed eta it may well have more variance than the score
    function: `rebar_variance_gradient` is for tuning eta and the temperature.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> noise = estimators.RelaxNoise(np.array([[1.0]]), np.array([[0.0]]))
    >>> estimators.rebar(f, np.array([0.0]), noise, temperature=0.5, eta=1.0)
    array([[0.17692372]])
    """
    return estimate(LAW, xp, f, Relaxed(f, temperature, eta), phi, noise, coupling)
