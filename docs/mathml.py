"""Formulas as MathML, which browsers draw themselves: docutils' translation of LaTeX, made to look as TeX sets it."""

import re
from collections.abc import Iterator

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

SPACE = '<mspace width="0.17em"/>'
NAME = r'<mi(?: mathvariant="normal")?>\w+</mi>\s*<mo>&ApplyFunction;</mo>'
REPAIRS = {
    # An accent whose place is left to the font touches its letter in some.
    r'<mover accent="true">(\s*<mi[^>]*>[^<]*</mi>\s*<mo stretchy="false">)': r'<mover accent="false">\1',
    "\u02c9": "\u00af",
    # Operators with names have no space of their own, which MathML gives them before a parenthesis too.
    r"<mo>(min|max)</mo>": r'<mo lspace="0" rspace="0">\1</mo>',
    # A thin space beside the name of a function, unless there is a parenthesis or an operator.
    rf"(</(?:mi|mn|mtext|mfrac|msub|msup|msubsup|mover|mrow)>|>\)</mo>)(\s*{NAME})": rf"\1{SPACE}\2",
    rf"({NAME})(\s*<(?:mi|mn|mtext|mfrac|msub|msup|mover|mrow|msqrt)\b)": rf"\1{SPACE}\2",
}
RELATION = re.compile(r"=|\\(?:le|ge|ne|sim|to|approx|propto|mapsto|quad|leftarrow)(?![a-zA-Z])")
SIGN = re.compile(r"(?<=[\w)\]}|])\s*[-+](?=\s|\\|\w|\()")


def mathml(latex: str, *, block: bool = False) -> str:
    """A formula; `latex2mathml.MathError` if it is none."""
    found: str = latex2mathml.tex2mathml(latex, as_block=block)
    for wrong, right in REPAIRS.items():
        found = re.sub(wrong, right, found)
    return found


def pieces(latex: str) -> Iterator[str]:
    """An inline formula in pieces, between which a line may end: before a relation or a sign outside of all brackets."""
    start = depth = at = 0
    while at < len(latex):
        if latex.startswith((r"\{", r"\}"), at) or latex[at] in "{}()[]":
            depth += 1 if latex[at] in "{([" or latex.startswith(r"\{", at) else -1
        relation = RELATION.match(latex, at) or SIGN.match(latex, at)
        if not depth and relation and latex[start:at].strip():
            yield latex[start:at]
            start, at = at, relation.end() - 1
        at += 2 if latex.startswith((r"\{", r"\}"), at) else 1
    yield latex[start:]


def inline(latex: str) -> str:
    """An inline formula, whose later pieces begin with nothing, so that a sign stands between two things."""
    if r"\begin" in latex:
        return mathml(latex)
    first, *others = pieces(latex)
    return "<wbr>".join([mathml(first), *(mathml("{} " + piece) for piece in others)])


def _drawn(node: nodes.math | nodes.math_block) -> str:
    try:
        if isinstance(node, nodes.math_block):
            return mathml(node.astext(), block=True)
        return inline(node.astext())
    except latex2mathml.MathError as error:
        logger.warning("%s", error, location=node)
        return ""


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_drawn(node))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(_drawn(node) + "</div>")
    raise nodes.SkipNode
