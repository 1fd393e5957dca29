"""Files of arrays, written plainly: as they should be, or with anything in them."""

import io
import json
import zipfile

import numpy as np

KINDS = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "u1": "U8"}


def npz(arrays, *, compressed=False):
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def zipped(compression=zipfile.ZIP_DEFLATED, **members):
    """A zip of the given bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def npy(shape="()", descr="<f8", data=b"\0" * 8, version=b"\x01\x00", header=None):
    text = (header or f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2 if version[0] == 1 else 4, "little") + text + data


def safetensors(arrays, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata is not None else {}), b""
    for name, value in arrays.items():
        array = np.asarray(value)
        begin, data = len(data), data + array.tobytes()
        header[name] = {
            "dtype": KINDS[array.dtype.str[1:]],
            "shape": list(array.shape),
            "data_offsets": [begin, len(data)],
        }
    return with_header(header, data)


def with_header(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data
