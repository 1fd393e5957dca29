"""What the estimators are asked: for each family of variables, the noise, the options, the objectives and the ranges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.layers import Grid
from validation.vectors.estimates import estimates
from validation.vectors.other_estimates import categorical, gates, gaussian

ROWS = 3
QUOTA = {"bulk": 6, "tail": 3, "extreme": 2, "edge": 1}
"""How many cases of each flag."""

Options = dict[str, Any]
Range = tuple[float, float]


@dataclass(frozen=True)
class Family:
    """Estimators of the gradient with respect to the parameters of one law.

    Parameters
    ----------
    owner : str
        What their names begin with.
    parameters : mapping
        The axes of each.
    results : tuple of str
        What an estimate consists of.
    ask : callable
        The oracle: takes the name, the objective, parameters, noise and options.
    plain : mapping
        The axes of the noise of most.
    fields : mapping
        Those of the others.
    options : mapping
        Sets of options by name of the estimator.
    objectives : mapping
        By the sizes of D, and of K where there are categories.
    ranges : mapping
        Of parameters and noise by flag; those of the bulk for the edge.
    far : tuple of float
        The parameters of the extremes, drawn with replacement; none where they have ranges.
    """

    owner: str
    parameters: Mapping[str, str]
    results: tuple[str, ...]
    ask: Callable[..., dict[str, Grid]]
    plain: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]
    options: Mapping[str, list[Options]]
    objectives: Mapping[tuple[int, ...], list[dict[str, Any]]]
    ranges: Mapping[str, Mapping[str, Range]]
    far: tuple[float, ...] = ()
    defaults: Mapping[str, Range] = field(default_factory=dict)

    def noise(self, name: str) -> Mapping[str, str]:
        """Return the axes of the noise of an estimator.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        mapping
            By field.
        """
        return self.fields.get(name, self.plain)

    def range(self, flag: str, name: str) -> Range:
        """Return the range of a parameter, or of a field of the noise.

        Parameters
        ----------
        flag : str
            Of the case.
        name : str
            Of the parameter or field.

        Returns
        -------
        tuple of float
            Both ends.
        """
        found = self.ranges.get(flag, self.ranges["bulk"])
        return self.defaults.get(name) or found.get(name) or found["noise"]


LATENT: Options = {"name": "Quadratic", "t": 0.25, "weight": 0.125}
SCORED: list[Options] = [{}, {"baseline": 0.375}, {"baseline": "moving_average", "decay": 0.75}]
RELAXED: list[Options] = [{"temperature": 0.5}, {"temperature": 1.25}]
COMMON: dict[str, list[Options]] = {
    "score_function": [*SCORED, {"baseline": "optimal"}],
    "rloo": [{"k": 2}, {"k": 4}],
    "relaxation": RELAXED,
    "gumbel_softmax_st": RELAXED,
    "gumbel_rao": [{"temperature": 0.5, "k": 2}, {"temperature": 1.0, "k": 3}],
    "reinmax": [{"temperature": 1.0}, {"temperature": 1.5}],
    "measure_valued": [{}],
    "rebar": [
        {"temperature": 0.5, "eta": 1.0},
        {"temperature": 0.75, "eta": -0.5, "coupling": "coupled"},
    ],
}
SMOOTH: list[Options] = [{}, {"derivative": "sigmoid", "temperature": 0.75}]


def controlled(variate: Options) -> list[Options]:
    """Return the options of RELAX.

    Parameters
    ----------
    variate : dict
        The control variate.

    Returns
    -------
    list of dict
        Independent and coupled.
    """
    return [{"control_variate": variate}, {"control_variate": variate, "coupling": "coupled"}]


BERNOULLI = Family(
    owner="estimators",
    parameters={"logits": "D"},
    results=("value",),
    ask=estimates,
    plain={"noise": "n D"},
    fields={
        "rloo": {"noise": "n k D"},
        "gumbel_rao": {"noise.latent": "n D", "noise.conditional": "n k D"},
        "arms": {"noise.copula": "n k D"},
        "rebar": {"noise.latent": "n D", "noise.conditional": "n D"},
        "relax": {"noise.latent": "n D", "noise.conditional": "n D"},
        "double_cv": {"noise.latent": "n k D"},
        "vimco": {"noise.latent": "n k D"},
        "sts": {"noise.latent": "n D"},
    },
    options={
        **COMMON,
        "straight_through": [*SMOOTH, {"derivative": "clipped"}],
        "relax": controlled(LATENT),
        "arm": [{}],
        "disarm": [{}],
        "arms": [{"k": 2}, {"k": 3}, {"k": 4}],
        "muprop": [{}],
        "double_cv": [{"k": 2, "alpha": 0.5}, {"k": 3, "alpha": -1.0}],
        "finite_difference": [{"step": 0.25}, {"step": 1.0}],
        "vimco": [{"k": 2}, {"k": 3, "average": "arithmetic"}, {"k": 3, "average": "geometric"}],
        "sts": [{}],
        "noisy_rectifier": [{}],
        "multiplicative_noise": [{"rate": 0.25}, {"rate": 0.5}],
    },
    objectives={
        (2,): [
            {"name": "Pairwise", "Q": [[1.0, 0.625], [0.0, 2.0]], "a": [-0.875, -1.25], "c": 0.5},
            {"name": "Multilinear", "coefficients": [[0.25, -1.5], [0.75, 2.0]]},
            {"name": "Linear", "a": [0.5, -1.25], "c": 0.375},
        ],
        (3,): [
            {"name": "Quadratic", "t": [0.125, 0.5625, 0.875], "weight": [1.0, 2.0, 0.5]},
            {
                "name": "Multilinear",
                "coefficients": [[[0.5, -1.0], [0.25, 1.5]], [[-0.75, 0.625], [2.0, -1.25]]],
            },
            {"name": "MeanQuadratic", "t": 0.4375},
        ],
        (1,): [{"name": "Quadratic", "t": 0.4375}],
    },
    ranges={
        "bulk": {"logits": (-3, 3), "noise": (-4, 4)},
        "tail": {"logits": (-30, 30), "noise": (-12, 12)},
        "extreme": {"noise": (-12, 12)},
    },
    far=(-1000.0, -700.0, -90.0, 0.0, 1e-8, 90.0, 1000.0),
)

PAIRS = [[1.0, 0.625, 0.0, -0.5], [0.0, 2.0, 0.25, 0.0], [0.75, 0.0, -1.0, 0.5], [0.0, 0.0, 0.0, 0.5]]
CATEGORICAL = Family(
    owner="estimators.categorical",
    parameters={"logits": "D K"},
    results=("value",),
    ask=categorical,
    plain={"noise": "n D K"},
    fields={
        "rloo": {"noise": "n k D K"},
        "gumbel_rao": {"noise.latent": "n D K", "noise.conditional": "n k D K"},
        "arsm": {"noise.log_pi": "n D K"},
        "rebar": {"noise.latent": "n D K", "noise.conditional": "n D K"},
        "relax": {"noise.latent": "n D K", "noise.conditional": "n D K"},
    },
    options={
        **COMMON,
        "straight_through": SMOOTH,
        "relax": controlled({"name": "Flattened", "objective": LATENT}),
        "arsm": [{}],
    },
    objectives={
        (2, 2): [
            {"name": "Flattened", "objective": {"name": "Pairwise", "Q": PAIRS, "a": [-0.5, 0.25, 1.0, 0.0]}},
        ],
        (2, 3): [
            {"name": "Linear", "a": [[0.5, -1.25, 2.0], [0.25, 1.5, -0.75]], "c": 0.375},
            {"name": "Quadratic", "t": [[0.125, 0.5625, 0.875], [0.25, 0.5, 0.75]]},
        ],
        (1, 4): [
            {"name": "Flattened", "objective": {"name": "Pairwise", "Q": PAIRS, "c": 0.5}},
            {"name": "Quadratic", "t": [[0.125, 0.5625, 0.875, 0.25]]},
        ],
    },
    ranges={
        "bulk": {"logits": (-3, 3), "noise": (-2, 5)},
        "tail": {"logits": (-30, 30), "noise": (-2, 12)},
        "extreme": {"noise": (-2, 12)},
    },
    far=(-1000.0, -700.0, -90.0, 0.0, 1e-8, 90.0, 1000.0),
    defaults={"noise.log_pi": (-6, -0.05)},
)

SMOOTHED: dict[tuple[int, ...], list[dict[str, Any]]] = {
    (2,): [
        {"name": "Pairwise", "Q": [[1.0, 0.625], [0.0, 2.0]], "a": [-0.875, -1.25], "c": 0.5},
        {"name": "Linear", "a": [0.5, -1.25], "c": 0.375},
    ],
    (3,): [
        {"name": "Quadratic", "t": [0.125, 0.5625, 0.875], "weight": [1.0, 2.0, 0.5]},
        {"name": "MeanQuadratic", "t": 0.4375},
    ],
    (1,): [{"name": "Quadratic", "t": 0.4375}],
}
GAUSSIAN = Family(
    owner="estimators.gaussian",
    parameters={"mu": "D", "std": "D"},
    results=("mu", "std"),
    ask=gaussian,
    plain={"noise": "n D"},
    fields={
        "measure_valued": {
            f"noise.{name}": "n D"
            for name in ("sample", "weibull", "maxwell", "uniform", "other_weibull", "other_normal")
        }
    },
    options={
        "pathwise": [{}],
        "score_function": SCORED,
        "measure_valued": [{}, {"coupling": "independent"}],
    },
    objectives=SMOOTHED,
    ranges={
        "bulk": {"mu": (-2, 2), "std": (0.1, 3), "noise": (-3, 3)},
        "tail": {"mu": (-50, 50), "std": (0.01, 30), "noise": (-8, 8)},
        "extreme": {"mu": (-1000, 1000), "std": (0.001, 0.01), "noise": (-8, 8)},
    },
    defaults={
        "noise.weibull": (0.05, 4),
        "noise.other_weibull": (0.05, 4),
        "noise.uniform": (0.01, 0.99),
    },
)


def gate_family(
    law: str, trained: str, others: tuple[str, ...], options: list[Options], reach: Mapping[str, Range]
) -> Family:
    """Describe the pathwise estimator of a gate.

    Parameters
    ----------
    law : str
        The law of the gate.
    trained : str
        Its trained parameter.
    others : tuple of str
        Its other parameters.
    options : list of dict
        Sets of these.
    reach : mapping
        Ranges of the trained parameter and of the noise; in the tails they are four times as wide.

    Returns
    -------
    Family
        Of one estimator.
    """
    far = {name: (4 * low, 4 * high) for name, (low, high) in reach.items()}
    return Family(
        owner="estimators.gates",
        parameters={trained: "D"},
        results=(trained, *others),
        ask=gates,
        plain={"noise": "n D"},
        fields={},
        options={law: options},
        objectives=SMOOTHED,
        ranges={"bulk": reach, "tail": far, "extreme": far},
    )


GATES = (
    gate_family(
        "hard_concrete",
        "log_alpha",
        ("temperature", "lower", "upper"),
        [
            {"temperature": 0.5, "lower": -0.25, "upper": 1.5},
            {"temperature": 1.5, "lower": -0.125, "upper": 1.125},
        ],
        {"log_alpha": (-2, 2), "noise": (-2, 2)},
    ),
    gate_family(
        "rectified_gaussian",
        "mu",
        ("std",),
        [{"std": 0.5}, {"std": 0.125}],
        {"mu": (-0.25, 1.25), "noise": (-2, 2)},
    ),
)
FAMILIES: dict[str, tuple[Family, ...]] = {
    "estimators": (BERNOULLI,),
    "estimators_categorical": (CATEGORICAL,),
    "estimators_gaussian": (GAUSSIAN,),
    "estimators_gates": GATES,
}
"""By the name of the set."""


def family_of(function: str) -> Family:
    """Find the family of an estimator.

    Parameters
    ----------
    function : str
        Its public name.

    Returns
    -------
    Family
        The family.
    """
    owner, _, name = function.rpartition(".")
    every = (family for some in FAMILIES.values() for family in some)
    return next(family for family in every if family.owner == owner and name in family.options)
