"""What a subject declares about itself: conventions in which implementations differ, none of them wrong.

A convention that is declared is what the subject is held to; one that is not is a defect where it changes an answer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import logit

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.values import Array

CLIP_GRADIENTS = ("closed", "open", "half")
TEST_TIME_RULES = ("louizos", "median", "mean")
CLAMPS = ("probability", "uniform")
MAX_BYTES = 1 << 16


@dataclass(frozen=True)
class Parameterisation:
    """A parameter under another meaning: the law's own is a function of it.

    Parameters
    ----------
    own : callable
        The law's parameter, given the subject's.
    slope : callable
        Its derivative.
    low, high : float
        Between which the subject's lies, ends excluded; cases outside cannot be asked.
    """

    own: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    low: float = -np.inf
    high: float = np.inf


def _drop_rate() -> Parameterisation:
    return Parameterisation(lambda r: -logit(r), lambda r: -1 / (r * (1 - r)), 0.0, 1.0)


PARAMETERISATIONS: Mapping[str, Mapping[str, Parameterisation]] = {
    "mu": {"mu + 0.5": Parameterisation(lambda x: x + 0.5, np.ones_like)},
    "log_alpha": {
        "-log_alpha": Parameterisation(np.negative, lambda x: -np.ones_like(x)),
        "alpha": Parameterisation(np.log, lambda x: 1 / x, 0.0),
        "drop rate": _drop_rate(),
    },
    "std": {
        "log std": Parameterisation(np.exp, np.exp, -300.0, 300.0),
        "variance": Parameterisation(np.sqrt, lambda x: 0.5 / np.sqrt(x), 0.0),
    },
}
"""By the law's parameter: what a subject may have in its place."""


def _mapping(what: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"profile: {what or 'it'} takes a mapping, got {given!r}")
    return given


def _known(what: str, given: Any, known: Any) -> None:
    if given is not None and (not isinstance(given, str) or given not in known):
        takes = ", ".join(str(each) for each in known if each is not None)
        raise ValueError(f"profile: {f'{what} ' if what else ''}takes one of {takes}; got {given!r}")


@dataclass(frozen=True)
class Profile:
    """The conventions that a subject declares; None and nothing are stgref's own.

    Parameters
    ----------
    clip_gradient : {"closed", "open", "half"}, optional
        The derivative at a clip point: the one from inside, 0, or their mean. Without it, any of them is acceptable.
    test_time_rule : {"louizos", "median", "mean"}, optional
        What a layer multiplies by in its test-time pass: the clipped sigmoid(log_alpha) or mu of Louizos et al., the median
        or the exact mean of the gate.
    parameters : mapping, optional
        What a subject takes in place of a parameter: ``"mu": "mu + 0.5"`` counts mu from 1/2, as Yamada et al. do;
        ``"log_alpha"``: ``"-log_alpha"``, ``"alpha"`` or ``"drop rate"``; ``"std"``: ``"log std"`` or ``"variance"``. The numbers of a
        case are taken for the subject's parameter, and gradients are to that.
    clamps : mapping, optional
        ``"probability"``: eps, where open probabilities are kept between eps and 1 - eps; ``"uniform"``: eps, where the uniform
        behind the noise is.

    Raises
    ------
    ValueError
        If there is no such convention.

    Examples
    --------
    >>> from stgref.conformance import Profile
    >>> Profile(parameters={"mu": "mu + 0.5"}).parameters["mu"]
    'mu + 0.5'
    """

    clip_gradient: str | None = None
    test_time_rule: str | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    clamps: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        _known("clip_gradient", self.clip_gradient, (None, *CLIP_GRADIENTS))
        _known("test_time_rule", self.test_time_rule, (None, *TEST_TIME_RULES))
        for name, meaning in _mapping("parameters", self.parameters).items():
            _known("parameters", name, PARAMETERISATIONS)
            _known(f"parameters, {name}", meaning, PARAMETERISATIONS[name])
        for name, eps in _mapping("clamps", self.clamps).items():
            _known("clamps", name, CLAMPS)
            if isinstance(eps, bool) or not isinstance(eps, int | float) or not 0 < eps < 0.5:
                raise ValueError(f"profile: clamps, {name} takes a number between 0 and 0.5, got {eps!r}")


PLAIN = Profile()

PROFILES = {
    "captum": Profile(clip_gradient="closed", test_time_rule="louizos"),
    "torch": Profile(clip_gradient="closed"),
    "jax": Profile(clip_gradient="half"),
    "stg": Profile(clip_gradient="closed", parameters={"mu": "mu + 0.5"}),
}
"""By the name of who has these conventions."""


def profile_of(given: Any) -> Profile:
    """Return a profile.

    Parameters
    ----------
    given : Profile, mapping, str, pathlib.Path or None
        A profile or its fields; the name of one of `PROFILES`, or a JSON file with the fields; None declares nothing.

    Returns
    -------
    Profile
        The profile.

    Raises
    ------
    UnusableInputError
        If a file cannot be read, or is no profile.
    TypeError, ValueError
        If it is no profile.
    """
    if given is None or isinstance(given, Profile):
        return given or PLAIN
    if isinstance(given, str | Path):
        return PROFILES[str(given)] if str(given) in PROFILES else _read(Path(given))
    return _from_fields(given)


def _read(path: Path) -> Profile:
    if path.suffix.lower() != ".json":
        raise ValueError(f"profile: takes one of {', '.join(PROFILES)} or a .json file, got {str(path)!r}")
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES)
        return _from_fields(json.loads(text))
    except OSError as error:
        raise UnusableInputError(f"profile {path}: {error.strerror or 'cannot be read'}") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusableInputError(f"profile {path}: {error}") from None


def _from_fields(given: Any) -> Profile:
    known = [each.name for each in fields(Profile)]
    for name in _mapping("", given):
        _known("", name, known)
    return Profile(**given)
