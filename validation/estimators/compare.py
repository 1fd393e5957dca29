"""Compare stgref's estimators with those of other packages, and write what was found.

    python validation/estimators/compare.py [FOLDER]

writes `results.json` and `results.md` into the folder, this one by default, and shows the table. See `README.md` for what to
install.
"""

import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from validation.estimators import report  # noqa: E402 (found by the path above)
from validation.estimators.rows import Row  # noqa: E402

PEERS = {
    "torch_peers": "torch",
    "pyro_peers": "pyro",
    "storchastic_peers": "storch",
    "pydrobert_peers": "pydrobert",
    "relaxit_peers": "relaxit",
    "optax_peers": "optax",
}
"""What compares, and the package it needs."""


def found() -> Iterator[Row]:
    """The rows of all peers that are installed."""
    for module, needs in PEERS.items():
        if find_spec(needs) is None:
            print(f"{needs} is not installed: its comparisons are left out", file=sys.stderr)
            continue
        yield from import_module(f"validation.estimators.{module}").found()


def main(folder: Path) -> None:
    """Compare, write and show."""
    warnings.filterwarnings("ignore", module="storch|pyro|pydrobert|optax")
    content = report.document(list(found()))
    report.write_json(folder / "results.json", content)
    (folder / "results.md").write_text(report.markdown(content), encoding="utf-8")
    report.show(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
