"""Python blocks of a page, one after the other in one namespace: what they print, and the figures that they leave open."""

import ast
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import NamedTuple

BLOCK = re.compile(r"^```python\n(.*?)^```$|^</?details", re.DOTALL | re.MULTILINE)
INK = "#010203"
"""A colour that no plot has: what is drawn in it takes the colour of the page's text."""
STYLE = {
    "figure.figsize": (6.4, 3.0),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "grid.alpha": 0.15,
    "legend.framealpha": 0.0,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "book",
} | dict.fromkeys(
    ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "grid.color"), INK
)


class Block(NamedTuple):
    """A Python block of a page: its code, the line it starts in, and whether it is part of an answer."""

    code: str
    line: int
    answer: bool


def blocks(text: str) -> Iterator[Block]:
    """The Python blocks of a page; those between `<details>` and `</details>` are answers."""
    answer = False
    for match in BLOCK.finditer(text):
        if match[1] is None:
            answer = match[0] == "<details"
        else:
            yield Block(match[1], text.count("\n", 0, match.start(1)), answer)


class Session:
    """One namespace, in which blocks run one after the other."""

    def __init__(self, page: str) -> None:
        self.page, self.names = page, {"__name__": "book", "__file__": page}

    def run(self, code: str, line: int = 0) -> str:
        """Run a block, and return what it prints."""
        tree = ast.increment_lineno(ast.parse(code, self.page), line)
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(tree, self.page, "exec"), self.names)  # noqa: S102 (the pages are our own)
        return printed.getvalue()


def figures() -> list[str]:
    """The open figures of matplotlib, as SVG for pages of any colour, and close them."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 (only for pages that run)

    drawn = [svg(plt.figure(number)) for number in plt.get_fignums()]
    plt.close("all")
    return drawn


def svg(figure: object) -> str:
    """One figure as an SVG element, described by the titles of its axes."""
    file = io.StringIO()
    with warnings.catch_warnings():
        # A legend that finds its place warns if that takes a second, as it may where others compute too.
        warnings.filterwarnings("ignore", "Creating legend")
        figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r'<g id="[^"]*">', "<g>", text)  # Several figures of a page would share them.
    label = "; ".join(filter(None, (ax.get_title(loc="left") for ax in figure.axes)))
    label = re.sub(r'[<>&"$]', "", label)
    return text.replace(
        "<svg", f'<svg role="img" aria-label="{label}" style="max-width: 100%; height: auto"', 1
    )


def styled() -> object:
    """A context in which matplotlib draws for these pages, with no figure open."""
    import matplotlib as mpl  # noqa: PLC0415 (only for pages that run)
    import matplotlib.pyplot as plt  # noqa: PLC0415 (only for pages that run)

    mpl.use("svg")
    plt.close("all")
    from stgref.study.plots import COLOURS  # noqa: PLC0415 (only for pages that run)

    return mpl.rc_context(STYLE | {"axes.prop_cycle": mpl.cycler(color=COLOURS)})
