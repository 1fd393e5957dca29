"""Valid files, changed anyhow: each is still a recording, or is refused with one clear error, and takes little memory."""

import contextlib
import copy
import json
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stgref.conformance import UnusableInputError, load
from stgref.conformance.files import asked_cases
from stgref.conformance.judge import judge
from stgref.conformance.recording import Recording
from tests.conformance import shipped
from tests.conformance.array_files import npy, npz, safetensors, with_header, zipped
from tests.conformance.test_array_files import ONE, own, texts_as_bytes

EXAMPLES = 100
MEMORY = 24 * 1024 * 1024
"""Of a file of a few kilobytes: what the cases take, and what a thousandfold compression makes of the rest."""
HEADER, ARRAYS = own(5)
OUTPUTS = {"hard/error": "no such thing"}
HARD = {"id": "hard", "function": "hard_concrete.mean", "dtype": "float32", "kind": "invalid"}
HARD["arguments"] = {"log_alpha": 0, "temperature": -1, "lower": -1, "upper": 2}
HEADER["cases"].append(HARD)
ARRAYS |= OUTPUTS
TENSORS = safetensors(texts_as_bytes(ARRAYS), {"recording": json.dumps(HEADER)})
LENGTH = int.from_bytes(TENSORS[:8], "little")
JSON = shipped.alone(shipped.case("bc.forward.f64.train.bulk.groups.default.sum"), {"error": "none"})
FILES = {
    ".json": json.dumps(JSON).encode(),
    ".npz": npz({"recording": json.dumps(HEADER), **ARRAYS}),
    ".safetensors": TENSORS,
}
PIECES = (
    b"\0" * 4,
    b"\xff" * 4,
    b"\xff" * 8,
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x93NUMPY",
    b"'|O'",
    b"9" * 20,
)
ODD = (
    None, True, -1, 0, 1, 8, 2**31, 2**62, 2**63, 10**30, 0.5, 1e300, "", "nan", "F64", "BF16", "BOOL", "mine/1", "hard",
    "\x00", "\ud800", [], {}, [0], [2**62], [0, 8], [8, 0], [0, 2**62, 4], {"shape": [0], "data": []},
)  # fmt: skip
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,  # The same files every time: a failure is there for all, or for none.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
changes = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "replace", "double", "end"]),
        st.integers(0, 2**14),
        st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(PIECES)),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module", autouse=True)
def traced():
    """Everything that is loaded once, before memory is watched."""
    asked_cases({})
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.fixture
def survives(tmp_path):
    def check(suffix, content):
        path = tmp_path / f"file{suffix}"
        path.write_bytes(content)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        with contextlib.suppress(UnusableInputError):
            recording = load(path)
            assert isinstance(recording, Recording)
            for name, output in recording.outputs.items():
                judge(recording.cases[name], output, 4.0)
        assert tracemalloc.get_traced_memory()[1] - before < MEMORY

    return check


def changed(content, edits):
    data = bytearray(content)
    for action, at, piece in edits:
        place = at % (len(data) or 1)
        if action == "flip" and data:
            data[place] ^= 1 << (piece[0] % 8)
        elif action == "cut":
            del data[place : place + piece[0]]
        elif action == "insert":
            data[place:place] = piece
        elif action == "replace":
            data[place : place + len(piece)] = piece
        elif action == "double":
            data[place:place] = data[max(0, place - 8 * piece[0]) : place]
        else:
            del data[place:]
    return bytes(data)


def test_the_files_are_valid_to_begin_with(tmp_path):
    for suffix, content in FILES.items():
        (tmp_path / f"file{suffix}").write_bytes(content)
        assert load(tmp_path / f"file{suffix}").outputs


@pytest.mark.parametrize("suffix", FILES)
def test_bytes_changed_anyhow(suffix, survives):
    @quick
    @given(changes)
    def check(edits):
        survives(suffix, changed(FILES[suffix], edits))

    check()


def test_bytes_changed_within_the_array_of_a_zip(survives):
    """With the right checksum and sizes, so that the array itself is read."""
    array = npy("(2, 3)", "<f8", b"\0" * 48)
    text = npy("()", "<U4", "oops".encode("utf-32-le"))

    @quick
    @given(changes, st.sampled_from([array, text]), st.booleans())
    def check(edits, content, compressed):
        name = f"{ONE}/value.npy" if content is array else f"{ONE}/error.npy"
        survives(".npz", zipped(8 if compressed else 0, **{name: changed(content, edits)}))

    check()


tokens = st.sampled_from(
    [
        *"{}()[]:,'\"-+*.L0159",
        "'descr'",
        "'shape'",
        "'fortran_order'",
        "True",
        "None",
        "'<f8'",
        "'|O'",
        "(0,)",
        "1e400",
    ]
)


def test_array_headers_of_any_tokens(survives):
    @quick
    @given(st.lists(tokens, max_size=30), st.integers(0, 3))
    def check(parts, start):
        heads = (
            "",
            "{'descr': '<f8', 'fortran_order': False, 'shape': ",
            "{'descr': ",
            "{'shape': (0,), 'descr':",
        )
        header = heads[start] + "".join(parts)
        survives(".npz", zipped(**{f"{ONE}/value.npy": npy(header=header)}))

    check()


def places(node, path=()):
    """Every place in a JSON document."""
    items = node.items() if isinstance(node, dict) else enumerate(node[:4]) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def edited(document, edits):
    document = copy.deepcopy(document)
    for at, value in edits:
        found = list(places(document))
        if not found:
            continue
        *path, last = found[at % len(found)]
        node = document
        for key in path:
            node = node[key]
        if isinstance(node, dict) and value == "":
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return document


odd = st.lists(st.tuples(st.integers(0, 2**12), st.sampled_from(ODD)), min_size=1, max_size=3)


@pytest.mark.parametrize("what", ["json", "header in npz", "header in safetensors", "tensors"])
def test_documents_changed_anyhow(what, survives):
    @quick
    @given(odd)
    def check(edits):
        if what == "json":
            survives(".json", json.dumps(edited(JSON, edits)).encode())
        elif what == "header in npz":
            survives(".npz", npz({"recording": json.dumps(edited(HEADER, edits)), **ARRAYS}))
        elif what == "header in safetensors":
            text = json.dumps(edited(HEADER, edits))
            survives(".safetensors", safetensors(texts_as_bytes(ARRAYS), {"recording": text}))
        else:
            header = json.loads(TENSORS[8 : 8 + LENGTH])
            survives(".safetensors", with_header(edited(header, edits), TENSORS[8 + LENGTH :]))

    check()


CODE = """
import resource, sys
from stgref.cli import main
main(["validate", sys.argv[1]])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
codes = [main(["validate", path]) for path in sys.argv[2:]]
print(codes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_large_promises_take_little_memory_and_time(tmp_path):
    """Bombs and sparse files of a gigabyte, in a process of their own whose memory and time are measured."""
    big = 2**27
    files = {
        "bomb.npz": zipped(**{f"{ONE}/value.npy": b"\0" * 60_000_000}),
        "bombs.npz": zipped(
            **{f"{i}/value.npy": npy("(7500000,)", data=b"\0" * 60_000_000) for i in range(6)}
        ),
        "lying.npz": zipped(**{f"{ONE}/value.npy": npy(f"({big},)", data=b"\0" * 50_000_000)}),
        "sparse.npz": b"",
        "sparse.json": b"",
        "sparse.safetensors": with_header(
            {f"{ONE}/value": {"dtype": "F64", "shape": [big], "data_offsets": [0, 8 * big]}}
        ),
        "bytes.safetensors": with_header(
            {f"{ONE}/value": {"dtype": "U8", "shape": [7 * big], "data_offsets": [0, 7 * big]}}
        ),
        "keys.json": b"{" + b",".join(b'"%d":0' % i for i in range(300_000)) + b',"0":0}',
        "lists.json": b'{"subject": "x", "outputs": ' + b"[" + b"[]," * 1_000_000 + b"[]]}",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in ("sparse.npz", "sparse.json", "sparse.safetensors"):
        with (tmp_path / name).open("r+b") as file:
            file.truncate(2**30)
    with (tmp_path / "bytes.safetensors").open("r+b") as file:
        file.truncate(len(files["bytes.safetensors"]) + 7 * big)
    done = subprocess.run(
        [sys.executable, "-c", CODE, "missing.json", *(str(tmp_path / name) for name in files)],
        cwd=shipped.ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    codes, _, memory = done.stdout.strip().rpartition(" ")
    assert codes == str([2] * len(files)), done.stderr
    assert done.stderr.count("\n") == len(files) + 1
    assert int(memory) * (1 if sys.platform != "darwin" else 1 / 1024) < 300_000  # Kilobytes.
