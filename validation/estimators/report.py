"""The rows as JSON, as Markdown, and as a table on the terminal."""

from __future__ import annotations

import datetime as dt
import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

import stgref
from validation.estimators import rows, sampling
from validation.estimators.rows import Row, plain

COLUMNS = ("subject", "compared with", "setting", "check", "found", "verdict")
PACKAGES = ("numpy", "torch", "pyro-ppl", "storchastic", "pydrobert-pytorch", "relaxit", "jax", "optax")


def installed(name: str) -> str:
    """Version of a package, or that there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """Name of the processor, where the system says."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def alarms(found: Sequence[Row]) -> dict[str, Any]:
    """How likely any right peer is to be called wrong by sampling: a union bound over all numbers z."""
    sampled = [row for row in found if row.check == rows.SAMPLING]
    count = sum(np.size(row.numbers[k]) for row in sampled for k in ("z", "z_variance"))
    one = float(2.0 * special.ndtr(-sampling.LIMIT))
    return {"limit": sampling.LIMIT, "one": plain(one), "numbers": count, "any": plain(count * one)}


def document(found: Sequence[Row]) -> dict[str, Any]:
    """The content of `results.json`."""
    return {
        "command": "python validation/estimators/compare.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": {
            "system": platform.system(),
            "release": platform.release(),
            "architecture": platform.machine(),
            "processor": processor(),
        },
        "python": platform.python_version(),
        "stgref": stgref.__version__,
        "packages": {name: installed(name) for name in PACKAGES},
        "false_alarms": alarms(found),
        "rows": [row.document() for row in found],
    }


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write the document, one row to a line."""
    head = {k: v for k, v in content.items() if k != "rows"}
    lines = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in content["rows"])
    path.write_text(
        json.dumps(head, indent=1)[:-2] + ',\n "rows": [\n' + lines + "\n ]\n}\n", encoding="utf-8"
    )


def summary(row: dict[str, Any]) -> str:
    """The numbers that matter, in words."""
    n = row["numbers"]
    if row["check"] == rows.CALL:
        return n.get("error", "no error")
    if row["check"] == rows.SAMPLING:
        text = f"mean {several(n['mean'])} for {several(n['exact_mean'])}: z = {several(n['z'], '.1f')}"
        text += f"; variance x {several(n['variance_ratio'], '.3f')}"
        if row["verdict"] == rows.AGREES or "mean_if" not in n:
            return text
        return text + f"; the cause would give {several(n['mean_if'])}: z = {several(n['z_if'], '.1f')}"
    text = f"{number(n['ulp_median'])} ulp in the median, {number(n['ulp'])} at worst; largest error {number(n['relative'])} of the largest gradient"
    if "stgref_relative" in n:
        text += f" (stgref: {number(n['stgref_relative'])})"
    if "ratio" in n:
        text += f"; {n['ratio']:.4g} times the right one, to {number(n['relative_if'])}"
    return text


def number(x: Any, form: str = ".2g") -> str:
    """One number; JSON's words for infinity are left as they are."""
    return x if isinstance(x, str) else format(x, form)


def several(x: Any, form: str = ".4g") -> str:
    """One number, or a few in a row."""
    return " ".join(several(v, form) for v in x) if isinstance(x, list) else number(x, form)


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table."""
    return (
        row["subject"],
        row["reference"],
        row["setting"],
        row["check"],
        summary(row),
        row["verdict"],
    )


def peers(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each peer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in content["rows"]:
        found.setdefault(f"{row['peer']} {row['version']}", []).append(row)
    return found


def causes(content: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The likely causes, and what they explain."""
    found: dict[str, list[str]] = {}
    for row in content:
        if "cause" in row:
            subjects = found.setdefault(row["cause"], [])
            if row["subject"] not in subjects:
                subjects.append(row["subject"])
    return found


def markdown(content: dict[str, Any]) -> str:
    """The content of `results.md`."""
    machine, alarm = content["machine"], content["false_alarms"]
    packages = ", ".join(f"{k} {v}" for k, v in content["packages"].items())
    lines = [
        "# Estimators against their peers",
        "",
        f"Written by `{content['command']}` on {content['date']}; every number is in `results.json`.",
        f"stgref {content['stgref']}, Python {content['python']}, {packages}; {machine['system']} on {machine['processor']}.",
        "",
        f"A mean or a variance found by sampling is called wrong beyond {alarm['limit']:g} standard errors, which happens to a",
        f"right one with probability {alarm['one']:.1e}; to any of the {alarm['numbers']} here, at most {alarm['any']:.1e}.",
    ]
    for peer, found in peers(content).items():
        lines += ["", f"## {peer}", "", "| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
        lines += ["| " + " | ".join(escaped(cells(row))) + " |" for row in found]
        lines += ["", *(f"- {', '.join(who)}: {why}." for why, who in causes(found).items())]
    return "\n".join(lines).rstrip() + "\n"


def escaped(texts: Sequence[str]) -> list[str]:
    """Cells of a Markdown table."""
    return [text.replace("|", "\\|").replace("`", "").replace("~", "\\~") for text in texts]


def show(content: dict[str, Any]) -> None:
    """The tables on the terminal."""
    from rich.console import Console  # noqa: PLC0415 (the files need no rich)
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    for peer, found in peers(content).items():
        table = Table(*COLUMNS, title=peer, show_lines=True)
        for row in found:
            style = "green" if row["verdict"] in (rows.AGREES, rows.NORM) else "red"
            *rest, verdict = (text.replace("[", r"\[") for text in cells(row))
            table.add_row(*rest, f"[{style}]{verdict}[/]")
        console.print(table)
