"""Sphinx configuration. The pages need no network: no theme, font, script or inventory comes from elsewhere."""

import shutil
import sys
from inspect import isclass, ismodule
from pathlib import Path
from types import ModuleType

from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import pages
from mathml import visit_math, visit_math_block

import stgref

project = "stgref"
author = "The stgref developers"
copyright = f"2026, {author}"
version = release = stgref.__version__

extensions = [
    "executed",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autosummary_generate = False
autodoc_typehints = "none"
numpydoc_show_class_members = False
# Docstrings are checked as they are read here, because those of the laws are put together at import.
numpydoc_validation_checks = {
    "all",  # Apart from:
    "ES01",  # an extended summary where the summary says it all,
    "SA01",  # "See also", where siblings stand side by side in one module,
    "SA04",  # descriptions in it,
    "EX01",  # an example of each method, where that of the class shows them,
    "GL01",  # a summary on the opening line, and
    "SS05",  # summaries that are no orders, for what is no action.
}

# Sphinx's plainest theme, whose layout and looks are `_templates/layout.html` and `_static/stgref.css`.
html_theme = "basic"
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["stgref.css"]
html_title = "stgref"
pygments_style, pygments_dark_style = "lovelace", "github-dark"
html_math_renderer = "mathml"


def public_names(module: ModuleType) -> list[str]:
    """What ``module`` offers: its ``__all__``, or without one the functions and classes it defines."""
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__
    ]
    return list(getattr(module, "__all__", [name for name in own if not name.startswith("_")]))


def api_page(name: str, module: ModuleType) -> str:
    """The page of one public module: its documentation, a table of what it offers, and each in full."""
    offers = {public: getattr(module, public) for public in public_names(module)}
    # The NamedTuples of partial derivatives explain themselves.
    offers = {p: v for p, v in offers.items() if callable(v) and not (isclass(v) and issubclass(v, tuple))}
    directives = [
        f".. autoclass:: {name}.{public}\n   :members:\n   :inherited-members: BaseException"
        if isclass(value)
        else f".. autofunction:: {name}.{public}"
        for public, value in offers.items()
    ]
    table = [".. autosummary::\n   :nosignatures:\n", *(f"   {public}" for public in offers)]
    parts = [f"{name}\n{'=' * len(name)}", f".. automodule:: {name}", "\n".join(table), *directives]
    return "\n\n".join(parts) + "\n"


def public_modules(name: str, module: ModuleType) -> dict[str, ModuleType]:
    """The modules that ``module`` offers, and those that they offer, by the names that users import."""
    offered = {f"{name}.{public}": getattr(module, public) for public in public_names(module)}
    found = {key: value for key, value in offered.items() if ismodule(value)}
    return found | {k: v for key, value in found.items() for k, v in public_modules(key, value).items()}


def estimator_table() -> str:
    """What there is to know of each estimator: a table to compare them by, and a list with the formulas."""
    rows = stgref.estimators.table()
    table = ["| Estimator | Needs | Evaluations | Mean |", "|---|---|---|---|"]
    table += [
        f"| [`{row.name}`](estimators/{row.name}.rst) | {row.needs} | {row.evaluations} | {row.bias} |"
        for row in rows
    ]
    entries = [""]
    for row in rows:
        options = ", ".join(f"`{option}`" for option in row.options) or "none"
        entries += [
            f"({anchor(row.name)})=",
            f"`{row.name}`",
            f": $$\n  \\hat g = {row.equation}\n  $$\n",
            f": Options: {options}. Noise: {row.noise.replace('``', '`')}.",
            f": {row.source}",
            "",
        ]
    return "\n".join([*table, *entries])


def anchor(name: str) -> str:
    """The label of an estimator's entry."""
    return "estimator-" + name.replace(".", "-").replace("_", "-")


def write_api_pages(app: Sphinx) -> None:
    """Write ``generated/<name>.rst`` for the package and each public module, by the names that users import."""
    folder = Path(app.srcdir, "generated")
    folder.mkdir(exist_ok=True)
    modules = {"stgref": stgref} | public_modules("stgref", stgref)
    # autodoc imports what it documents, and `stgref.normal` is an attribute rather than a module to import.
    sys.modules.update(modules)
    for name, module in modules.items():
        (folder / f"{name}.rst").write_text(api_page(name, module), encoding="utf-8")
    (folder / "estimators.inc").write_text(estimator_table(), encoding="utf-8")
    for page in folder.glob("*.rst"):
        if page.stem not in modules:
            page.unlink()


def copy_explorer(app: Sphinx, error: Exception | None) -> None:
    """The explorer is a page of its own, beside the others; `html_extra_path` would mix its files with theirs."""
    if error is None and app.builder.format == "html":
        shutil.copytree(Path(app.srcdir, "explorer"), Path(app.outdir, "explorer"), dirs_exist_ok=True)


def write_pages(app: Sphinx) -> None:
    """Write the pages of laws and estimators."""
    offered = {
        name: [p for p in public_names(module) if not isclass(getattr(module, p))]
        for name, module in public_modules("", stgref).items()
    }
    pages.write_laws(
        Path(app.srcdir, "laws"), {key.removeprefix("."): value for key, value in offered.items()}
    )
    pages.write_estimators(Path(app.srcdir, "estimators"))


def write_dark_code(app: Sphinx, error: Exception | None) -> None:
    """Colours of code for those who prefer dark pages."""
    if error is None and app.builder.format == "html":
        rules = HtmlFormatter(style=pygments_dark_style).get_style_defs(".highlight")
        with Path(app.outdir, "_static", "pygments.css").open("a", encoding="utf-8") as sheet:
            sheet.write(f"\n@media (prefers-color-scheme: dark) {{\n{rules}\n}}\n")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", write_api_pages)
    app.connect("build-finished", copy_explorer)
    app.connect("builder-inited", write_pages)
    app.connect("build-finished", write_dark_code)
    app.add_html_math_renderer(
        "mathml", inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None)
    )
