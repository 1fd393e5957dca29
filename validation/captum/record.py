"""Run Captum's gates and write down what they return.

    python validation/captum/record.py [PATH]

needs Captum 0.9.0 and torch. The default path is that of the recording that ships with stgref. Nothing but the date
differs between two runs on one machine; between machines, elementary functions may differ in the last place.
"""

import datetime as dt
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import captum
import torch
from cases import SEED, cases

from stgref.conformance.adapters.captum import ask
from stgref.conformance.recording import Case, Failure, Output
from stgref.conformance.values import encode

PATH = Path(__file__).parents[2] / "stgref" / "conformance" / "recordings" / "captum-0.9.0.json"
NOTES = {
    "uniform": "Captum's uniform draws u, in its own dtype; the standard logistic noise of a case is log(u) - log(1 - u).",
    "noise": "standard normal draws; Captum adds std times these. null: the test-time pass, eval().",
    "how": "Tensor.uniform_ and Tensor.normal_ are replaced by the given draws while forward() runs.",
    "*.forward": "forward(x) after train() or eval().",
    "*.vjp": "torch.autograd.grad of forward(x) with cotangents d_gated and d_l0_reg.",
    "*.get_gate_values": "get_gate_values(clamp).",
    "*.prob_active": "get_gate_active_probs().",
    "*.mean": "get_gate_values(), which its docstring calls the means of the underlying gate distributions, clamped.",
    "annealed": "the module is built at its default temperature, which is set afterwards.",
    "empty-batch": "an input without rows.",
    "mask-gap": "a gate that no element goes through, and that is paid for all the same.",
    "warm": "a temperature above 1, for which the law exists as for any other.",
}


def subject() -> dict[str, str]:
    """Say who was recorded, where and how."""
    return {
        "name": "captum",
        "version": captum.__version__,
        "licence": "BSD-3-Clause",
        "source": "https://github.com/meta-pytorch/captum",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "command": "python validation/captum/record.py",
        "seed": str(SEED),
    }


def record() -> list[tuple[Case, Output]]:
    """Ask Captum every case."""
    torch.set_num_threads(1)
    return [(case, ask(case)) for case in cases()]


def document(recorded: Sequence[tuple[Case, Output]]) -> dict[str, Any]:
    """Make the JSON document of a recording."""
    return {
        "format": "stgref recording, version 1",
        "subject": subject(),
        "notes": NOTES,
        "cases": [_case(case) for case, _ in recorded],
        "outputs": {case.id: _output(output) for case, output in recorded},
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a document with one case or output to a line, so that changes can be read."""
    lines = [_dump(case) for case in content["cases"]]
    outputs = [f"{_dump(name)}: {_dump(output)}" for name, output in content["outputs"].items()]
    head = {key: value for key, value in content.items() if key not in {"cases", "outputs"}}
    text = json.dumps(head, indent=1)[:-2] + ',\n "cases": [\n' + ",\n".join(lines)
    path.write_text(text + '\n ],\n "outputs": {\n' + ",\n".join(outputs) + "\n }\n}\n", encoding="utf-8")


def _dump(node: Any) -> str:
    return json.dumps(node, separators=(",", ":"))


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "function": case.function,
        "dtype": case.dtype,
        "kind": case.kind,
        "flags": list(case.flags),
        "arguments": {name: _argument(value) for name, value in case.arguments.items()},
    }


def _argument(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool)) else encode(value)


def _output(output: Output) -> dict[str, Any]:
    if isinstance(output, Failure):
        return {"error": output.text}
    return {name: encode(value) for name, value in output.items()}


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else PATH, document(record()))
