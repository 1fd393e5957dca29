"""Read outputs from an ``.npz`` file, a zip of arrays, without trusting it.

NumPy's own reader would take memory for whatever size an array claims. Here the sizes are added up before anything is
unpacked, and an array is made of the bytes that are there. Pickled objects are refused.
"""

import math
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.values import MAX_DIMENSIONS, Array

MAX_EXPANDED = 64 * 1024 * 1024
ERROR = "error"
_REAL, _TEXT = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"}, "US"
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)

Outputs: TypeAlias = dict[str, dict[str, Array | str]]


def read_outputs(path: Path) -> Outputs:
    """Read the arrays of a file.

    Parameters
    ----------
    path : pathlib.Path
        A regular file of a size that was looked at; its arrays are named ``<id>/<result>``.

    Returns
    -------
    dict
        By the id of the case, the results by name; an ``error`` as text.

    Raises
    ------
    UnusableInputError
        If it is not such a file, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _outputs(archive)
    except UnusableInputError:
        raise
    except _BROKEN as error:
        raise UnusableInputError(
            f"not an .npz file, or a broken one: {str(error) or 'it ends too early'}"
        ) from None


def _outputs(archive: zipfile.ZipFile) -> Outputs:
    members = archive.infolist()
    if (total := sum(member.file_size for member in members)) > MAX_EXPANDED:
        raise UnusableInputError(f"unpacks to {total} bytes, the limit is {MAX_EXPANDED}")
    outputs: Outputs = {}
    for member in members:
        case, result = _place(member.filename)
        results = outputs.setdefault(case, {})
        if result in results:
            raise UnusableInputError(f"the array {member.filename[:80]!r} is there twice")
        with archive.open(member) as file:
            array = _array(BytesIO(file.read()), f"array {member.filename[:80]!r}")
        results[result] = _value(array, result, f"array {member.filename[:80]!r}")
    return outputs


def _place(filename: str) -> tuple[str, str]:
    case, slash, result = filename.removesuffix(".npy").rpartition("/")
    if not slash or not filename.endswith(".npy"):
        raise UnusableInputError(f"an array is named '<id>/<result>', this one {filename[:80]!r}")
    return case, result


def _array(file: IO[bytes], where: str) -> Array:
    """Make an array of the bytes that are there."""
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise UnusableInputError(
            f"{where}: written in version {version[0]}.{version[1]} of the format; takes 1.0 or 2.0"
        )
    shape, fortran, dtype = _HEADERS[version](file)
    if dtype.str[1:] not in _REAL and dtype.kind not in _TEXT:
        raise UnusableInputError(f"{where}: takes real numbers, of at most 64 bits, got {str(dtype)[:40]}")
    if len(shape) > MAX_DIMENSIONS or any(length < 0 for length in shape):
        raise UnusableInputError(f"{where}: a shape has at most {MAX_DIMENSIONS} lengths, all of them >= 0")
    data = file.read()
    if math.prod(shape) * dtype.itemsize != len(data):
        raise UnusableInputError(
            f"{where}: its shape needs {math.prod(shape) * dtype.itemsize} bytes, got {len(data)}"
        )
    if not data:
        return np.zeros(shape, dtype)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _value(array: Array, result: str, where: str) -> Array | str:
    """Return numbers, or the text of an error."""
    if (array.dtype.kind in _TEXT) != (result == ERROR):
        raise UnusableInputError(
            f"{where}: {'text' if result == ERROR else 'numbers'} expected, got {array.dtype.str}"
        )
    if result != ERROR:
        return array
    if array.ndim:
        raise UnusableInputError(f"{where}: one text expected, got an array of them")
    text = array.item()
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
