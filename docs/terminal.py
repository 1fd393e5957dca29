"""Draw what `stgref validate` prints, for README.md: `python docs/terminal.py` writes docs/terminal.svg.

The table of defects is left out, it is long. It takes as long as the command: half a minute.
"""

import contextlib
import io
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import CONSOLE_SVG_FORMAT, Console  # noqa: E402
from rich.text import Text  # noqa: E402

from stgref.cli import main  # noqa: E402

COMMAND = "stgref validate"
# Fonts come from the reader's machine, as everywhere in the documentation.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace"
)


def printed() -> str:
    """What the command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(COMMAND.split()[1:])
    return out.getvalue()


def picture(text: str) -> str:
    """The first table of ``text`` and its last line, as SVG."""
    table = text[: text.index("\nCaught")].rstrip()
    verdict = text.rstrip().rpartition("\n")[2]
    console = Console(
        record=True, width=80, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.assemble(("$ ", "bold green"), (COMMAND, "bold")))
    for line in table.splitlines():
        console.print(Text(line.rstrip()), highlight=False)
    console.print()
    mark, _, rest = verdict.partition(":")
    console.print(Text.assemble((mark, "bold green" if mark == "PASSED" else "bold red"), f":{rest}"))
    svg = console.export_svg(title=COMMAND, code_format=FORMAT, unique_id="stgref")
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


if __name__ == "__main__":
    (ROOT / "docs/terminal.svg").write_text(picture(printed()), encoding="utf-8")
