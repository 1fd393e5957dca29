"""A report in tables and lines of text, for terminals and documents alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from stgref.conformance.defects import DEFECTS, Defect
from stgref.conformance.report import Check, Report, Statistics
from stgref.conformance.sampling.catalogue import MISTAKES
from stgref.conformance.sampling.mistakes import Mistake
from stgref.conformance.selection import NO_SUCH

KNOWN: Mapping[str, Defect | Mistake] = {
    **{each.name: each for each in MISTAKES},
    **{each.name: each for each in DEFECTS},
}

MANY = 60
"""Rows about what a subject does not implement, beyond which they become one."""


@dataclass(frozen=True)
class Table:
    """Rows of text under columns.

    Parameters
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Their headings; those that begin with ``#`` hold numbers.
    rows : tuple of tuple of str
        The rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(report: Report) -> tuple[Table, ...]:
    """Show all that a report has, but the problems.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    tuple of Table
        Those without rows say nothing.
    """
    return subjects(report), coverage(report), samples(report), defects(report)


def coverage(report: Report) -> Table:
    """Show what was checked, and how near the right outputs come.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    Table
        A row for each function and dtype: how many cases are right, show a known defect, or are wrong otherwise; and
        the worst error, in tolerances and in ulp, of those that are right.
    """
    names = ", ".join(" ".join((s["name"], s.get("version", ""))).strip() for s in report.subjects)
    columns = (
        "function, and its worst case",
        "dtype",
        "#cases",
        "#right",
        "#known",
        "#wrong",
        "#tol",
        "#ulp",
    )
    skipped = [check for check in report.checks if _left_out(check)]
    shown = [check for check in report.checks if not _left_out(check) or len(skipped) <= MANY]
    groups = groupby(sorted(shown, key=_what), key=_what)
    rows = [_coverage(*what, list(checks)) for what, checks in groups]
    if len(skipped) > MANY:
        count = len({check.function for check in skipped})
        rows.append(
            (f"{count} functions, in one dtype or both\n  not implemented", "", "0", "", "", "", "", "")
        )
    return Table(
        f"Outputs of {names}; worst error of the right ones, in tolerances and in ulp", columns, tuple(rows)
    )


def subjects(report: Report) -> Table:
    """Show what was found of each subject.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    Table
        A row for each subject; none if there is but one.
    """
    columns = ("subject", "#numbers", "#cases", "#right", "#known", "#wrong", "as expected")
    owners = list(dict.fromkeys(check.subject for check in report.checks))
    by_owner = {name: [c for c in report.checks if c.subject == name] for name in owners}
    rows = (_subject(name, checks) for name, checks in by_owner.items())
    return Table("Subjects", columns, tuple(rows) if len(owners) > 1 else ())


def samples(report: Report) -> Table:
    """Show how far off samples are, and what would have been seen.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    Table
        A row for each test of a sampler.
    """
    columns = (
        "test of samples, and where it is worst",
        "#n",
        "#off by",
        "#allowed",
        "#seen from",
        "#n for 0.01",
    )
    rows = ((check, check.statistics) for check in report.checks if check.statistics)
    return Table(
        "Samples; probabilities, and means in standard deviations of one value",
        columns,
        tuple(_sampled(check, statistics) for check, statistics in rows),
    )


def defects(report: Report) -> Table:
    """Show which known defects were caught.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    Table
        A row for each defect.
    """
    columns = ("known defect", "#cases", "what is wrong")
    caught = {
        defect: [check.id for check in report.checks if check.defect == defect.name]
        for defect in KNOWN.values()
    }
    rows = ((defect.name, str(len(ids)), defect.description) for defect, ids in caught.items() if ids)
    return Table("Caught", columns, tuple(rows))


def problems(report: Report) -> list[str]:
    """Describe every check that did not come out as expected.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    list of str
        Some lines for each.
    """
    return [problem(check) for check in report.checks if not check.expected]


def verdict(report: Report) -> str:
    """Say in one line what came of it.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    str
        The line.
    """
    counts = {
        status: sum(check.status == status for check in report.checks)
        for status in ("pass", "acceptable", "fail")
    }
    unexpected = sum(not check.expected for check in report.checks)
    numbers = sum(check.count for check in report.checks)
    right = f"{counts['pass']} cases right, {counts['acceptable']} right by another convention"
    caught = f"{counts['fail']} wrong, {counts['fail'] - unexpected} of them as known and expected"
    return f"{'PASSED' if report.passed else 'FAILED'}: {numbers} numbers; {right}; {caught}"


def _subject(name: str, checks: Sequence[Check]) -> tuple[str, ...]:
    return (
        name,
        str(sum(check.count for check in checks)),
        _count(checks, lambda check: check.status != "skipped"),
        _count(checks, lambda check: check.status in {"pass", "acceptable"}),
        _count(checks, lambda check: check.status == "fail" and check.defect is not None),
        _count(checks, lambda check: check.status == "fail" and check.defect is None),
        "yes" if all(check.expected for check in checks) else "no",
    )


def _left_out(check: Check) -> bool:
    """Tell what the subject does not have from what there is not, which is shown in any case."""
    return check.status == "skipped" and check.diagnosis != NO_SUCH


def _coverage(function: str, dtype: str, checks: Sequence[Check]) -> tuple[str, ...]:
    if all(check.status == "skipped" for check in checks):
        why = NO_SUCH if checks[0].diagnosis == NO_SUCH else "not implemented"
        return (f"{function}\n  {why}", dtype, "0", "", "", "", "", "")
    right = [check for check in checks if check.status in {"pass", "acceptable"}]
    known = _count(checks, lambda check: check.status == "fail" and check.defect is not None)
    other = _count(checks, lambda check: check.status == "fail" and check.defect is None)
    tolerances, ulp, where = _worst(right)
    return (
        f"{function}\n  {where}".rstrip(),
        dtype,
        str(len(checks)),
        str(len(right)),
        known,
        other,
        tolerances,
        ulp,
    )


def _sampled(check: Check, s: Statistics) -> tuple[str, ...]:
    measured = (f"{value:.3g}" for value in (s.statistic, s.threshold, s.detectable))
    return (f"{check.id}\n  {s.where}", str(s.samples), *measured, str(s.needed))


def _worst(checks: Iterable[Check]) -> tuple[str, str, str]:
    """Return the worst error of some checks, in tolerances and in ulp, and where it is."""
    measured = [(check.worst.tolerances, check.worst.ulp, check.id) for check in checks if check.worst]
    if not measured:
        return "", "", ""
    tolerances, ulp, where = max(measured)
    return f"{tolerances:.3g}", f"{ulp:.3g}", where


def problem(check: Check) -> str:
    """Describe a check that did not come out as expected.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    str
        Some lines.
    """
    lines = [f"{check.id} ({check.function}, {check.dtype}): {check.diagnosis}"]
    if worst := check.worst:
        place = f"{worst.result}{list(worst.index) if worst.index else ''}"
        lines += [
            f"  {place} is off by {worst.tolerances:.4g} tolerances, {worst.ulp:.4g} ulp",
            f"  got    {worst.got} ({_decimal(worst.got)})",
            f"  wanted {worst.wanted} ({_decimal(worst.wanted)})",
        ]
        lines += [f"  {name} = {value}" for name, value in worst.inputs.items()]
    if s := check.statistics:
        lines += [
            f"  {s.where}: off by {s.statistic:.4g}, {s.threshold:.4g} is allowed ({s.samples} samples)",
            f"  a right sampler is blamed with probability {s.level:.1e} or less",
            f"  {s.detectable:.3g} is surely seen; {s.effect:g} takes {s.needed} samples",
            f"  rng = {s.seed}",
        ]
    return "\n".join(lines)


def _decimal(text: str) -> str:
    return f"{float.fromhex(text):.17g}"


def _count(checks: Iterable[Check], which: Callable[[Check], bool]) -> str:
    return str(sum(which(check) for check in checks))


def _what(check: Check) -> tuple[str, str]:
    return check.function, check.dtype
