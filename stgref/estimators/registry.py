"""Estimators by name: their noise and their exact moments."""

from __future__ import annotations

from collections.abc import Sequence

from stgref.estimators.estimator import Estimator


class Registry:
    """The estimators of one family, by name."""

    def __init__(self, where: str, estimators: Sequence[Estimator]) -> None:
        self.where, self.estimators = where, {e.__qualname__: e for e in estimators}

    def find(self, function: str, name: str) -> Estimator:
        """The estimator called ``name``.

        Raises
        ------
        TypeError, ValueError
            If ``name`` is no word, or there is no such estimator.
        """
        known = ", ".join(self.estimators)
        if not isinstance(name, str):
            raise TypeError(f"{self.where}.{function}: name takes one of {known}, got {name!r}")
        if name not in self.estimators:
            raise ValueError(
                f"{self.where}.{function}: there is no estimator {name!r}; name takes one of {known}"
            )
        return self.estimators[name]
