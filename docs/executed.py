"""Pages that run: every Python block of the book is executed as it is read, and what it prints and draws stands below it.

The blocks of a page share one namespace, from the first to the last. Every figure of matplotlib that a block leaves open
is drawn. An error is a warning, with which the build fails.
"""

from docutils import nodes
from sessions import Session, figures, styled
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def run_page(app: Sphinx, doctree: nodes.document) -> None:
    """Run the Python blocks of a page of the book, and put below each what it prints and draws."""
    if not app.env.docname.startswith("book/"):
        return
    session = Session(app.env.doc2path(app.env.docname))
    with styled():
        for node in list(doctree.findall(nodes.literal_block)):
            if node.get("language") != "python" or "source" in node:
                continue  # Another language, or a file.
            try:
                printed, drawn = session.run(node.astext(), node.line or 0), figures()
            except Exception as error:  # noqa: BLE001 (whatever it is, it is the page's)
                logger.warning("%s: %s", type(error).__name__, error, location=node)
                return
            shown = [nodes.raw("", picture, format="html") for picture in drawn]
            if printed:
                shown.insert(
                    0, nodes.literal_block(printed, printed.rstrip(), language="text", classes=["output"])
                )
            node.parent[node.parent.index(node) + 1 : node.parent.index(node) + 1] = shown


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", run_page)
    return {"parallel_read_safe": True}
