"""Read outputs from a ``.safetensors`` file, without trusting it.

Eight bytes say how long the header is; the header, in JSON, says of each array its dtype, its shape and its place in the
bytes that follow. Here the arrays have to fill the file without holes and without overlaps, so that they take no more
memory than the file is long. The header of the recording is in the metadata, under ``recording``; the text of an error is an
array of its UTF-8 bytes.
"""

import math
from typing import IO, Any, NamedTuple

import numpy as np

from stgref.conformance.bundle import ERROR, HEADER, document
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.raw import Budget, read_array
from stgref.conformance.strict_json import parse_json
from stgref.conformance.values import Array, check_shape, kind

MAX_HEADER = 16 * 1024 * 1024
METADATA = "__metadata__"
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
}


class Place(NamedTuple):
    """An array in the file.

    Parameters
    ----------
    begin, end : int
        Its first byte, and the one after its last.
    name, kind : str
        Its name and its dtype, as the format calls it.
    shape : tuple of int
        Its shape.
    """

    begin: int
    end: int
    name: str
    kind: str
    shape: tuple[int, ...]


def read_safetensors(file: IO[bytes], size: int, name: str) -> dict[str, Any]:
    """Read a recording from a ``.safetensors`` file.

    Parameters
    ----------
    file : binary file
        The file, open at its beginning.
    size : int
        How many bytes it has, as was looked at.
    name : str
        The subject, if the file does not say who it is.

    Returns
    -------
    dict
        The document of the recording, see `stgref.conformance.bundle`.

    Raises
    ------
    UnusableInputError
        If it is not such a file.
    """
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise UnusableInputError("not a .safetensors file, or a truncated one")
    if length > MAX_HEADER:
        raise UnusableInputError(f"a header of {length} bytes, the limit is {MAX_HEADER}")
    header = parse_json(file.read(length))
    if not isinstance(header, dict):
        raise UnusableInputError(f"the header of a .safetensors file is an object, this is {kind(header)}")
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise UnusableInputError(f"{METADATA!r} must be an object of texts")
    places = sorted(_place(each, node) for each, node in header.items())
    _check_places(places, size - 8 - length)
    try:
        arrays = {each.name: _read(file, each) for each in places}
    except EOFError:
        raise UnusableInputError("not a .safetensors file, or a truncated one") from None
    return document(arrays, parse_json(metadata[HEADER].encode()) if HEADER in metadata else None, name)


def _place(name: str, node: Any) -> Place:
    where = f"array {name[:80]!r}"
    if not isinstance(node, dict) or set(node) != {"dtype", "shape", "data_offsets"}:
        raise UnusableInputError(f"{where}: has not the keys 'dtype', 'shape' and 'data_offsets'")
    if not isinstance(node["dtype"], str) or node["dtype"] not in DTYPES:
        shown = repr(node["dtype"][:40]) if isinstance(node["dtype"], str) else kind(node["dtype"])
        raise UnusableInputError(f"{where}: takes real numbers, of at most 64 bits, got {shown}")
    shape, offsets = _integers(node["shape"], where), _integers(node["data_offsets"], where)
    if len(offsets) != 2:
        raise UnusableInputError(f"{where}: 'data_offsets' are a beginning and an end")
    return Place(*offsets, name, node["dtype"], shape)


def _integers(node: Any, where: str) -> tuple[int, ...]:
    if not isinstance(node, list) or any(type(each) is not int or not 0 <= each < 2**63 for each in node):
        raise UnusableInputError(f"{where}: 'shape' and 'data_offsets' must be lists of integers >= 0")
    return tuple(node)


def _check_places(places: list[Place], size: int) -> None:
    """See that the arrays lie end to end, and fill the file."""
    budget, at = Budget(), 0
    for each in places:
        where = f"array {each.name[:80]!r}"
        check_shape(each.shape, where)
        needed = math.prod(each.shape) * np.dtype(DTYPES[each.kind]).itemsize
        if each.end - each.begin != needed:
            raise UnusableInputError(f"{where}: its shape needs {needed} bytes, got {each.end - each.begin}")
        if each.begin != at:
            raise UnusableInputError(f"{where}: begins at byte {each.begin}, the one before ends at {at}")
        budget.take(math.prod(each.shape), where)
        at = each.end
    if at != size:
        raise UnusableInputError(f"the arrays end at byte {at}, the file at {size}; is it truncated?")


def _read(file: IO[bytes], place: Place) -> Array | str:
    array = read_array(file, place.shape, np.dtype(DTYPES[place.kind]))
    if place.name.rpartition("/")[2] == ERROR:
        if place.kind != "U8" or array.ndim > 1:
            raise UnusableInputError(
                f"array {place.name[:80]!r}: the bytes of a text expected, got {place.kind}"
            )
        return array.tobytes().decode("utf-8", "replace")
    # The upper half of a float32 number.
    return (array.astype("uint32") << 16).view("float32") if place.kind == "BF16" else array
