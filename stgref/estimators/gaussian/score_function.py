"""The score-function estimator of Gaussian gradients, with its baselines."""

from __future__ import annotations

from typing import Annotated, Any

from stgref.estimators import values
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import quadrature
from stgref.estimators.gaussian import nodes
from stgref.estimators.gaussian.family import GAUSSIAN, NORMAL, SOURCE, Gradients, sample, score
from stgref.estimators.gaussian.values import tabulated
from stgref.estimators.options import Decay, Option
from stgref.estimators.problem import Problem
from stgref.estimators.score_function import NAMED, baseline_array, past_average
from stgref.numerics import namespace as ns
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace


def _check(where: str, name: str, value: Any) -> Any:
    if isinstance(value, str) and value not in NAMED:
        raise ValueError(
            f'{where}: {name} takes a number, an array, Gradients of them, "optimal" or "moving_average", got {value!r}'
        )
    for part in value if isinstance(value, Gradients) else (value,):
        if not isinstance(part, str) or part is not value:
            ns.check_kind(where, name, part)
    return value


Baseline = Annotated[
    Any,
    Option(
        "float, array of shape (D,), Gradients of them, or str",
        "The constant c, one for each coordinate if it is an array, and one for mu and one for std if it is a `Gradients`; "
        '``"optimal"`` is the one of least variance for each, ``"moving_average"`` that of the past rows.',
        _check,
    ),
]


def optimal_baseline(xp: Namespace, f: Problem, mu: Array, std: Array) -> Gradients:
    r"""The constants of least variance, :math:`E f s^2 / E s^2` with the score s, (D,) for mu and for std."""
    table = tabulated(xp, f, mu, std, f.where)
    given = values.conditional(xp, table.values, table.chance) * table.chance
    squares = (s * s for s in score(xp.ones_like(mu)[:, None], table.noise))
    return Gradients(*(xp.sum(given * s, axis=-1) / m for s, m in zip(squares, (1.0, 2.0), strict=True)))


@quadrature
def _moments(bound: Bound) -> Comoments:
    """By quadrature; a moving average, independent of its row, adds Var(c) E[score^2] to the variances."""
    xp, f, (mu, std), baseline = bound.xp, bound.f, bound.parameters, bound.options["baseline"]
    if not isinstance(baseline, str):
        return nodes.moments_of_differences(bound)
    if baseline == "optimal":
        best = optimal_baseline(xp, f, mu, std)
        return nodes.moments_of_differences(bound._replace(options={**bound.options, "baseline": best}))
    table = tabulated(xp, f, mu, std, f.where)
    mean = values.contracted(xp, table.values, table.chance)
    spread = values.contracted(xp, (table.values - mean) ** 2, table.chance)
    decay = bound.options["decay"]
    found = nodes.moments_of_differences(bound._replace(options={**bound.options, "baseline": mean}))
    squares = xp.concat([1.0 / std / std, 2.0 / std / std])
    extra = (1.0 - decay) / (1.0 + decay) * spread * squares
    own = xp.eye(extra.shape[0], dtype=mu.dtype, device=bound.device)
    return found._replace(scatter=found.scatter + found.weight * own * extra)


@estimator(
    exact=_moments,
    family=GAUSSIAN,
    noise=NORMAL,
    needs="f",
    evaluations="1",
    bias="unbiased",
    equation=r"\left((f(x) - c)\, \varepsilon / \text{std},\; (f(x) - c)(\varepsilon^2 - 1) / \text{std}\right)",
    source=f"{SOURCE}, section 4 (score-function estimators).",
)
def score_function(
    xp: Namespace,
    f: Problem,
    mu: Array,
    std: Array,
    noise: Array,
    *,
    baseline: Baseline = 0.0,
    decay: Decay = 0.99,
) -> Gradients:
    r"""Score-function estimator, REINFORCE, of the gradients of :math:`E f(x)`, :math:`x_i \sim N(\mu_i, \text{std}_i^2)`.

    .. math:: {\hat g}_\mu = (f(x) - c)\, \varepsilon / \text{std}, \quad
              {\hat g}_\text{std} = (f(x) - c)\, (\varepsilon^2 - 1) / \text{std}, \quad x = \mu + \text{std}\, \varepsilon

    The score has mean 0, so that any c independent of x leaves the mean as it is. The variance of coordinate i is least for
    :math:`c_i = E[f \varepsilon_i^2]` for mu and :math:`c_i = E[f (\varepsilon_i^2 - 1)^2] / 2` for std, which
    quadrature finds, for a smooth f of few variables. The moving average starts at 0 and knows past rows only,
    :math:`c \leftarrow \text{decay}\, c + (1 - \text{decay}) f`: one that includes the current row scales the mean by the
    decay. Its `exact_moments` are those of a row with a long past.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.0)
    >>> estimators.gaussian.score_function(f, np.array([1.0]), np.array([0.5]), np.array([[-2.0], [2.0]]))
    Gradients(mu=array([[-0.],
           [16.]]), std=array([[ 0.],
           [24.]]))
    """
    value = f(sample(xp, mu, std, noise))
    if not isinstance(baseline, str):
        pair = baseline if isinstance(baseline, Gradients) else (baseline, baseline)
        c = Gradients(*(baseline_array(xp, f, mu, part) for part in pair))
    elif baseline == "optimal":
        c = optimal_baseline(xp, f, mu, std)
    else:
        past = past_average(xp, value, decay)[:, None]
        c = Gradients(past, past)
    return Gradients(*((value[:, None] - c_i) * s for c_i, s in zip(c, score(std, noise), strict=True)))
