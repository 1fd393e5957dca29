"""The table of estimators: what `draw_noise`, `exact_moments`, the documentation and the tests go through."""

from __future__ import annotations

from typing import NamedTuple

from stgref.estimators import categorical, gates, gaussian
from stgref.estimators.arm import arm
from stgref.estimators.arms import arms
from stgref.estimators.disarm import disarm
from stgref.estimators.double_cv import double_cv
from stgref.estimators.estimator import Estimator
from stgref.estimators.finite_difference import finite_difference
from stgref.estimators.measure_valued import measure_valued
from stgref.estimators.muprop import muprop
from stgref.estimators.noise_injection import multiplicative_noise, noisy_rectifier
from stgref.estimators.reinmax import reinmax
from stgref.estimators.relax import rebar, relax
from stgref.estimators.relaxation import gumbel_rao, gumbel_softmax_st, relaxation
from stgref.estimators.rloo import rloo
from stgref.estimators.score_function import score_function
from stgref.estimators.straight_through import straight_through
from stgref.estimators.sts import sts
from stgref.estimators.vimco import vimco

ROWS: tuple[Estimator, ...] = (
    score_function,
    rloo,
    straight_through,
    relaxation,
    gumbel_softmax_st,
    gumbel_rao,
    reinmax,
    arm,
    disarm,
    arms,
    muprop,
    measure_valued,
    rebar,
    relax,
    double_cv,
    finite_difference,
    vimco,
    sts,
    noisy_rectifier,
    multiplicative_noise,
)


class Row(NamedTuple):
    """What there is to know of an estimator.

    Attributes
    ----------
    name : str
        Its name, as in ``"disarm"`` or ``"gaussian.pathwise"``.
    needs : str
        What it asks of the objective: ``"f"``, ``"grad f"`` or both.
    evaluations : str
        How often, for one estimate.
    bias : str
        Whether its mean is the gradient.
    noise : str
        The noise it takes.
    options : tuple of str
        Its options.
    equation : str
        One estimate, in LaTeX.
    source : str
        Where it was published.
    """

    name: str
    needs: str
    evaluations: str
    bias: str
    noise: str
    options: tuple[str, ...]
    equation: str
    source: str


def row(estimator: Estimator) -> Row:
    """The row of one estimator."""
    name = estimator.name.removeprefix("estimators.")
    needs, evaluations, bias, equation, source = estimator.facts
    return Row(
        name,
        needs,
        evaluations,
        bias,
        str(estimator.noise),
        (*estimator.family.defaults, *estimator.options),
        equation,
        " ".join(source.split()),
    )


def table() -> list[Row]:
    """All estimators, with what each needs and where it comes from.

    Returns
    -------
    list of Row
        One for each estimator.

    Examples
    --------
    >>> from stgref import estimators
    >>> {row.name: row.evaluations for row in estimators.table()}["disarm"]
    '2'
    """
    return [row(estimator) for estimator in (*ROWS, *categorical.ROWS, *gaussian.ROWS, *gates.ROWS)]
