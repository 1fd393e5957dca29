"""What one comparison found: a row of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

AGREES, NORM, BIASED, CRASHES, DIGITS, LOST, SPREAD = (
    "agrees",
    "agrees in norm",
    "biased",
    "crashes",
    "loses digits",
    "gradient lost",
    "wrong variance",
)

NOISE, SAMPLES, SAMPLING, CALL = "same noise", "same samples", "sampling", "call"


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    peer, version : str
        The package, and its version.
    subject : str
        What of it was asked.
    reference : str
        What of stgref it was compared with.
    setting : str
        Where: dtype, logits, temperature.
    check : str
        Kind of check: same noise, same samples, sampling or call.
    verdict : str
        What came of it.
    numbers : dict
        Every number that the verdict was made from.
    cause : str
        The likely cause, where the peer is wrong.
    """

    peer: str
    version: str
    subject: str
    reference: str
    setting: str
    check: str
    verdict: str
    numbers: dict[str, Any] = field(default_factory=dict)
    cause: str = ""

    def document(self) -> dict[str, Any]:
        """The row as JSON takes it; numbers that are not finite become words."""
        content = {**self.__dict__, "numbers": {k: plain(v) for k, v in self.numbers.items()}}
        if self.verdict == AGREES or not self.cause:
            del content["cause"]
        return content


def plain(value: Any) -> Any:
    """A number or a list of them as JSON takes it, in seven digits."""
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return float(f"{value:.7g}") if math.isfinite(value) else str(value)
