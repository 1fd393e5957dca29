"""The pages of laws and estimators, written when the documentation is built.

A law's page is made of its docstrings, of ``laws/<law>.toml`` and of what `stgref.explain` says of it; an estimator's of its
docstring and its row in the table of estimators. What is written is not kept in the repository.
"""

import inspect
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pictures

import stgref
from stgref.explain import laws as explained
from stgref.explain import writers
from stgref.numerics import documents
from stgref.numerics.domains import domain_of

GROUPS = {
    "Samples": ("transform", "sample", "conditional_latent"),
    "Density": ("pdf", "logpdf"),
    "Distribution function": ("cdf", "ccdf", "left_cdf", "logcdf", "logccdf"),
    "Quantiles": ("icdf", "iccdf"),
    "Moments": ("mean", "variance", "median", "entropy", "kl_divergence"),
    "Atoms": ("prob_",),
    "Logarithms of the atoms": ("log_prob",),
}
ORDER = (
    *(
        "hard_concrete",
        "rectified_gaussian",
        "hard_kumaraswamy",
        "bernoulli",
        "binary_concrete",
        "kumaraswamy",
    ),
    *("logistic", "normal", "gumbel", "categorical", "concrete", "exp_concrete"),
)
"""Of the laws' pages: gates first."""
ABOUT = """\
A law is a module of pure functions. Each page has the story of a law, its formulas and their derivatives as they are coded,
a sample worked out in numbers, and what the law is called elsewhere.
"""


def heading(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}"


def directive(name: str, argument: str, body: str = "", **options: str) -> str:
    lines = [f".. {name}:: {argument}".rstrip(), *(f"   :{key}: {value}" for key, value in options.items())]
    if body:
        lines += ["", *(f"   {line}".rstrip() for line in body.splitlines())]
    return "\n".join(lines)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells in reStructuredText."""
    found = [head, *rows]
    body = "\n".join(
        f"{'*' if not i else ' '} - {cell or '..'}" for row in found for i, cell in enumerate(row)
    )
    return directive("list-table", "", body, **{"header-rows": "1"})


def first_words(function: Any) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def introduction(function: Any) -> str:
    """A docstring up to its first section."""
    return (inspect.getdoc(function) or "").partition("\nParameters\n")[0].strip()


def figures(shown: dict[str, str]) -> str:
    body = "\n\n".join(directive("image", f"pictures/{file}", alt=words) for file, words in shown.items())
    return directive("container", "pictures", body)


def functions(name: str, module: ModuleType, names: list[str]) -> Iterator[str]:
    """What the law offers, by groups, each with its derivative."""
    for title, stems in GROUPS.items():
        found = [
            n
            for n in names
            if any(
                n.removeprefix("grad_")
                .removeprefix("grad2_")
                .removeprefix("vjp_")
                .removeprefix("jvp_")
                .startswith(s)
                for s in stems
            )
        ]
        if not found:
            continue
        entries = "\n".join(
            f":py:obj:`~stgref.{name}.{n}`\n   {first_words(getattr(module, n))}\n" for n in found
        )
        yield f"{heading(title, '-')}\n\n{entries}"


def parameters(name: str, module: ModuleType) -> str:
    signature = inspect.signature(module.transform)
    vector = name in ("concrete", "exp_concrete", "categorical")
    rows = []
    for p in signature.parameters.values():
        domain = domain_of(p.name, name)
        words = (documents.OF_VECTORS.get(p.name) if vector else None) or documents.describe(p.name)
        default = "" if p.default is p.empty else documents.shown(p.default)
        rows.append((f"``{p.name}``", words, domain.words if domain else "real", default))
    return table(("Argument", "What it is", "Range", "Default"), rows)


def numbers(name: str, curve: dict[str, float]) -> str:
    """One sample worked out, from `stgref.explain`."""
    noise = 0.3 if explained.LAWS[name].base == "uniform" else 0.5
    values = explained.parameters(name) | curve
    found = explained.explain(name, noise, **values)
    command = f"stgref explain {name.replace('_', '-')} --noise {noise:g} " + " ".join(
        f"--{key.replace('_', '-')} {value:.6g}" for key, value in curve.items()
    )
    parts = [heading("With numbers", "-"), f"As ``{command.strip()}`` prints it."]
    for section in found.sections[1:]:
        parts += [f"**{section.title}**", directive("math", "", writers.aligned(section))]
    return "\n\n".join([*parts, *filter(None, [found.note])])


def elsewhere(rows: list[dict[str, Any]]) -> str:
    """What the law is called in other packages, and what of it the tests compare."""
    entries = []
    for row in rows:
        words = [f"``{row['code']}``", row.get("note", "")]
        if "check" in row:
            words.append(f"Compared: {', '.join(f'``{quantity}``' for quantity in row['check'])}.")
        entries.append("\n   ".join([row["package"], "\n\n   ".join(filter(None, words)), ""]))
    note = "What is compared is compared by the tests, number by number; the rest is read from the packages' documentation."
    return "\n\n".join([heading("Elsewhere", "-"), "\n".join(entries), note])


def law_page(name: str, names: list[str], data: dict[str, Any], folder: Path) -> str:
    module: ModuleType = getattr(stgref, name)
    shown: dict[str, str] = {}
    if "curves" in data:
        shown = pictures.law(module, name, data, folder)
    elif "temperatures" in data:
        shown = pictures.simplex(module, name, data, folder)
    related = "\n".join(f"- :doc:`{other}` {words}" for other, words in data["related"].items())
    parts = [
        heading(data["title"]),
        data["story"].strip(),
        figures(shown) if shown else "",
        introduction(module),
        f"Support: {data['support']}.",
        parameters(name, module),
        *functions(name, module, names),
        numbers(name, data["curves"][0]) if name in explained.LAWS else "",
        elsewhere(data["elsewhere"]),
        f"{heading('Related laws', '-')}\n\n{related}",
        f":doc:`All functions of {data['title'].lower()} </generated/stgref.{name}>`, with arguments and examples.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def write_laws(folder: Path, offered: dict[str, list[str]]) -> None:
    """Write a page for each law that has data, and the list of them; ``offered`` has the functions of each."""
    (folder / "pictures").mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        page = law_page(path.stem, offered[path.stem], data, folder / "pictures")
        path.with_suffix(".rst").write_text(page, encoding="utf-8")
    listed = [name for name in ORDER if (folder / f"{name}.toml").exists()]
    write_index(folder, "The laws", ABOUT, listed)


def write_index(folder: Path, title: str, about: str, names: Iterable[str]) -> None:
    tree = directive("toctree", "", "\n".join(names), maxdepth="1")
    (folder / "index.rst").write_text(f"{heading(title)}\n\n{about}\n\n{tree}\n", encoding="utf-8")


def estimator_page(row: Any, folder: Path, beside: Any) -> str:
    function: Any = stgref.estimators
    for part in row.name.split("."):
        function = getattr(function, part)
    shown = {} if "." in row.name else pictures.estimator(row.name, folder, beside)
    facts = [
        ("Needs", row.needs),
        ("Evaluations", row.evaluations),
        ("Mean", row.bias),
        ("Noise", row.noise),
        ("Options", ", ".join(f"``{option}``" for option in row.options) or "none"),
        ("Source", f"\\{row.source}"),  # Else "G. Tucker" begins a list.
    ]
    words = (
        "Exact moments of one estimate, by ``estimators.exact_moments``, of one variable and the objective "
        ":math:`(b - 0.45)^2`, against the logit."
    )
    options = pictures.OPTIONS.get(row.name, {})
    parts = [
        heading(row.name),
        "" if ".. math::" in introduction(function) else directive("math", "", rf"\hat g = {row.equation}"),
        introduction(function),
        "\n".join(f":{key}: {value}" for key, value in facts),
        heading("Bias and variance", "-") if shown else "",
        f"{words} {'Options: ' + ', '.join(f'``{k}={v!r}``' for k, v in options.items()) + '.' if options else ''}"
        if shown
        else "",
        figures(shown) if shown else "",
        f":py:obj:`stgref.estimators.{row.name}` has its arguments and examples.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def write_estimators(folder: Path) -> None:
    """Write a page for each estimator, and the list of them."""
    (folder / "pictures").mkdir(exist_ok=True, parents=True)
    beside, rows = pictures.moments(pictures.BESIDE)[0], stgref.estimators.table()
    for row in rows:
        page = estimator_page(row, folder / "pictures", beside)
        (folder / f"{row.name}.rst").write_text(page, encoding="utf-8")
    write_index(
        folder,
        "One by one",
        "Each estimator with its formula, what it needs, and its exact bias and variance.",
        [row.name for row in rows],
    )
