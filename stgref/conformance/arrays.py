"""Read outputs from an ``.npz`` file, a zip of arrays, without trusting it.

NumPy's own reader would take memory for whatever size an array claims. Here the sizes are added up before anything is
unpacked: what is compressed unpacks to little, what is not is as large as the file. Pickled objects are refused.
"""

import ast
import math
import re
import warnings
import zipfile
import zlib
from typing import IO, Any

import numpy as np

from stgref.conformance.bundle import ERROR, HEADER, document
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.raw import Budget, read_array
from stgref.conformance.strict_json import parse_json
from stgref.conformance.values import Array, check_shape

MAX_EXPANDED = 64 * 1024 * 1024
"""Of all compressed arrays together."""
MAX_DIRECTORY = 8 * 1024 * 1024
"""Of the list of the arrays: of a hundred bytes each, more than 65535 of which the format does not have."""
MAX_HEADER = 10_000
MAX_TEXT = 4 * 16 * 1024 * 1024
_NUMBERS, _TEXT = re.compile(r"[<>=|]?(f[248]|[iu][1248])"), re.compile(r"[<>=|]?[US][0-9]{1,9}")
_WIDTHS = {(1, 0): 2, (2, 0): 4}
_KEYS = {"descr", "fortran_order", "shape"}
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"


def read_npz(file: IO[bytes], size: int, name: str) -> dict[str, Any]:
    """Read a recording from an ``.npz`` file.

    Parameters
    ----------
    file : binary file
        The file, open.
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
        If it is not such a file, or unpacks to too much.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # About headers that old or other programs wrote.
            _check_directory(file, size)
            with zipfile.ZipFile(file) as archive:
                arrays = _arrays(archive, size)
    except UnusableInputError:
        raise
    except _BROKEN as error:
        raise UnusableInputError(
            f"not an .npz file, or a broken one: {str(error) or 'it ends too early'}"
        ) from None
    header = arrays.pop(HEADER, None)
    return document(arrays, None if header is None else parse_json(str(header).encode()), name)


def _check_directory(file: IO[bytes], size: int) -> None:
    """See how long the list of the arrays is, for all of it is read at once."""
    file.seek(max(0, size - 42))
    tail = file.read(42)
    if tail[-22:-18] != _END or tail[-2:] != b"\0\0":
        raise zipfile.BadZipFile("it does not end as a zip file without comment does")
    length = int.from_bytes(tail[-10:-6], "little")
    if tail[:4] == _END_64 or length > MAX_DIRECTORY:
        raise UnusableInputError(f"the list of its arrays is longer than {MAX_DIRECTORY} bytes")


def _arrays(archive: zipfile.ZipFile, size: int) -> dict[str, Array | str]:
    members = archive.infolist()
    _check_sizes(members, size)
    arrays: dict[str, Array | str] = {}
    budget = Budget()
    for member in members:
        name, where = member.filename.removesuffix(".npy"), f"array {member.filename[:80]!r}"
        if not member.filename.endswith(".npy"):
            raise UnusableInputError(f"an array is named '<id>/<result>', this one {member.filename[:80]!r}")
        if name in arrays:
            raise UnusableInputError(f"the {where} is there twice")
        with archive.open(member) as file:
            text = name == HEADER or name.rpartition("/")[2] == ERROR
            arrays[name] = _value(file, member.file_size, budget, where, text=text)
            file.read(1)  # At the end, the checksum is compared.
    return arrays


def _check_sizes(members: list[zipfile.ZipInfo], size: int) -> None:
    """See that what is to be unpacked is not too large, and the rest no larger than the file."""
    known = {zipfile.ZIP_STORED: size, zipfile.ZIP_DEFLATED: MAX_EXPANDED}
    for member in members:
        if member.compress_type not in known:
            raise UnusableInputError(
                f"array {member.filename[:80]!r}: compressed in a way that NumPy does not"
            )
    for kind, limit in known.items():
        if (total := sum(each.file_size for each in members if each.compress_type == kind)) > limit:
            advice = "" if kind == zipfile.ZIP_STORED else "; numpy.savez does not compress"
            raise UnusableInputError(f"unpacks to {total} bytes, the limit is {limit}{advice}")


def _value(file: IO[bytes], size: int, budget: Budget, where: str, *, text: bool) -> Array | str:
    """Read numbers, or one text."""
    node, length = _header(file, where)
    shape, fortran, dtype = _described(node, where, text=text)
    if (needed := math.prod(shape) * dtype.itemsize) != size - length:
        raise UnusableInputError(f"{where}: its shape needs {needed} bytes, got {size - length}")
    budget.take(math.prod(shape), where)
    return _text(file, dtype, where) if text else read_array(file, shape, dtype, fortran=fortran)


def _header(file: IO[bytes], where: str) -> tuple[Any, int]:
    """Read what an array says that it is, and how many bytes said so."""
    version = np.lib.format.read_magic(file)
    if version not in _WIDTHS:
        raise UnusableInputError(
            f"{where}: written in version {version[0]}.{version[1]} of the format; takes 1.0 or 2.0"
        )
    width = _WIDTHS[version]
    length = int.from_bytes(file.read(width), "little")
    if length > MAX_HEADER:
        raise UnusableInputError(f"{where}: a header of {length} bytes, the limit is {MAX_HEADER}")
    return _literal(file.read(length), where), np.lib.format.MAGIC_LEN + width + length


def _literal(text: bytes, where: str) -> Any:
    """Read a header as NumPy does, which writes it as a Python literal."""
    try:
        return ast.literal_eval(text.decode("latin-1").strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise UnusableInputError(
            f"{where}: not an .npz file, or a broken one: a header of nonsense"
        ) from None


def _described(node: Any, where: str, *, text: bool) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    if not isinstance(node, dict) or set(node) != _KEYS or type(node["fortran_order"]) is not bool:
        raise UnusableInputError(f"{where}: not an .npz file, or a broken one: a header of nonsense")
    shape, descr = node["shape"], node["descr"]
    if not isinstance(shape, tuple) or any(type(length) is not int for length in shape):
        raise UnusableInputError(f"{where}: not an .npz file, or a broken one: a header of nonsense")
    if not isinstance(descr, str) or not (_NUMBERS.fullmatch(descr) or _TEXT.fullmatch(descr)):
        raise UnusableInputError(f"{where}: takes real numbers, of at most 64 bits, got {str(descr)[:40]}")
    if text != bool(_TEXT.fullmatch(descr)):
        raise UnusableInputError(f"{where}: {'text' if text else 'numbers'} expected, got {descr}")
    if text and shape:
        raise UnusableInputError(f"{where}: one text expected, got an array of them")
    check_shape(shape, where)
    return shape, node["fortran_order"], np.dtype(descr)


def _text(file: IO[bytes], dtype: np.dtype[Any], where: str) -> str:
    if dtype.itemsize > MAX_TEXT:
        raise UnusableInputError(f"{where}: a text of {dtype.itemsize} bytes, the limit is {MAX_TEXT}")
    if not dtype.itemsize:
        return ""
    text = np.frombuffer(file.read(dtype.itemsize), dtype)[0]
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
