"""What a validation found."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from platform import python_version
from typing import Any, Literal, TypeAlias

import numpy as np

import stgref
from stgref.conformance.spread import Spread

FORMAT = "stgref report, version 1"
Status: TypeAlias = Literal["pass", "fail", "acceptable", "skipped"]


@dataclass(frozen=True)
class Worst:
    """The number of a case that is furthest off.

    Parameters
    ----------
    result : str
        The result that it is in.
    index : tuple of int
        Its place there.
    tolerances, ulp : float
        Its error, in tolerances and in units in the last place of the right number.
    got, wanted : str
        The subject's number and stgref's, in hexadecimal.
    inputs : mapping
        The inputs that it comes from, in hexadecimal.
    """

    result: str
    index: tuple[int, ...]
    tolerances: float
    ulp: float
    got: str
    wanted: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Statistics:
    """What was measured of a sample, where it is furthest off.

    Probabilities are in units of 1, means and second moments in standard deviations of one value.

    Parameters
    ----------
    where : str
        The column, pair or event.
    samples : int
        How many values were tested there.
    statistic, threshold : float
        How far off they are, and what is too far.
    level : float
        The probability that the whole check blames a right sampler.
    detectable : float
        The smallest effect there that is missed no more often than that.
    effect, needed : float, int
        How many samples it takes to see an effect of this size.
    seed : str
        ``validate(subject, rng=int(seed))`` draws the same sample again.
    curve : tuple of tuple of float
        Of a distribution: points x, and how much of the sample and of the law is at most x.
    """

    where: str
    samples: int
    statistic: float
    threshold: float
    level: float
    detectable: float
    effect: float
    needed: int
    seed: str
    curve: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class Check:
    """What was found about one case.

    Parameters
    ----------
    subject, function, id, dtype : str
        Whose output of which case. A function that the subject does not implement has one check, with the id ``"*"``.
    status : {"pass", "fail", "acceptable", "skipped"}
        What was found.
    diagnosis : str
        Why it fails, or is skipped.
    defect : str or None
        The known defect that explains the failure.
    expected : bool
        Whether this was to be expected: of a recording without a list of expected defects, that nothing fails.
    count : int
        How many numbers were compared.
    worst : Worst or None
        The one that is furthest off.
    statistics : Statistics or None
        Of a sampler: what was measured.
    spread : Spread or None
        Of several numbers: how their errors are spread.
    """

    subject: str
    function: str
    id: str
    dtype: str
    status: Status
    diagnosis: str = ""
    defect: str | None = None
    expected: bool = True
    count: int = 0
    worst: Worst | None = None
    statistics: Statistics | None = None
    spread: Spread | None = None


@dataclass(frozen=True)
class Report:
    """What was found.

    Parameters
    ----------
    subjects : tuple of mapping
        About whom: at least the ``name`` of each.
    tolerance : float
        The factor of the tolerance.
    checks : tuple of Check
        One for each case.
    """

    subjects: tuple[Mapping[str, str], ...]
    tolerance: float
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check came out as expected."""
        return all(check.expected for check in self.checks)

    def to_json(self) -> str:
        """Write the whole report.

        Returns
        -------
        str
            A JSON document, with a line for each check.
        """
        head = json.dumps(
            {
                "format": FORMAT,
                "made_by": f"stgref {stgref.__version__}, NumPy {np.__version__}, Python {python_version()}",
                "passed": self.passed,
                "tolerance": self.tolerance,
                "subjects": [dict(subject) for subject in self.subjects],
                "checks": [],
            },
            indent=1,
        )
        lines = (json.dumps(_finite(asdict(check)), allow_nan=False) for check in self.checks)
        return head.removesuffix("]\n}") + "\n  " + ",\n  ".join(lines) + "\n ]\n}"


def _finite(node: Any) -> Any:
    """Write an infinite error as text, for JSON has no infinity."""
    if isinstance(node, dict):
        return {key: _finite(value) for key, value in node.items()}
    if isinstance(node, tuple):
        return [_finite(value) for value in node]
    return str(node) if isinstance(node, float) and not math.isfinite(node) else node
