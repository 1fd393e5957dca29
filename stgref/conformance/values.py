"""Numbers that survive a text file: every array is its shape and its elements, written exactly.

An array is ``{"shape": [2, 3], "data": [...]}`` with the elements in row-major order, a scalar is a bare element. An
element is a JSON number, the hexadecimal notation of C99 (``"0x1.8p+1"``), or ``"nan"``, ``"inf"`` or ``"-inf"``. This is
what `encode` writes. `decode` also reads decimal text, nested lists, and the notation of the vector sets, which has ``hex``
in place of ``data``, and ``decimal`` beside it.
"""

import math
import re
from fractions import Fraction
from itertools import chain
from types import NoneType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from stgref.conformance.errors import UnusableInputError

Array: TypeAlias = npt.NDArray[Any]

MAX_DIMENSIONS = 8
_HEX = re.compile(
    r"(?P<sign>[+-]?)0x(?P<whole>[0-9a-f]{1,16})(\.(?P<part>[0-9a-f]{1,16}))?(p(?P<power>[+-]?[0-9]{1,5}))?",
    re.IGNORECASE,
)
_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})(e[+-]?[0-9]{1,5})?", re.IGNORECASE)
_SPECIAL = re.compile(r"[+-]?(inf|infinity|nan)", re.IGNORECASE)
_NOTATIONS = ({"shape", "data"}, {"shape", "hex"}, {"shape", "hex", "decimal"})


def encode(value: Any) -> Any:
    """Write numbers of any shape exactly.

    Parameters
    ----------
    value : array_like
        Real or integer numbers.

    Returns
    -------
    dict, str or int
        Its place in a JSON document: real elements as text, integers as they are.

    Examples
    --------
    >>> encode(np.float32(0.1))
    '0x1.99999ap-4'
    >>> encode([1.0, 0.5])
    {'shape': [2], 'data': ['0x1p+0', '0x1p-1']}
    """
    array = np.asarray(value)
    integers = array.dtype.kind in "iu"
    data = [int(element) if integers else hexadecimal(float(element)) for element in array.ravel()]
    return {"shape": list(array.shape), "data": data} if array.ndim else data[0]


def hexadecimal(number: float) -> str:
    """Write one number exactly, without the trailing zeros of `float.hex`.

    Parameters
    ----------
    number : float
        Any float, infinities and NaN included.

    Returns
    -------
    str
        C99 notation, ``"inf"``, ``"-inf"`` or ``"nan"``.
    """
    if not math.isfinite(number):
        return str(number)
    mantissa, exponent = number.hex().split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"


def decode(node: Any, dtype: str, where: str) -> Array:
    """Read numbers of any shape.

    Parameters
    ----------
    node : object
        What the JSON document holds at this place.
    dtype : str
        The dtype of the result; a number that has more digits is rounded once.
    where : str
        What to call this place in an error message.

    Returns
    -------
    numpy.ndarray
        Of the shape that the document states.

    Raises
    ------
    UnusableInputError
        If the place does not hold numbers in this notation.
    """
    if isinstance(node, list):
        shape, data = _nested(node, where)
    elif isinstance(node, dict) and set(node) not in ({"hex"}, {"hex", "decimal"}):
        shape, data = _shaped(node, where)
    else:
        shape, data = (), [node["hex"] if isinstance(node, dict) else node]
    return _array([_element(element, dtype, where) for element in data], shape, dtype)


def real(value: Any, name: str) -> Array:
    """Copy what an implementation returned for a result.

    Parameters
    ----------
    value : array_like
        Real numbers, or bools.
    name : str
        The result.

    Returns
    -------
    numpy.ndarray
        Of a floating dtype.

    Raises
    ------
    TypeError
        If it is something else.
    """
    array = np.array(value)  # A copy: the subject may use its memory again.
    if value is None:
        raise TypeError(f"returns None for {name}")
    if array.dtype.kind == "c":
        raise TypeError(f"returns complex numbers for {name}")
    if array.dtype.kind not in "biufO" or any(isinstance(x, str | bytes | NoneType) for x in _objects(array)):
        raise TypeError(f"returns no numbers for {name}")
    return array if array.dtype.kind == "f" else array.astype("float64")


def _objects(array: Array) -> Any:
    return array.flat if array.dtype.kind == "O" else ()


def check_shape(shape: tuple[int, ...], where: str) -> None:
    """See that an array can have a shape.

    Parameters
    ----------
    shape : tuple of int
        The shape.
    where : str
        What to call the array in an error message.

    Raises
    ------
    UnusableInputError
        If it has too many lengths, or one that is negative or too large.
    """
    if len(shape) > MAX_DIMENSIONS or any(not 0 <= length < 2**63 for length in shape):
        raise UnusableInputError(f"{where}: a shape has at most {MAX_DIMENSIONS} lengths, all of them >= 0")
    # NumPy multiplies the other lengths.
    if 0 in shape and math.prod(filter(None, shape)) >= 2**59:
        raise UnusableInputError(f"{where}: no memory has room for its shape")


def kind(node: Any) -> str:
    """Name the JSON type of a value as an error message does.

    Parameters
    ----------
    node : object
        What the JSON document holds at this place.

    Returns
    -------
    str
        A noun with its article, or the value where that says more.
    """
    names = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    if node is None or isinstance(node, bool):
        return "null" if node is None else str(node).lower()
    return names.get(type(node), "an array")


def _array(elements: list[float | int], shape: tuple[int, ...], dtype: str) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(elements, dtype).reshape(shape)


def _nested(node: list[Any], where: str) -> tuple[tuple[int, ...], list[Any]]:
    """Find the shape of nested lists, and their elements in row-major order."""
    shape: tuple[int, ...] = (len(node),)
    data = node
    while data and any(isinstance(each, list) for each in data):
        lengths = {len(each) if isinstance(each, list) else -1 for each in data}
        if len(lengths) > 1:
            raise UnusableInputError(f"{where}: the lists in one list must be of one length")
        if len(shape) == MAX_DIMENSIONS:
            raise UnusableInputError(f"{where}: lists nest at most {MAX_DIMENSIONS} deep")
        shape, data = (*shape, *lengths), list(chain.from_iterable(data))
    return shape, data


def _shaped(node: dict[str, Any], where: str) -> tuple[tuple[int, ...], list[Any]]:
    """Read a shape and the elements beside it."""
    if set(node) not in _NOTATIONS:
        raise UnusableInputError(
            f"{where}: an array has the keys 'shape' and 'data' or 'hex', this one has {_keys(node)}"
        )
    key = "data" if "data" in node else "hex"
    shape, data = _shape(node["shape"], where), node[key]
    if not isinstance(data, list):
        raise UnusableInputError(f"{where}: {key!r} must be a list, not {kind(data)}")
    if len(data) != math.prod(shape):
        raise UnusableInputError(
            f"{where}: shape {list(shape)} needs {math.prod(shape)} elements, got {len(data)}"
        )
    return shape, data


def _shape(node: Any, where: str) -> tuple[int, ...]:
    if not isinstance(node, list) or len(node) > MAX_DIMENSIONS:
        raise UnusableInputError(f"{where}: 'shape' must be a list of at most {MAX_DIMENSIONS} lengths")
    if any(type(length) is not int or length < 0 for length in node):
        raise UnusableInputError(f"{where}: the lengths in 'shape' must be integers >= 0")
    check_shape(tuple(node), where)
    return tuple(node)


def _element(node: Any, dtype: str, where: str) -> float | int:
    if np.dtype(dtype).kind == "i":
        if type(node) is int and abs(node) < 2**63:
            return node
        raise UnusableInputError(f"{where}: expected an integer, got {_shown(node)}")
    if type(node) in (int, float):
        return _float(node, where)
    if isinstance(node, str) and (_SPECIAL.fullmatch(node) or _DECIMAL.fullmatch(node)):
        return _rounded(float(node), node, dtype)
    if isinstance(node, str) and _HEX.fullmatch(node):
        return _rounded(_from_hex(node, where), node, dtype)
    raise UnusableInputError(f"{where}: expected a number or its text, got {_shown(node)}")


def _rounded(number: float, text: str, dtype: str) -> float:
    """Return a float that rounds to the dtype as the text does: of the two around the text, the one whose last bit is 1."""
    if dtype != "float32" or not number or not math.isfinite(number):
        return number
    exact, near = _exact(text), Fraction(number)
    if exact == near or number.hex().partition("p")[0][-1] in "13579bdf":
        return number
    return math.nextafter(number, math.inf if exact > near else -math.inf)


def _exact(text: str) -> Fraction:
    found = _HEX.fullmatch(text)
    if not found:
        return Fraction(text)
    part = found["part"] or ""
    digits = int(found["sign"] + found["whole"] + part, 16)
    return digits * Fraction(2) ** (int(found["power"] or 0) - 4 * len(part))


def _float(node: float, where: str) -> float:
    try:
        return float(node)
    except OverflowError:
        raise UnusableInputError(f"{where}: a number is too large for a float") from None


def _from_hex(text: str, where: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        raise UnusableInputError(f"{where}: {text} is too large for a float") from None


def _shown(node: Any) -> str:
    return repr(node[:40]) if isinstance(node, str) else kind(node)


def _keys(node: dict[str, Any]) -> str:
    return ", ".join(repr(key[:40]) for key in list(node)[:5]) or "none"
