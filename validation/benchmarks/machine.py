"""What a benchmark says of where it ran."""

import os
import platform
from pathlib import Path


def processor() -> str:
    """Name of the processor, where the system says."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, object]:
    """System, processor, cores, and how busy they are."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load before": [round(x, 2) for x in os.getloadavg()],
    }
