"""The sets by name: what each describes, and the cases that it holds."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from tests.oracle import LAWS
from tests.oracle.vectors import VECTOR_LAWS
from validation.vectors import build, estimators, gates, vector_laws
from validation.vectors.estimator_plans import FAMILIES
from validation.vectors.node import DTYPES, Node


class Contents(NamedTuple):
    """A set.

    Parameters
    ----------
    functions : callable
        Describes the functions.
    cases : callable
        Makes the cases of a function in a dtype.
    """

    functions: Callable[[], dict[str, Node]]
    cases: Callable[[str, str], Iterator[Node]]

    def all(self) -> list[Node]:
        """Make all cases.

        Returns
        -------
        list of dict
            In the order of the set.
        """
        return [
            case for function in self.functions() for dtype in DTYPES for case in self.cases(function, dtype)
        ]


SETS: Mapping[str, Contents] = {
    **{law: Contents(partial(build.functions, law), build.cases) for law in LAWS},
    **{law: Contents(partial(vector_laws.functions, law), vector_laws.cases) for law in VECTOR_LAWS},
    "gates": Contents(gates.functions, gates.cases),
    **{
        name: Contents(partial(estimators.functions, families), estimators.cases)
        for name, families in FAMILIES.items()
    },
}
"""In the order of the manifest."""
