"""The results of a study."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from stgref.study.records import Record, Records
from stgref.study.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Study(Records):
    """What a study found, estimator by estimator.

    Parameters
    ----------
    results : tuple of Result
        The results, in the order of the estimators.
    """

    results: tuple[Result, ...]

    def __repr__(self) -> str:
        names = ", ".join(f"{r.name}: {r.n_samples}" for r in self.results)
        return f"<stgref study of {names} estimates>"

    def __getitem__(self, name: str) -> Result:
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(f"{name!r}; there is {', '.join(r.name for r in self.results)}")

    def to_records(self) -> list[Record]:
        """One dict for each estimator and coordinate.

        Returns
        -------
        list of dict
            With ``estimator coordinate logit n_samples mean bias variance mse sign_agreement``, each number followed by the
            ends of its confidence interval as in ``bias_low bias_high``; ``exact_gradient exact_mean exact_variance
            exact_mse``, None where they are unknown, as is what is compared with them; ``largest_share``, see
            `stgref.study.intervals`; ``evaluations`` and ``seconds`` of all the estimator's estimates; and ``confidence``.
        """
        return [record for result in self.results for record in result.records()]

    def summaries(self) -> list[Record]:
        """One dict for each estimator as a whole.

        Returns
        -------
        list of dict
            With ``cosine`` and ``sign_agreement``, of single estimates with the gradient, on average; ``variance`` and
            ``mse``, summed over the coordinates; ``evaluations_each`` and ``seconds_each``, of one estimate; their products
            ``variance_times_evaluations`` and ``variance_times_seconds``, the variance that one unit of work leaves; with
            confidence intervals as in `to_records`.
        """
        return [result.total() for result in self.results]

    @property
    def digest(self) -> str:
        """A checksum of every bit that was found but the times: the same wherever and however the study runs."""
        bits = hashlib.sha256()
        for result in self.results:
            s = result.summary
            bits.update(f"{result.name} {result.n_samples} {s.evaluations} ".encode())
            for part in (*s.estimates[1:], *s.scalars[1:], s.agreeing):
                bits.update(part.astype(part.dtype.newbyteorder("<")).tobytes())
        return bits.hexdigest()

    def __rich__(self) -> Any:
        """A table for terminals."""
        from stgref.study.shown import rich_table  # noqa: PLC0415  needs rich

        return rich_table(self)
