"""The command ``stgref``."""

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import stgref

if TYPE_CHECKING:
    from stgref.conformance.report import Report
    from stgref.conformance.summary import Table
    from stgref.explain.steps import Explanation

PASSED, FAILED, UNUSABLE = 0, 1, 2
WIDTH = 110
"""Of a table that is not printed on a terminal."""
NARROW = 80
"""A terminal with fewer columns has no room for a table."""

VALIDATE = """\
Check an implementation of stochastic gates against the reference.

FILE is a recording of its outputs: JSON, or .npz or .safetensors with arrays named <id>/<result>; `stgref vectors export` writes what to
feed it. Without FILE, every recording that ships with stgref is checked, and passes if it shows exactly the defects it
is known for. With --live, a framework that is installed here is called.

A number is right if it is off by at most 4 eps (|f| + sum_i |x_i df/dx_i|): a few roundings of the result f and of the
arguments x_i in the dtype of the case. There is no absolute tolerance.
"""
VECTORS = (
    "Exact answers of the functions of the laws, the gate layers and the estimators, to feed an implementation and to "
    "check it."
)
STUDY = """\
Measure bias and variance of gradient estimators, with confidence intervals, as a TOML file says:

    [problem]
    objective = "Quadratic"
    parameters = { t = 0.45 }
    logits = [0.3, -1.0]
    [study]
    estimators = ["disarm", { name = "reinmax", temperature = 1.0 }]
    n_samples = 100000

No bit of the result, the times aside, depends on the workers or on interruptions.
"""
EXPLAIN = """\
Show a formula with the numbers in it, line by line: a sample of a law and its derivatives by the chain rule, a gate and
its pullback, or one estimate of a gradient:

    stgref explain hard-concrete --log-alpha 0.3 --noise 0.5
    stgref explain rebar --logits 0.3 -1 --format latex
"""
EPILOG = "exit status: 0 all as it should be; 1 a check failed; 2 the input could not be used"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and that takes numbers like -1e-3 for numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._negative_number_matcher = re.compile(r"-\.?\d")  # As Python 3.14 has it.

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
    command = _command(commands, "validate", "check an implementation's outputs", VALIDATE)
    subject = command.add_mutually_exclusive_group()
    subject.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the recording to check")
    subject.add_argument(
        "--live", metavar="NAME", help="call a framework instead, as captum; or your own, as module:attribute"
    )
    command.add_argument(
        "--function",
        action="append",
        metavar="NAME",
        help="check this function alone, as hard_concrete.mean; * is any text; repeatable",
    )
    command.add_argument(
        "--dtype", choices=("float64", "float32"), help="check this dtype alone; with --live: float64"
    )
    command.add_argument(
        "--profile",
        metavar="NAME",
        help="what the implementation declares: captum, torch, jax, stg, or a .json file with conventions",
    )
    command.add_argument(
        "--seed", type=int, help="of the randomness that samplers are given; by default fresh"
    )
    command.add_argument(
        "--report",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="write the report to a file too; .json, .md, .html or .xml (JUnit) picks the format; repeatable",
    )
    command.set_defaults(run=_validate)
    _add_vectors(commands)
    _add_study(commands)
    _add_explain(commands)
    return parser


def _command(commands: Any, name: str, words: str, description: str) -> argparse.ArgumentParser:
    """A command with a description that has examples."""
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=words,
        description=description,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _add_study(commands: Any) -> None:
    command = _command(commands, "study", "measure bias and variance of gradient estimators", STUDY)
    command.add_argument("--config", required=True, type=Path, metavar="PATH", help="the study, a TOML file")
    workers = command.add_mutually_exclusive_group()
    workers.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that does the work")
    workers.add_argument(
        "--processes", type=int, metavar="N", help="that do the work here; by default, this one"
    )
    command.add_argument(
        "--checkpoint", type=Path, metavar="PATH", help="keep what is done in this file, and go on from it"
    )
    for option, words in (
        ("--report", "write a report, .html or .md"),
        ("--out", "write the records, .csv or .json"),
    ):
        command.add_argument(
            option, action="append", default=[], type=Path, metavar="PATH", help=f"{words}; repeatable"
        )
    command.set_defaults(run=_study)


def _add_vectors(commands: Any) -> None:
    command = commands.add_parser("vectors", help="list, show or export exact answers", description=VECTORS)
    actions = command.add_subparsers(required=True, metavar="ACTION")
    each = actions.add_parser("list", help="list the functions, or the cases of one")
    each.add_argument(
        "function", nargs="?", metavar="FUNCTION", help="list its cases; as in hard_concrete.mean"
    )
    each.set_defaults(run=_reporting("vectors list", _list))
    each = actions.add_parser("show", help="print a case")
    each.add_argument("id", metavar="ID", help="as `stgref vectors list FUNCTION` prints it")
    each.set_defaults(run=_reporting("vectors show", _show_case))
    each = actions.add_parser("export", help="write every set as JSON and .npz, with schema and checksums")
    each.add_argument("folder", type=Path, metavar="DIR", help="made if there is none")
    each.set_defaults(run=_reporting("vectors export", _export))


def _add_explain(commands: Any) -> None:
    command = _command(commands, "explain", "show a formula with the numbers in it", EXPLAIN)
    command.add_argument("subject", nargs="?", metavar="SUBJECT", help="what to explain; without it, a list")
    command.add_argument(
        "options", nargs=argparse.REMAINDER, metavar="...", help="see stgref explain SUBJECT --help"
    )
    command.set_defaults(run=_explain)


def _reporting(
    name: str, action: Callable[[argparse.Namespace], None]
) -> Callable[[argparse.Namespace], int]:
    """Turn an action into a command that says in one line what it cannot do."""

    def run(arguments: argparse.Namespace) -> int:
        from stgref.conformance import UnusableInputError  # noqa: PLC0415

        try:
            _printing(lambda: action(arguments))
        except UnusableInputError as error:
            return _unusable(name, str(error))
        return PASSED

    return run


def _printing(action: Callable[[], None]) -> None:
    """Print, and see that it arrives; a reader may stop, as `head` does.

    Raises
    ------
    UnusableInputError
        If it cannot be written for another reason.
    """
    from stgref.conformance import UnusableInputError  # noqa: PLC0415

    try:
        action()
        print(end="", flush=True)
    except OSError as error:
        # What is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UnusableInputError(f"standard output: {error.strerror or 'cannot be written'}") from None


def _unusable(name: str, problem: str) -> int:
    print(f"stgref {name}: {_one_line(problem)}", file=sys.stderr)
    return UNUSABLE


def _list(arguments: argparse.Namespace) -> None:
    from stgref.conformance import UnusableInputError  # noqa: PLC0415
    from stgref.conformance.vector_sets import document, sets  # noqa: PLC0415

    nodes = [node for name in sets() for node in document(name)["cases"]]
    if arguments.function is None:
        for (function, dtype), count in Counter((n["function"], n["dtype"]) for n in nodes).items():
            print(f"{function:42} {dtype} {count:4}")
        return
    found = [node for node in nodes if node["function"] == arguments.function]
    if not found:
        raise UnusableInputError(
            f"there is no function {arguments.function[:80]!r}; stgref vectors list prints all"
        )
    for node in found:
        print(f"{node['id']:60} {node['kind']}")


def _show_case(arguments: argparse.Namespace) -> None:
    from stgref.conformance.vector_sets import find  # noqa: PLC0415

    print(json.dumps(find(arguments.id), indent=1))


def _export(arguments: argparse.Namespace) -> None:
    from stgref.conformance.vector_sets import export  # noqa: PLC0415

    files = export(arguments.folder)
    print(f"{len(files)} files in {arguments.folder}; {files[-1].name} lists them, with checksums")


def _validate(arguments: argparse.Namespace) -> int:
    # Here, so that `stgref --help` does not wait for the numerics.
    from stgref.conformance import UnusableInputError  # noqa: PLC0415
    from stgref.conformance.progress import shown  # noqa: PLC0415
    from stgref.conformance.writers import check_path, write  # noqa: PLC0415

    what = ""
    try:
        _check_options(arguments)
        for path in arguments.report:
            check_path(path, arguments.file)
        what = f"{arguments.file or arguments.live}: " if arguments.file or arguments.live else ""
        with shown():
            report, what = _validated(arguments), ""
        for path in arguments.report:
            write(report, path)
        _printing(lambda: _show(report))
    except UnusableInputError as error:
        return _unusable("validate", f"{what}{error}")
    return PASSED if report.passed else FAILED


def _study(arguments: argparse.Namespace) -> int:
    from stgref.conformance import UnusableInputError  # noqa: PLC0415
    from stgref.conformance.progress import counted, shown  # noqa: PLC0415
    from stgref.study import StudyError, commands, config, writers  # noqa: PLC0415
    from stgref.study.shown import tables  # noqa: PLC0415

    paths = [*arguments.report, *arguments.out]
    try:
        for path in paths:
            writers.check_path(path, arguments.config)
        study = config.load(arguments.config)
        with commands.workers(arguments.scheduler, arguments.processes) as executor, shown():
            found = study.run(
                executor=executor, checkpoint=arguments.checkpoint, progress=counted(str(arguments.config))
            )
        facts = commands.facts(study, found)
        for path in paths:
            writers.write(found, path, study.path.stem, facts)
        _printing(lambda: _print_tables(tables(found)))
    except (UnusableInputError, StudyError) as error:
        return _unusable("study", str(error))
    except KeyboardInterrupt:
        kept = f"; what is done is in {arguments.checkpoint}" if arguments.checkpoint else ""
        return _unusable("study", f"interrupted{kept}")
    return PASSED


def _explain(arguments: argparse.Namespace) -> int:
    from stgref.conformance import UnusableInputError  # noqa: PLC0415
    from stgref.explain import command  # noqa: PLC0415

    subjects = command.subjects()
    try:
        if arguments.subject is None:
            _printing(lambda: print("\n".join(f"{name:24} {words}" for name, words in subjects.items())))
            return PASSED
        subject = arguments.subject.replace("_", "-")
        if subject not in subjects:
            problem = f"there is no {arguments.subject[:80]!r} to explain; stgref explain prints all"
            return _unusable("explain", problem)
        parser = _Parser(prog=f"stgref explain {subject}", description=f"Explain {subjects[subject]}.")
        command.add_options(parser, subject.replace("-", "_"))
        options = vars(parser.parse_args(arguments.options))
        found = command.explained(subject.replace("-", "_"), options)
        _printing(lambda: _show_explanation(found, options))
    except (UnusableInputError, ValueError, TypeError) as error:
        return _unusable("explain", str(error))
    return PASSED


def _show_explanation(found: "Explanation", options: dict[str, Any]) -> None:
    from stgref.explain import writers  # noqa: PLC0415

    try:
        from rich.console import Console  # noqa: PLC0415  optional
    except ImportError:
        coloured = False
    else:
        coloured = options["format"] == "text" and Console().is_terminal
    if not coloured:
        print(writers.WRITERS[options["format"]](found, options["digits"]), end="")
        return
    console = Console()
    with console.capture() as shown:  # By itself it would end the process at a broken pipe.
        console.print(writers.title(found), style="bold", highlight=False)
        for heading, lines in writers.blocks(found, options["digits"], console.width):
            console.print(f"\n{heading}", style="bold cyan", highlight=False)
            for line in lines:
                console.print(_rich_line(line))
        if found.note:
            console.print(f"\n{found.note}", markup=False, highlight=False)
    print(shown.get(), end="")


def _rich_line(line: list[str]) -> Any:
    from rich.text import Text  # noqa: PLC0415

    *others, value = line
    return Text.assemble(
        (others[0], "bold"), *(f" = {other}" for other in others[1:]), " = ", (value, "green")
    )


def _check_options(arguments: argparse.Namespace) -> None:
    """See that what is said of a subject is said with one."""
    from stgref.conformance import UnusableInputError  # noqa: PLC0415

    for option in () if arguments.file or arguments.live else ("dtype", "profile"):
        if getattr(arguments, option):
            raise UnusableInputError(f"--{option} takes FILE or --live beside it")


def _validated(arguments: argparse.Namespace) -> "Report":
    from stgref.conformance import UnusableInputError, load, validate  # noqa: PLC0415

    options = {"functions": arguments.function, "profile": arguments.profile, "rng": arguments.seed}
    given: Any = None
    if arguments.live:
        from stgref.conformance.adapters import subject  # noqa: PLC0415

        given, options["dtype"] = subject(arguments.live), arguments.dtype or "float64"
    elif arguments.file:
        given = load(arguments.file)
        if arguments.dtype:
            given = given.only(lambda case: case.dtype == arguments.dtype)
    try:
        return validate(given, **options)
    except (ValueError, TypeError) as error:
        raise UnusableInputError(str(error)) from None


def _show(report: "Report") -> None:
    from stgref.conformance.summary import defects, problems, subjects, tables, verdict  # noqa: PLC0415

    many = len(report.subjects) > 1  # Function by function, their tables would be screens long.
    for table in (subjects(report), defects(report)) if many else tables(report):
        if table.rows:
            _print_table(table)
    for problem in problems(report):
        print(f"{problem}\n")
    if many:
        print("Function by function: --report PATH, or validation/RESULTS.md")
    print(verdict(report))


def _print_tables(tables: Sequence["Table"]) -> None:
    for table in tables:
        _print_table(table)


def _print_table(table: "Table") -> None:
    try:
        from rich.console import Console  # noqa: PLC0415  optional
    except ImportError:
        _print_plain(table)
    else:
        console = Console()
        console.width = console.width if console.is_terminal else WIDTH
        if console.width < NARROW:
            _print_list(table)
            return
        with console.capture() as shown:  # By itself it would end the process at a broken pipe.
            console.print(_rich_table(table))
        print(shown.get(), end="")


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


def _print_list(table: "Table") -> None:
    names = [column.removeprefix("#") for column in table.columns]
    print(table.title)
    for first, *rest in table.rows:
        found = (
            f"{name} {' '.join(cell.split())}" for name, cell in zip(names[1:], rest, strict=True) if cell
        )
        print(f"{first}\n  {', '.join(found)}")
    print()


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
