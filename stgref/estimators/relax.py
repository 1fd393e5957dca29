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

import itertools
from typing import Annotated, Any, NamedTuple, cast

from stgref.estimators import rules
from stgref.estimators.draws import LOGISTIC, Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import check_cost, summed
from stgref.estimators.options import Coupling, Eta, Option, Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.relaxed import Relaxed
from stgref.estimators.sample import sample, score
from stgref.laws import bernoulli
from stgref.numerics import comoments, sigmoid
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
        "``c(z)`` of latents (..., D) gives values (...), with a method ``grad(z)`` (..., D).",
        _is_control_variate,
    ),
]


class RelaxNoise(NamedTuple):
    """Noise of `rebar` and `relax`: of the latents, and of the latents given the samples."""

    latent: Array
    conditional: Array


NOISE = Noise(Field("n D"), Field("n D"), container=RelaxNoise)


def latents(xp: Namespace, phi: Array, noise: RelaxNoise, coupling: str) -> tuple[Array, Array, Array]:
    """The sample b, its latent z, and a latent given b."""
    z, b = phi + noise.latent, sample(xp, phi, noise.latent)
    if coupling == "coupled":
        return b, z, z
    return b, z, bernoulli.conditional_latent.kernel(xp, noise.conditional, b, phi)


def conditional_slope(xp: Namespace, phi: Array, b: Array, given: Array) -> Array:
    r"""Derivative of the latent given b to the logits, :math:`P(b)\, (1 - e^{-|\tilde z|})`."""
    return sigmoid.expit(xp, xp.where(b > 0.5, phi, -phi)) * -xp.expm1(-xp.abs(given))


def conditional_part(xp: Namespace, c: Any, phi: Array, b: Array, given: Array) -> Array:
    r"""What c of the latent given b contributes, :math:`-c(\tilde z)(b - \theta) - c'(\tilde z)\, d \tilde z / d \phi`."""
    return -c(given)[:, None] * score(xp, phi, b) - c.grad(given) * conditional_slope(xp, phi, b, given)


def estimate(xp: Namespace, f: Problem, c: Any, phi: Array, noise: RelaxNoise, coupling: str) -> Array:
    """The estimate with control variate c."""
    b, z, given = latents(xp, phi, noise, coupling)
    return f(b)[:, None] * score(xp, phi, b) + c.grad(z) + conditional_part(xp, c, phi, b, given)


def moments(bound: Bound, c: Any) -> Comoments:
    """Given b the estimate is T(given) + U(z), of two independent latents with one law, or of one and the same."""
    xp, f, (phi,) = bound.xp, bound.f, bound.parameters
    count, coupled, total = phi.shape[0], bound.options["coupling"] == "coupled", None
    check_cost(bound.estimator.name, "values of the latents", 2 * rules.NODES, count)
    for outcome in itertools.product((0.0, 1.0), repeat=count):
        b = xp.asarray([outcome], dtype=phi.dtype, device=bound.device)

        def parts(z: Array, b: Array = b) -> Array:
            t, u = conditional_part(xp, c, phi, b, z), c.grad(z)
            return t + u if coupled else xp.concat([t, u], axis=1)

        found = summed(bound, rules.given_sample(xp, phi, b[0, :]), LOGISTIC, parts)
        mean, spread = (found.mean, found.scatter) if coupled else _added(found, count)
        chance = xp.prod(sigmoid.expit(xp, xp.where(b > 0.5, phi, -phi)))
        hard = f(b)[0] * score(xp, phi, b)[0, :]
        one = Comoments(chance, hard + mean, chance / found.weight * spread)
        total = one if total is None else comoments.merge(xp, total, one)
    return cast("Comoments", total)


def _added(c: Comoments, count: int) -> tuple[Array, Array]:
    """Mean and scatter of T + U for independent T and U, of those of both on common nodes."""
    return c.mean[:count] + c.mean[count:], c.scatter[:count, :count] + c.scatter[count:, count:]


def _exact_rebar(bound: Bound) -> Comoments:
    return moments(bound, Relaxed(bound.f, bound.options["temperature"], bound.options["eta"]))


def _exact_relax(bound: Bound) -> Comoments:
    return moments(bound, _problem(bound.f, bound.options["control_variate"]))


def _problem(f: Problem, c: Any) -> Problem:
    return Problem(f.where, c, f.xp, f.dtype, f.working, gradient=True, name="control_variate")


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
    return estimate(xp, f, _problem(f, control_variate), phi, noise, coupling)


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
    return estimate(xp, f, Relaxed(f, temperature, eta), phi, noise, coupling)
