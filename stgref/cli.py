"""The command ``stgref``."""

import argparse
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import stgref

if TYPE_CHECKING:
    from stgref.conformance.report import Report
    from stgref.conformance.summary import Table

PASSED, FAILED, UNUSABLE = 0, 1, 2
WIDTH = 110
"""Of a table that is not printed on a terminal."""

VALIDATE = """\
Check an implementation of stochastic gates against the reference.

FILE is a recording of its outputs (JSON). Without FILE, every recording that ships with stgref is checked, and passes
if it shows exactly the defects it is known for.

A number is right if it is off by at most 4 eps (|f| + sum_i |x_i df/dx_i|): a few roundings of the result f and of the
arguments x_i in the dtype of the case. There is no absolute tolerance.
"""
EPILOG = "exit status: 0 all as it should be; 1 a check failed; 2 the input could not be used"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {_one_line(message)}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Its arguments; by default, those of the process.

    Returns
    -------
    int
        The exit status: 0 all as it should be, 1 a check failed, 2 the input could not be used.
    """
    arguments = _parser().parse_args(argv)
    status: int = arguments.run(arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="stgref", description="The reference implementation of stochastic gates.", epilog=EPILOG
    )
    parser.add_argument("--version", action="version", version=f"stgref {stgref.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "validate",
        help="check an implementation's outputs",
        description=VALIDATE,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the recording to check")
    command.add_argument(
        "--report",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="write the report to a file too; .json or .md picks the format; repeatable",
    )
    command.set_defaults(run=_validate)
    return parser


def _validate(arguments: argparse.Namespace) -> int:
    # Here, so that `stgref --help` does not wait for the numerics.
    from stgref.conformance import UnusableInputError, validate  # noqa: PLC0415
    from stgref.conformance.writers import check_path, write  # noqa: PLC0415

    what = ""
    try:
        for path in arguments.report:
            check_path(path)
        what = f"{arguments.file}: " if arguments.file else ""
        report, what = validate(arguments.file), ""
        for path in arguments.report:
            write(report, path)
    except UnusableInputError as error:
        print(f"stgref validate: {_one_line(f'{what}{error}')}", file=sys.stderr)
        return UNUSABLE
    _show(report)
    return PASSED if report.passed else FAILED


def _show(report: "Report") -> None:
    from stgref.conformance.summary import coverage, defects, problems, samples, verdict  # noqa: PLC0415

    for table in (coverage(report), samples(report), defects(report)):
        if table.rows:
            _print_table(table)
    for problem in problems(report):
        print(f"{problem}\n")
    print(verdict(report))


def _print_table(table: "Table") -> None:
    try:
        from rich.console import Console  # noqa: PLC0415  optional
    except ImportError:
        _print_plain(table)
    else:
        console = Console()
        console.width = console.width if console.is_terminal else WIDTH
        console.print(_rich_table(table))


def _rich_table(table: "Table") -> Any:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table as RichTable  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = RichTable(title=Text(table.title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        number = column.startswith("#")
        shown.add_column(
            column.removeprefix("#"),
            justify="right" if number else "left",
            no_wrap=column != table.columns[-1] and column != table.columns[0],
            overflow="fold",
        )
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    return shown


def _print_plain(table: "Table") -> None:
    rows = [tuple(column.removeprefix("#") for column in table.columns), *table.rows]
    widths = [
        max(len(line) for row in rows for line in row[i].split("\n")) for i in range(len(table.columns))
    ]
    print(table.title)
    for row in rows:
        for line in zip_longest(*(cell.split("\n") for cell in row), fillvalue=""):
            cells = zip(line, widths, table.columns, strict=True)
            print("  ".join(t.rjust(w) if c.startswith("#") else t.ljust(w) for t, w, c in cells).rstrip())
    print()


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
