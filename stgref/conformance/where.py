"""Which inputs a number of the output comes from."""

import numpy as np

from stgref.conformance.drawn import Drawn
from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.recording import Case
from stgref.conformance.sharing import Sharing
from stgref.conformance.values import Array, hexadecimal

FEW = 8
PER_ELEMENT = {"x", "d_gated"}


def inputs_of(case: Case, result: str, index: tuple[int, ...]) -> dict[str, str]:
    """Find the inputs that one number of the output depends on.

    Parameters
    ----------
    case : Case
        The case.
    result : str
        The result.
    index : tuple of int
        The place of the number in it.

    Returns
    -------
    dict
        The inputs as hexadecimal text; of long ones, the first few.
    """
    pick = _of_layer if case.function.split(".")[0] in LAYERS and index else _of_law
    return {
        name: _text(pick(case, name, value, result, index)) if isinstance(value, np.ndarray) else str(value)
        for name, value in case.arguments.items()
    }


def _of_law(case: Case, _name: str, value: Array, _result: str, index: tuple[int, ...]) -> Array:
    """Pick the number that broadcasts to the element; all of them for a law of vectors."""
    one_each = isinstance(case, Drawn) or case.function.split(".")[0] in PARAMETERS
    if not one_each or value.ndim > len(index):
        return value
    own = zip(index[len(index) - value.ndim :], value.shape, strict=True)
    return np.asarray(value[tuple(i if length > 1 else 0 for i, length in own)])


def _of_layer(case: Case, name: str, value: Array, result: str, index: tuple[int, ...]) -> Array:
    """Pick what belongs to the element ``index``, or to the gate ``index``."""
    if "x" not in case.arguments:
        return np.asarray(value[index] if value.ndim else value)
    x = case.array("x")
    gates: Array = Sharing(case.arguments["mask"], x.shape).index.reshape(x.shape)
    element = result in {"gated", "input"}
    gate = gates[index] if element else index[0]
    if name in PER_ELEMENT:
        return np.asarray(value[index] if element else value[gates == gate])
    if name in {"noise", "uniform"}:
        return np.asarray(value[index[0], gate] if element else value[:, gate])
    return np.asarray(value if name == "mask" or not value.ndim else value[gate])


def _text(value: Array) -> str:
    numbers = np.asarray(value)
    texts = [str(n) if numbers.dtype.kind == "i" else hexadecimal(float(n)) for n in numbers.ravel()[:FEW]]
    more = f", ... ({numbers.size} in all)" if numbers.size > FEW else ""
    return f"[{', '.join(texts)}{more}]" if numbers.ndim else texts[0]
