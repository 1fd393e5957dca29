"""What is asked: the cases, which are always the same, so that no verdict depends on what else a subject has."""

from types import MappingProxyType

from stgref.conformance.sampling.case import SamplerCase
from stgref.conformance.sampling.categorical import CategoricalCase
from stgref.conformance.sampling.estimators import EstimatorCase, MovingAverageCase, SmoothCase
from stgref.conformance.sampling.laws import LawCase

LOCATIONS = ((0.5, -3.0, 0.0, 10.0), (2.0, 0.1, 0.5, 10.0))


def _law(law: str, *parameters: tuple[float, ...]) -> LawCase:
    return LawCase(f"{law}.sample", "columns", parameters)


def _estimator(estimator: str, name: str = "default", **options: object) -> EstimatorCase:
    return EstimatorCase(f"estimators.{estimator}.sample", name, MappingProxyType(options))


def _smooth(estimator: str, name: str = "default", **options: object) -> SmoothCase:
    return SmoothCase(f"estimators.{estimator}.sample", name, MappingProxyType(options))


def _moving_average(**options: object) -> MovingAverageCase:
    return MovingAverageCase("estimators.score_function.sample", "moving_average", MappingProxyType(options))


CASES: tuple[SamplerCase, ...] = (
    _law("logistic", *LOCATIONS),
    _law("normal", *LOCATIONS),
    _law("gumbel", *LOCATIONS),
    _law("bernoulli", (-0.3, 4.0, 0.2, 1.5)),
    _law("binary_concrete", (0.3, -2.0, 0.5, 1.0), (2 / 3, 0.3, 2.0, 0.1)),
    _law(
        "hard_concrete",
        (0.4, -2.5, 3.0, 0.5),
        (2 / 3, 0.3, 1.5, 0.5),
        (-0.1, -0.5, -2.0, -0.1),
        (1.1, 1.05, 2.0, 1.3),
    ),
    _law("rectified_gaussian", (0.5, -0.3, 0.9, 0.2), (0.5, 0.4, 0.25, 2.0)),
    _law("kumaraswamy", (0.5, 2.0, 5.0, 1.0), (0.5, 3.0, 1.5, 0.25)),
    _law(
        "hard_kumaraswamy",
        (0.4, 3.0, 1.0, 0.7),
        (0.6, 2.0, 3.0, 0.7),
        (-0.1, -0.5, -2.0, -0.1),
        (1.1, 1.05, 2.0, 1.3),
    ),
    CategoricalCase(
        "categorical.sample",
        "columns",
        ((0.0, 0.0, 0.0), (1.0, -1.0, 0.5), (-4.0, 0.0, 1.0), (0.3, 0.2, 3.0)),
    ),
    _estimator("score_function"),
    _estimator("score_function", "baseline", baseline=0.7),
    _moving_average(baseline="moving_average", decay=0.75),
    _estimator("rloo", k=3),
    _estimator("straight_through", derivative="identity"),
    _estimator("straight_through", "sigmoid", derivative="sigmoid", temperature=0.4),
    _smooth("relaxation", temperature=0.6),
    _smooth("gumbel_softmax_st", temperature=0.6),
    _smooth("gumbel_rao", temperature=0.6, k=2),
    _estimator("reinmax", temperature=0.6),
    _estimator("arm"),
    _estimator("disarm"),
    _estimator("arms", k=3),
    _estimator("muprop"),
    _estimator("measure_valued"),
    _smooth("rebar", temperature=0.6, eta=0.5),
    _smooth("rebar", "coupled", temperature=0.6, eta=0.5, coupling="coupled"),
    _smooth("relax", control_variate=None),
    _estimator("double_cv", k=2, alpha=-0.3),
    _estimator("finite_difference", step=0.5),
    _estimator("vimco", k=3),
    _estimator("sts"),
    _smooth("noisy_rectifier"),
    _estimator("multiplicative_noise"),
)
"""In the order in which they are reported."""

COUNT = sum(len(case.tests) for case in CASES)
"""How many checks share the false-alarm budget, whether a subject has all samplers or one."""

SAMPLERS = frozenset(case.function for case in CASES)
"""The names of the functions."""
