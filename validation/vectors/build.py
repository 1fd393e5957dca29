"""The cases of a law: exact results of the oracle at the chosen points."""

from collections.abc import Iterator

from tests.oracle import LAWS, evaluate, split
from tests.oracle.layers import Grid
from validation.vectors.choose import QUOTA, Point, candidates, clip_points, wrong_points
from validation.vectors.node import CONVENTIONS, NOTHING, Node, answer, head
from validation.vectors.rounding import pair


def functions(law: str) -> dict[str, Node]:
    """Describe the functions of a law.

    Parameters
    ----------
    law : str
        Its name.

    Returns
    -------
    dict
        The names of the arguments, in order, and of the results, by the name of the function.
    """
    names = [
        name for name in LAWS[law].functions() if not name.startswith("grad2_")
    ]  # not asked of others yet
    return {f"{law}.{name}": _function(f"{law}.{name}") for name in names}


def cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of a function in a dtype.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    dtype : str
        Of arguments and results.

    Yields
    ------
    dict
        A case, as it stands in the set.
    """
    found = candidates(function, dtype)
    for flag, count in QUOTA.items():
        yield from _first(function, dtype, flag, found[flag], count)
    for number, point in enumerate(clip_points(function)):
        yield _at_clip_point(function, dtype, number, point)
    for number, point in enumerate(wrong_points(function, dtype)):
        yield _head(function, dtype, "outside", number, point, kind="invalid") | NOTHING


def exact(function: str, dtype: str, point: Point, *, at_jump: bool = False) -> Node:
    """Evaluate the oracle at a point.

    Parameters
    ----------
    function, dtype : str
        Which function, and what its results are rounded to.
    point : tuple of float
        All arguments.
    at_jump : bool
        Whether the point may be where a rounding changes the answer.

    Returns
    -------
    dict
        ``results`` and ``conditions``.

    Raises
    ------
    ArithmeticError
        If the answer cannot be rounded without doubt.
    """
    wanted = {name: Grid((), [each]) for name, each in evaluate(function, point).items()}
    return answer(wanted, dtype, at_jump=at_jump)


def _function(function: str) -> Node:
    law, quantity, is_gradient = split(function)
    results = (
        list(evaluate(function, next(iter(candidates(function, "float64")["bulk"]))))
        if is_gradient
        else ["value"]
    )
    return {"arguments": list(law.arguments(quantity)), "results": results}


def _first(function: str, dtype: str, flag: str, found: list[Point], count: int) -> Iterator[Node]:
    """Take the first points whose answers can be rounded without doubt."""
    number = 0
    for point in found:
        if number == count:
            return
        try:
            right = exact(function, dtype, point)
        except ArithmeticError:
            continue
        yield _head(function, dtype, flag, number, point) | right
        number += 1


def _at_clip_point(function: str, dtype: str, number: int, point: Point) -> Node:
    closed = exact(function, dtype, point, at_jump=True)
    if not split(function)[2]:
        return _head(function, dtype, "clip-point", number, point) | closed
    others = {name: _scaled(closed, dtype, factor) for name, factor in CONVENTIONS.items()}
    start = _head(function, dtype, "clip-point", number, point, kind="acceptable")
    return start | closed | {"conventions": others}


def _scaled(closed: Node, dtype: str, factor: float) -> Node:
    """Return the derivatives under another convention: at a clip point they are a multiple of the closed ones."""

    def scale(name: str, node: Node, kind: str) -> Node:
        return node if name == "value" else pair(factor * float.fromhex(node["hex"]) + 0.0, kind)

    return {
        part: {name: scale(name, node, kind) for name, node in closed[part].items()}
        for part, kind in (("results", dtype), ("conditions", "float64"))
    }


def _head(function: str, dtype: str, flag: str, number: int, point: Point, kind: str = "valid") -> Node:
    law, quantity, _ = split(function)
    arguments = dict(zip(law.arguments(quantity), point, strict=True))
    return head(function, dtype, (flag,), number, arguments, kind)
