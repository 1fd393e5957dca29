"""Exact estimates for categorical and for normal variables, as `validation.vectors.estimates` has them of bits."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from tests.estimators.oracle import choices, normals
from tests.oracle.layers import Grid
from validation.vectors.estimates import MOVING_AVERAGE, TUPLES, Given, flat, option, resolved
from validation.vectors.objectives import Objective
from validation.vectors.tracked import Arithmetic, Tracked


class Question(choices.Choices):
    """A problem of the oracle whose objective's values and slopes count as numbers computed by themselves."""

    @cached_property
    def phi(self) -> list[list[Tracked]]:
        """The logits."""
        return [[self.m.argument(a) for a in row] for row in self.logits]

    def f(self, points: Any) -> Tracked:
        """The objective."""
        return self.m.mpf(super().f(points)).rounded()

    def df(self, points: Any) -> list[list[Tracked]]:
        """Its partial derivatives."""
        return [[self.m.mpf(slope).rounded() for slope in row] for row in super().df(points)]

    def softmax(self, row: Any) -> list[Tracked]:
        """Probabilities of logits."""
        return self.m.softmax(row)

    def log_sum(self, row: Any) -> Tracked:
        """What normalises them."""
        return self.m.log_sum(row)


def categorical(
    name: str, objective: Given, parameters: Given, noise: Given, options: Given
) -> dict[str, Grid]:
    """Return the exact estimates for categorical variables.

    Parameters
    ----------
    name : str
        Of the estimator.
    objective, parameters, noise, options : mapping
        As `validation.vectors.estimates.estimates` takes them; the logits have shape (D, K).

    Returns
    -------
    dict
        The ``value``, of shape (n, D, K).
    """
    logits = tuple(map(tuple, parameters["logits"]))

    def attempt(m: Arithmetic) -> dict[str, list[Any]]:
        asked = Objective(dict(objective), m.argument)
        p = Question(asked.f, asked.df, logits, m)
        given = {key: option(m, value) for key, value in options.items()}
        fields = [_arguments(m, field) for field in noise.values()]
        if given.get("baseline") == MOVING_AVERAGE:
            return {"value": choices.moving_average(p, fields[0], decay=given["decay"])}
        return {"value": [_chosen(name, p, list(row), dict(given)) for row in zip(*fields, strict=True)]}

    rows = len(next(iter(noise.values())))
    return resolved(attempt, (rows, len(logits), len(logits[0])))


def gaussian(name: str, objective: Given, parameters: Given, noise: Given, options: Given) -> dict[str, Grid]:
    """Return the exact estimates for normal variables.

    Parameters
    ----------
    name : str
        Of the estimator.
    objective, parameters, noise, options : mapping
        As `validation.vectors.estimates.estimates` takes them; ``mu`` and ``std`` have shape (D,).

    Returns
    -------
    dict
        ``mu`` and ``std``, of shape (n, D).
    """

    def attempt(m: Arithmetic) -> dict[str, list[Any]]:
        asked = Objective(dict(objective), m.argument)
        mu, std = (_arguments(m, parameters[key]) for key in ("mu", "std"))
        given = {key: option(m, value) for key, value in options.items()}
        common = (_values(asked), _slopes(asked), mu, std)
        fields = [_arguments(m, field) for field in noise.values()]
        if given.get("baseline") == MOVING_AVERAGE:
            rows = normals.moving_average(*common, fields[0], decay=given["decay"])
        else:
            if name == "measure_valued":
                given["root"] = m.mpf(m.context.sqrt(2 * m.context.pi))
            rows = [getattr(normals, name)(*common, *row, **given) for row in zip(*fields, strict=True)]
        return {key: [row[key] for row in rows] for key in ("mu", "std")}

    shape = (len(next(iter(noise.values()))), len(parameters["mu"]))
    return resolved(attempt, shape)


def gates(name: str, objective: Given, parameters: Given, noise: Given, options: Given) -> dict[str, Grid]:
    """Return the exact pathwise estimates for gates.

    Parameters
    ----------
    name : str
        Of the law.
    objective, parameters, noise, options : mapping
        As `validation.vectors.estimates.estimates` takes them; the law's trained parameter has shape (D,), the others are
        options.

    Returns
    -------
    dict
        One result for each parameter of the law, of shape (n, D).
    """
    (trained, numbers), fields = next(iter(parameters.items())), noise["noise"]

    def attempt(m: Arithmetic) -> dict[str, list[Any]]:
        slopes = _slopes(Objective(dict(objective), m.argument))
        given = {key: option(m, value) for key, value in options.items()}
        names = (trained, *given)
        if name == "hard_concrete":
            given["sigmoid"] = m.sigmoid
        estimate, own = getattr(normals, name), _arguments(m, numbers)
        rows = [estimate(slopes, own, _arguments(m, row), **given) for row in fields]
        return {key: [row[key] for row in rows] for key in names}

    return resolved(attempt, (len(fields), len(numbers)))


def _chosen(name: str, p: Question, fields: list[Any], options: dict[str, Any]) -> list[Any]:
    """Ask the oracle for one estimate, with the options that it knows by other names."""
    if options.pop("coupling", "independent") == "coupled":
        fields[1] = None
    if "control_variate" in options:
        c = options.pop("control_variate")
        options["c"] = lambda z: c.f(*flat(z)).rounded()
        options["dc"] = lambda z: p.rows([x.rounded() for x in c.df(*flat(z))])
    if name in TUPLES:
        options.pop("k")
    found: list[Any] = getattr(choices, name)(p, *fields, **options)
    return found


def _arguments(m: Arithmetic, numbers: Any) -> Any:
    """Return nested lists of arguments."""
    return [_arguments(m, x) for x in numbers] if isinstance(numbers, list) else m.argument(numbers)


def _values(asked: Objective) -> Any:
    return lambda *x: asked.f(*x).rounded()


def _slopes(asked: Objective) -> Any:
    return lambda *x: [slope.rounded() for slope in asked.df(*x)]
