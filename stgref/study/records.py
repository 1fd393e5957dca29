"""Records, one dict per row, as CSV, JSON and data frames."""

from __future__ import annotations

import csv
import importlib
import json
import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Records(ABC):
    """What has records."""

    @abstractmethod
    def to_records(self) -> list[Record]:
        """One dict for each row, all with the same keys."""

    def to_csv(self, path: str | Path) -> None:
        """Write the records as CSV: numbers with all their digits, nothing where there is no value.

        Parameters
        ----------
        path : path
            The file.
        """
        records = self.to_records()
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(records[0]) if records else [])
            writer.writeheader()
            writer.writerows(records)

    def to_json(self, path: str | Path) -> None:
        """Write the records as JSON, an array of objects; infinities as text, ``"inf"``.

        Parameters
        ----------
        path : path
            The file.
        """
        records = [{k: _jsonable(v) for k, v in record.items()} for record in self.to_records()]
        Path(path).write_text(json.dumps(records, indent=1, allow_nan=False) + "\n", encoding="utf-8")

    def to_pandas(self) -> Any:
        """Return the records as a data frame of pandas, which must be installed.

        Returns
        -------
        pandas.DataFrame
            One row for each record.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return _imported("pandas").DataFrame(self.to_records())

    def to_polars(self) -> Any:
        """Return the records as a data frame of polars, which must be installed.

        Returns
        -------
        polars.DataFrame
            One row for each record.

        Raises
        ------
        ImportError
            If polars is not installed.
        """
        return _imported("polars").DataFrame(self.to_records(), infer_schema_length=None)


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"to_{name} needs {name}, which is not installed: pip install {name}; to_records needs nothing"
        ) from error


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
