"""Write ``validation/RESULTS.md``: what each recording shows, function by function.

    python -m validation.results

from the root of the repository, after a recorder, a set or the validator has changed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from stgref.conformance import validate
from stgref.conformance.files import shipped, shipped_names
from stgref.conformance.recording import DTYPES, Recording
from stgref.conformance.report import Check
from stgref.conformance.vector_sets import document
from validation.finding import KINDS, listed

PATH = Path(__file__).parent / "RESULTS.md"
HEAD = """\
# Results

What `stgref validate` says about the frameworks that were recorded, case by case, before any allowance is made for a convention.
Written by `python -m validation.results` from `stgref/conformance/recordings`; every wrong number is explained in
[FINDINGS.md](FINDINGS.md).

A case is a function at one set of arguments, in one dtype: of the bulk, the tails, the ends of the range, the edges of the support, and
outside the domain, where an error is the right answer. The share of right cases therefore says little about everyday use; what is wrong, and
where, says more. *Right* is within 4 eps (|f| + sum_i |x_i df/dx_i|); *acceptable* is right under another convention
for the derivative at a clip point, or NaN for an error. The worst errors are those of the right cases, in tolerances and in ulp.

Wrong cases are counted by the kind of their cause: a *defect*, lost *precision*, or another *convention* than that of the vector sets.
"""
LEFT_OUT = """\
## Not recorded

| package | why |
|---|---|
| storchastic 0.3.7, pydrobert-pytorch 0.3.0, optax 0.2.6 | They have gradient estimators and no functions of laws; compared in [estimators](estimators/README.md). |
| torch, Pyro, TFP and relaxit: samplers of relaxed variables | They draw uniforms, and the vectors are in logistic noise, of which a uniform next to 1 has no digits; their samples and gradients are compared at the same noise in [estimators](estimators/README.md). |
| torch `RelaxedBernoulli.cdf`, `icdf`, moments; TFP `RelaxedBernoulli.quantile`; NumPyro `Gumbel.entropy` | Not implemented there. |
| `pdf`, `logpdf`, `cdf` of `bernoulli` | Packages take a Bernoulli variable for discrete, and the vectors ask mostly between 0 and 1; they are asked for the probabilities of 0 and 1 instead. |
| concrete, exp_concrete and categorical in NumPyro and distrax; layers and estimators of the vector sets | Not asked yet; Captum's layers have cases of their own. |
| l0-python, NeuroSurgeon: samples and gradients | Uniforms again, bounded away from 0 and 1; the bounds go through `math.log` or a new tensor, so that there is no gradient by them. |
| latent_rationale: `pdf`, `log_cdf`; dists_pt: `log_p1`, `log_pc` | Exponentials and logarithms of what is asked. `Rectified01.entropy` is not implemented there. |
| L0_regularization, CoFi, LLM-Shearing, state_of_sparsity and other repositories | On no package index. |
"""


def page() -> str:
    """Make the text.

    Returns
    -------
    str
        Markdown.
    """
    recordings = {name: shipped(name) for name in shipped_names()}
    checks = {name: _checks(recording) for name, recording in recordings.items()}
    parts = [
        HEAD,
        _subjects(recordings.values()),
        "## Summary\n",
        _summary(recordings, checks),
        LEFT_OUT,
        "## By function\n",
        *(_functions(name, recordings[name], checks[name]) for name in recordings),
    ]
    return "\n".join(parts)


def _checks(recording: Recording) -> list[Check]:
    return [check for check in validate(recording).checks if check.status != "skipped"]


def _subjects(recordings: Iterable[Recording]) -> str:
    rows = ["| recording | source | licence | recorded | with | command |", "|---|---|---|---|---|---|"]
    shown = {"name", "version", "licence", "source", "date", "machine", "command"}
    shown |= {"vectors", "questions", "seed", "build"}
    for recording in recordings:
        subject = recording.subject
        others = ", ".join(f"{key} {value}" for key, value in subject.items() if key not in shown)
        rows.append(
            f"| {recording.name} | {subject['source']} | {subject['licence']} | {subject['date']}, {subject['machine']} "
            f"| {others} | `{subject['command']}` |"
        )
    return "\n".join(rows) + "\n"


def _summary(recordings: dict[str, Recording], checks: dict[str, list[Check]]) -> str:
    kinds = " | ".join(KINDS)
    rows = [
        f"| recording | functions | not implemented | cases | right | acceptable | wrong | {kinds} | worst: tolerances | ulp |",
        "|---|" + "--:|" * (8 + len(KINDS)),
    ]
    for name, recording in recordings.items():
        found = Counter(check.status for check in checks[name])
        why = Counter(each.kind for each in listed(name).values())
        counts = [str(why[kind]) for kind in KINDS]
        functions = {check.function for check in checks[name]}
        rows.append(
            f"| [{recording.name}](#{_anchor(recording)}) | {len(functions)} | {len(_absent(functions)) or ''} | {len(checks[name])} "
            f"| {found['pass']} | {found['acceptable']} | {found['fail']} | {' | '.join(counts)} | {_worst(checks[name])} |"
        )
    note = "*Not implemented*: functions that the sets have of the laws that the framework has, and that were not asked.\n"
    return "\n".join(rows) + "\n\n" + note


def _absent(functions: set[str]) -> set[str]:
    """Find what the sets have of the laws of some functions, beyond these."""
    laws = {function.partition(".")[0] for function in functions}
    return {
        each
        for law in laws
        if law[0].islower()
        for each in document(law)["functions"]
        if each not in functions
    }


def _functions(name: str, recording: Recording, checks: Sequence[Check]) -> str:
    """Make the table of a recording: a row for each function."""
    columns = "".join(f" {dtype}: right | wrong | tolerances | ulp |" for dtype in DTYPES)
    rows = [f"### {recording.name}\n", f"| function |{columns} causes |", "|---|" + "--:|" * 8 + "---|"]
    causes = listed(name)
    for function in dict.fromkeys(check.function for check in checks):
        of_it = [check for check in checks if check.function == function]
        cells = " | ".join(_cells([each for each in of_it if each.dtype == dtype]) for dtype in DTYPES)
        why = sorted({causes[check.id].name for check in of_it if check.status == "fail"})
        links = ", ".join(f"[{each}](FINDINGS.md#{each})" for each in why)
        rows.append(f"| `{function}` | {cells} | {links} |")
    return "\n".join(rows) + "\n"


def _cells(checks: Sequence[Check]) -> str:
    wrong = sum(check.status == "fail" for check in checks)
    return f"{len(checks) - wrong} | {wrong or ''} | {_worst(checks)}" if checks else " | | | "


def _worst(checks: Sequence[Check]) -> str:
    """Return the worst error of the right cases, in tolerances and in ulp."""
    worst = [check.worst for check in checks if check.worst and check.status != "fail"]
    if not worst:
        return " | "
    return f"{max(each.tolerances for each in worst):.2g} | {max(each.ulp for each in worst):.2g}"


def _anchor(recording: Recording) -> str:
    return recording.name.replace(" ", "-").replace(".", "")


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
