"""The most memory that a step takes beyond what was there, as Linux counts it: of any library, in this process."""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def peak(step: Callable[[], Any]) -> float | None:
    """MiB at the step's highest, its result included, beyond those before it; ``None`` where Linux does not say."""
    counts = Path("/proc/self/clear_refs")
    if not sys.platform.startswith("linux") or not counts.exists():
        return None
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):  # memory that was freed goes back to the system
        ctypes.CDLL(None).malloc_trim(0)
    try:
        counts.write_text("5", encoding="ascii")  # the highest is the present one (proc(5))
    except OSError:
        return None
    before = _status("VmRSS")
    result = step()
    highest = _status("VmHWM")
    del result
    return (highest - before) / 1024.0


def _status(field: str) -> int:
    """A field of the process's status, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(f"{field}:")).split()[1])
