"""The score-function estimator (REINFORCE), with its baselines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from stgref.estimators import rules, values
from stgref.estimators.estimator import Bound, MomentsRule, estimator
from stgref.estimators.exact import Rule, product, summed
from stgref.estimators.law import Law, columns, rows
from stgref.estimators.options import Decay, Option
from stgref.estimators.problem import Problem
from stgref.estimators.sample import LAW, sample, score
from stgref.numerics import namespace as ns
from stgref.numerics import sigmoid
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace

NAMED = ("optimal", "moving_average")


def _check(where: str, name: str, value: Any) -> Any:
    if isinstance(value, str) and value not in NAMED:
        raise ValueError(
            f'{where}: {name} takes a number, an array, "optimal" or "moving_average", got {value!r}'
        )
    if not isinstance(value, str):
        ns.check_kind(where, name, value)
    return value


Baseline = Annotated[
    Any,
    Option(
        "float, array or str",
        'The constant c, one for each variable or coordinate if it is an array; ``"optimal"`` is the one of least '
        'variance, ``"moving_average"`` that of the past rows.',
        _check,
    ),
]


def baseline_array(xp: Namespace, f: Problem, phi: Array, baseline: Any) -> Array:
    """A number or an array of the logits' first axes as an array that broadcasts with the estimates."""
    c = xp.asarray(baseline, dtype=phi.dtype, device=ns.device_of([phi]))
    shapes = [tuple(phi.shape[:axes]) for axes in range(phi.ndim + 1)]
    if tuple(c.shape) not in shapes:
        raise ValueError(
            f"{f.where}: baseline must have shape {' or '.join(map(str, shapes))}, got {tuple(c.shape)}"
        )
    if not ns.is_lazy(c) and not xp.all(xp.isfinite(c)):
        raise ValueError(f"{f.where}: baseline must be finite, got {baseline}")
    return columns(xp, c, phi.ndim - c.ndim)


def optimal_baseline(xp: Namespace, f: Problem, phi: Array) -> Array:
    r"""The constants of least variance, :math:`E[f (b_i - \theta_i)^2] / E (b_i - \theta_i)^2`, (D,)."""
    given = values.given_each(xp, f, phi)
    theta, other = (sigmoid.expit(xp, s * phi) for s in (1.0, -1.0))
    return other * given[:, 1] + theta * given[:, 0]


def centred(
    xp: Namespace,
    f: Problem,
    phi: Array,
    b: Array,
    baseline: Any,
    decay: float,
    optimal: Callable[..., Array] = optimal_baseline,
) -> Array:
    """Values f(b) less their baseline, as what broadcasts with the scores."""
    value = f(b)
    if isinstance(baseline, str) and baseline == "moving_average":
        return columns(xp, value - past_average(xp, value, decay), phi.ndim)
    c = optimal(xp, f, phi) if isinstance(baseline, str) else baseline_array(xp, f, phi, baseline)
    return columns(xp, value, phi.ndim) - c


def past_average(xp: Namespace, f: Array, decay: float) -> Array:
    """For each row the moving average of the rows before: c_0 = 0, c <- decay c + (1 - decay) f.

    Row by row it is a recursion; here the sums over 1, 2, 4 ... rows are doubled.
    """
    total, weight, shift = (1.0 - decay) * f, decay, 1
    while shift < f.shape[0]:
        total = total + weight * xp.concat([xp.zeros_like(total[:shift]), total[:-shift]])
        weight, shift = weight * weight, 2 * shift
    return xp.concat([xp.zeros_like(total[:1]), total[:-1]])


def moments(rule: Callable[..., Rule], law: Law) -> MomentsRule:
    """By enumeration; a moving average, independent of its row, adds Var(c) E[score score'] to the covariance."""

    def found(bound: Bound) -> Comoments:
        baseline, decay = bound.options["baseline"], bound.options["decay"]
        if not isinstance(baseline, str) or baseline == "optimal":
            return product(rule)(bound)
        xp, f, (phi,) = bound.xp, bound.f, bound.parameters
        table, chance = values.outcomes(xp, f, phi, law)
        mean = values.contracted(xp, table, chance)
        spread = (1.0 - decay) / (1.0 + decay) * values.contracted(xp, (table - mean) ** 2, chance)
        centred = product(rule)(bound._replace(options={"baseline": mean, "decay": decay}))
        scores = summed(bound, rule(xp, phi), law.noise, lambda noise: _scores(law, bound, noise))
        return centred._replace(scatter=centred.scatter + spread * scores.scatter)

    return found


def _scores(law: Law, bound: Bound, noise: Array) -> Array:
    xp, (phi,) = bound.xp, bound.parameters
    return rows(xp, law.score(xp, phi, law.sample(xp, phi, noise)))


@estimator(
    exact=moments(rules.samples, LAW),
    needs="f",
    evaluations="1",
    bias="unbiased",
    equation=r"(f(b) - c)(b - \theta)",
    source="""R. J. Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", Machine
Learning 8, 1992, theorem 1; Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic
Neurons for Conditional Computation", arXiv:1308.3432, 2013, section 4 (the centring of least variance).""",
)
def score_function(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, baseline: Baseline = 0.0, decay: Decay = 0.99
) -> Array:
    r"""Score-function estimator, REINFORCE, of the gradient of :math:`E f(b)`.

    .. math:: \hat g = (f(b) - c)(b - \theta), \quad b = [\phi + \text{noise} > 0], \quad \theta = \sigma(\phi)

    The score :math:`b - \theta` has mean 0, so that any c independent of b leaves the mean as it is. The variance of
    coordinate i is least for

    .. math:: c_i = \frac{E[f(b) (b_i - \theta_i)^2]}{E (b_i - \theta_i)^2}
                  = (1 - \theta_i)\, E[f \mid b_i = 1] + \theta_i\, E[f \mid b_i = 0]

    where the weights are the other way round than in the mean. The moving average starts at 0 and knows past rows only,
    :math:`c \leftarrow \text{decay}\, c + (1 - \text{decay}) f`: one that includes the current row scales the mean by the
    decay. Its `exact_moments` are those of a row with a long past.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.score_function(lambda b: b[..., 0], np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[-0. ],
           [ 0.5]])
    """
    b = sample(xp, phi, noise)
    return centred(xp, f, phi, b, baseline, decay) * score(xp, phi, b)
