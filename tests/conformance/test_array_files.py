"""Recordings in files of arrays, `.npz` and `.safetensors`: what they say, and whatever is wrong with them."""

import io
import json
import os
import zipfile

import numpy as np
import pytest

from stgref.cli import main
from stgref.conformance import UnusableInputError, load, validate
from stgref.conformance.arrays import MAX_DIRECTORY
from stgref.conformance.files import MAX_ARRAY_BYTES
from stgref.conformance.vector_sets import all_cases
from stgref.laws import hard_concrete
from tests.conformance import shipped
from tests.conformance.array_files import npy, npz, safetensors, with_header, zipped

ONE = "bernoulli.mean.f64.bulk.0"
SUFFIXES = (".json", ".npz", ".safetensors")
ERROR = "ValueError: né"


def answers(prefix):
    """Right outputs to the vectors whose ids begin so, as arrays by their names."""
    arrays = {}
    for name, case in all_cases().items():
        if name.startswith(prefix):
            results = {"error": ERROR} if case.kind == "invalid" else case.results
            arrays |= {f"{name}/{result}": value for result, value in results.items()}
    return arrays


def texts_as_bytes(arrays):
    """What safetensors has in place of text."""
    return {
        name: np.frombuffer(value.encode(), "uint8") if isinstance(value, str) else value
        for name, value in arrays.items()
    }


def own(n=1000, *, dtype="float64"):
    """A recording with a case of its own: header and arrays."""
    random = np.random.default_rng(0)
    log_alpha = random.normal(0, 3, n).astype(dtype)
    case = {"id": "mine/1", "function": "hard_concrete.grad_prob_active", "dtype": dtype}
    parameters = {"temperature": 0.5, "lower": -0.125, "upper": 1.125}
    header = {"subject": {"name": "somebody", "language": "C"}, "cases": [{**case, "arguments": parameters}]}
    answer = hard_concrete.grad_prob_active(log_alpha.astype("float64"), *parameters.values())._asdict()
    arrays = {f"mine/1/{name}": value.astype(dtype) for name, value in answer.items()}
    return header, {"cases/mine/1/log_alpha": log_alpha, **arrays}


def packed(suffix, header, arrays):
    if suffix == ".npz":
        return npz({"recording": json.dumps(header), **arrays})
    return safetensors(texts_as_bytes(arrays), {"recording": json.dumps(header)})


def write(folder, content, suffix):
    path = folder / f"outputs{suffix}"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize(("said", "status"), [("error", "pass"), ("nan", "acceptable"), ("numbers", "fail")])
def test_how_an_invalid_case_is_answered(said, status, suffix, tmp_path):
    arrays = answers("bernoulli.icdf.f32.")
    for name in [name for name in arrays if name.endswith("/error") and said != "error"]:
        del arrays[name]
        arrays[name.replace("/error", "/value")] = np.float32("nan" if said == "nan" else "0.5")
    content = npz(arrays) if suffix == ".npz" else safetensors(texts_as_bytes(arrays))
    checks = validate(write(tmp_path, content, suffix)).checks
    assert {check.status for check in checks if ".outside." in check.id} == {status}


@pytest.mark.parametrize("prefix", ["bernoulli.mean.", "hard_concrete.grad_transform.f32."])
def test_both_formats_say_the_same(prefix, tmp_path):
    arrays = answers(prefix)
    files = {
        ".npz": npz(arrays, compressed=prefix == "bernoulli.mean."),
        ".safetensors": safetensors(texts_as_bytes(arrays)),
    }
    one, other = (load(write(tmp_path, content, suffix)) for suffix, content in files.items())
    assert one.subject == other.subject == {"name": "outputs"}
    assert one.outputs.keys() == other.outputs.keys()
    for name, output in one.outputs.items():
        if all_cases()[name].kind == "invalid":
            assert output.text == other.outputs[name].text == ERROR
        else:
            for result, value in output.items():
                np.testing.assert_array_equal(other.outputs[name][result], value, strict=True)
                np.testing.assert_array_equal(all_cases()[name].results[result], value, strict=True)
    assert validate(tmp_path / "outputs.safetensors").passed


def test_the_real_package_writes_what_is_read(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    header, arrays = own()
    path = tmp_path / "outputs.safetensors"
    package.save_file(
        {name: np.ascontiguousarray(value) for name, value in arrays.items()},
        path,
        {"recording": json.dumps(header)},
    )
    recording = load(path)
    assert recording.subject["language"] == "C"
    np.testing.assert_array_equal(
        recording.cases["mine/1"].array("log_alpha"), arrays["cases/mine/1/log_alpha"], strict=True
    )
    assert validate(path).passed


def test_the_real_package_reads_what_the_tests_write(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    arrays = texts_as_bytes(answers("normal.cdf."))
    found = package.load(safetensors(arrays))
    for name, value in arrays.items():
        np.testing.assert_array_equal(found[name], value)


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_cases_of_its_own_are_checked(suffix, tmp_path):
    header, arrays = own()
    report = validate(write(tmp_path, packed(suffix, header, arrays), suffix))
    assert [(c.id, c.status, c.count) for c in report.checks] == [("mine/1", "pass", 4000)]
    assert report.subjects[0]["language"] == "C"
    assert next(iter(load(tmp_path / f"outputs{suffix}").cases["mine/1"].arguments)) == "log_alpha"
    assert report.checks[0].spread.argument == "log_alpha"
    arrays["mine/1/temperature"] = arrays["mine/1/temperature"].copy()
    arrays["mine/1/temperature"][123] *= 1 + 1e-12
    (check,) = validate(write(tmp_path, packed(suffix, header, arrays), suffix)).checks
    assert (check.status, check.worst.result, check.worst.index) == ("fail", "temperature", (123,))
    assert float.fromhex(check.worst.inputs["log_alpha"]) == arrays["cases/mine/1/log_alpha"][123]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("F16", [1.5, -0.25, np.inf]),
        ("BF16", [1.5, -0.25, np.inf]),
        ("I8", [-1, 0, 7]),
        ("U64", [0, 1, 2**60]),
    ],
)
def test_other_numbers_become_those_of_the_case(kind, values, tmp_path):
    halves = {"F16": "<f2", "I8": "i1", "U64": "<u8"}
    data = (
        (np.asarray(values, "<f4").view("<u4") >> 16).astype("<u2")
        if kind == "BF16"
        else np.asarray(values, halves[kind])
    )
    header, arrays = own(3)
    content = safetensors(arrays, {"recording": json.dumps(header)})
    length = int.from_bytes(content[:8], "little")
    places = json.loads(content[8 : 8 + length])
    begin, _ = places["mine/1/upper"]["data_offsets"]  # The last one.
    places["mine/1/upper"] = {"dtype": kind, "shape": [3], "data_offsets": [begin, begin + data.nbytes]}
    changed = with_header(places, content[8 + length :][:begin] + data.tobytes())
    output = load(write(tmp_path, changed, ".safetensors")).outputs["mine/1"]
    np.testing.assert_array_equal(output["upper"], np.asarray(values, "float64"), strict=True)


def test_arrays_in_column_order_and_of_the_other_byte_order_are_read(tmp_path):
    header, arrays = own(6)
    arrays = {name: value.reshape(2, 3) for name, value in arrays.items()}
    turned = {n: np.asfortranarray(v) for n, v in arrays.items() if n.startswith("cases/")}
    turned |= {n: v.astype(">f8") for n, v in arrays.items() if not n.startswith("cases/")}
    path = write(tmp_path, packed(".npz", header, turned), ".npz")
    np.testing.assert_array_equal(
        load(path).cases["mine/1"].array("log_alpha"), arrays["cases/mine/1/log_alpha"]
    )
    assert validate(path).passed


def place(name=f"{ONE}/value", **changes):
    return {name: {"dtype": "F64", "shape": [], "data_offsets": [0, 8]} | changes}


def two(*, shift):
    """Two arrays that leave a hole, or overlap."""
    return {
        **place(),
        **place("bernoulli.mean.f64.bulk.1/value", data_offsets=[8 + shift, 16 + shift]),
    }


ZERO = b"\0" * 8
TENSORS = {
    "an empty file": (b"", "truncated"),
    "seven bytes": (b"\0" * 7, "truncated"),
    "a header beyond the end": ((2**63).to_bytes(8, "little") + b"{}", "truncated"),
    "a truncated header": (with_header(place(), ZERO)[:40], "truncated"),
    "a truncated array": (with_header(place(), ZERO)[:-1], "truncated"),
    "bytes behind": (with_header(place(), ZERO + b"x"), "the file at 9"),
    "nothing": (with_header({}), "nothing to check"),
    "a pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00", "truncated"),
    "a zip": (zipped(**{f"{ONE}/value.npy": npy()}), "truncated"),
    "text": (with_header(b"text"), "not JSON"),
    "latin 1": (with_header(b'{"\xff": 1}'), "not UTF-8 text: byte 2 is 0xff"),
    "a list": (with_header([]), "is an object, this is a list"),
    "a bare NaN": (with_header(b'{"x": NaN}'), "bare NaN"),
    "a deep header": (with_header(b'{"x":' + b"[" * 100_000), "nested too deeply"),
    "a long number": (with_header(b'{"x": ' + b"9" * 5000 + b"}"), "too many digits"),
    "an array twice": (with_header(b'{"x": 1, "x": 2}'), "'x' stands twice"),
    "metadata of numbers": (
        with_header({"__metadata__": {"a": 1}}),
        "'__metadata__' must be an object of texts",
    ),
    "metadata in a list": (with_header({"__metadata__": []}), "'__metadata__' must be an object of texts"),
    "no offsets": (with_header({f"{ONE}/value": {"dtype": "F64", "shape": []}}), "has not the keys"),
    "another key": (with_header(place(extra=1), ZERO), "has not the keys"),
    "an array that is a number": (with_header({f"{ONE}/value": 1}), "has not the keys"),
    "an unknown dtype": (
        with_header(place(dtype="O"), ZERO),
        "takes real numbers, of at most 64 bits, got 'O'",
    ),
    "booleans": (with_header(place(dtype="BOOL"), ZERO), "got 'BOOL'"),
    "a dtype in a list": (with_header(place(dtype=[]), ZERO), "got a list"),
    "a dtype of another size": (with_header(place(dtype="F32"), ZERO), "needs 4 bytes, got 8"),
    "a huge shape": (with_header(place(shape=[2**62, 2**62]), ZERO), "bytes, got 8"),
    "a shape of huge numbers": (with_header(place(shape=[10**4000]), ZERO), "lists of integers"),
    "a deep shape": (with_header(place(shape=[1] * 40), ZERO), "at most 8 lengths"),
    "a negative shape": (with_header(place(shape=[-1, -1]), ZERO), "lists of integers >= 0"),
    "a shape of floats": (with_header(place(shape=[1.0]), ZERO), "lists of integers >= 0"),
    "a shape of booleans": (with_header(place(shape=[True]), ZERO), "lists of integers >= 0"),
    "negative offsets": (with_header(place(data_offsets=[-8, 0]), ZERO), "lists of integers >= 0"),
    "three offsets": (with_header(place(data_offsets=[0, 8, 8]), ZERO), "a beginning and an end"),
    "offsets that turn back": (with_header(place(data_offsets=[8, 0]), ZERO), "needs 8 bytes, got -8"),
    "offsets beyond the end": (with_header(place(data_offsets=[8, 16]), ZERO), "begins at byte 8"),
    "a hole": (with_header(two(shift=8), ZERO * 3), "begins at byte 16, the one before ends at 8"),
    "an overlap": (with_header(two(shift=-4), ZERO * 2), "begins at byte 4, the one before ends at 8"),
    "an empty array of a huge shape": (
        with_header(place(shape=[0, 2**62], data_offsets=[0, 0])),
        "no memory has room for its shape",
    ),
    "an empty array in one place with another": (
        with_header(place(shape=[0], data_offsets=[0, 0]) | place("x/y", data_offsets=[0, 8]), ZERO),
        "unknown case 'x'",
    ),
    "an array without result": (with_header(place("value"), ZERO), "named '<id>/<result>', this one 'value'"),
    "an unknown id": (with_header(place("nobody/value"), ZERO), "unknown case 'nobody'"),
    "escapes in an id": (with_header(place("\x1b[31m\n/value"), ZERO), "unknown case"),
    "half a character in an id": (with_header(place("\ud800/value"), ZERO), "unknown case"),
    "an unknown result": (with_header(place(f"{ONE}/other"), ZERO), "no output for case"),
    "an error of numbers": (
        with_header(place(f"{ONE}/error"), ZERO),
        "the bytes of a text expected, got F64",
    ),
}
HEADERS = {
    "a header that is text": (b"text", "not JSON"),
    "a header that is a list": ([], "'recording' must be an object"),
    "a header with outputs": ({"outputs": {}}, "unknown key 'outputs' in the header"),
    "a subject without name": (own(3)[0] | {"subject": {}}, "'subject' must be a name"),
    "an argument of no case": ({"cases": []}, "the header has no case 'mine/1'"),
    "no header": (None, "the header has no case 'mine/1'"),
    "cases in an object": ({"cases": {}}, "the header has no case 'mine/1'"),
    "a case of text": ({"cases": ["mine/1"]}, "the header has no case 'mine/1'"),
    "arguments in a list": ({"cases": [{"id": "mine/1", "arguments": []}]}, "has the argument as well"),
    "an argument twice": (
        {"cases": [{"id": "mine/1", "arguments": {"log_alpha": 1}}]},
        "has the argument as well",
    ),
    "an unknown function": ({"cases": [{"id": "mine/1", "function": "os.system"}]}, "unknown function"),
}
ZIPS = {
    "a comment": (zipped(**{f"{ONE}/value.npy": npy()})[:-2] + b"\x05\x00hello", "without comment"),
    "a long list": (
        zipped(zipfile.ZIP_STORED, **{f"{'x' * 60_000}{i}": b"" for i in range(150)}),
        f"longer than {MAX_DIRECTORY} bytes",
    ),
    "a way to compress that takes memory": (
        zipped(zipfile.ZIP_LZMA, **{f"{ONE}/value.npy": npy()}),
        "compressed in a way that NumPy does not",
    ),
    "many small bombs": (
        zipped(**{f"x/{i}.npy": b"\0" * 2_000_000 for i in range(40)}),
        "unpacks to 80000000 bytes",
    ),
    "an empty text of many": (
        zipped(**{f"{ONE}/error.npy": npy("(1073741824,)", "<U0", b"")}),
        "one text expected",
    ),
    "a long header": (
        zipped(**{f"{ONE}/value.npy": npy(header=" " * 60_000)}),
        "a header of 60000 bytes",
    ),
    "a header of 4 GiB": (
        zipped(**{f"{ONE}/value.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\xff"}),
        "a header of 4294967295 bytes",
    ),
    "a deep header": (
        zipped(**{f"{ONE}/value.npy": npy(header="{'descr': " + "(" * 900)}),
        "not an .npz file, or a broken one",
    ),
    "a header of signs": (
        zipped(**{f"{ONE}/value.npy": npy(header="-" * 9000 + "1")}),
        "not an .npz file, or a broken one",
    ),
    "records": (
        zipped(**{f"{ONE}/value.npy": npy(descr="f8,f8", data=ZERO * 2)}),
        "takes real numbers",
    ),
    "a broken checksum": (
        npz({f"{ONE}/value": np.arange(5.0)}).replace(np.arange(5.0).tobytes(), np.arange(1.0, 6).tobytes()),
        "Bad CRC-32",
    ),
    "a symbolic link in the zip": (None, "not an .npz file, or a broken one"),
    "a path out of the zip": (zipped(**{"../../evil.npy": npy()}), "unknown case '../..'"),
    "a header of the recording of numbers": (npz({"recording": np.zeros(3)}), "text expected"),
}


def link_in_zip():
    """A member that says it is a symbolic link."""
    member = zipfile.ZipInfo(f"{ONE}/value.npy")
    member.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    return file.getvalue()


def refused(path, message, capsys):
    """See that the command ends with 2 and one line."""
    assert main(["validate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stgref validate: {path}: ")
    assert message in err
    assert err.count("\n") == 1
    assert err.rstrip("\n").isprintable()
    assert len(err) < 500


@pytest.mark.parametrize(("content", "message"), TENSORS.values(), ids=TENSORS)
def test_hostile_tensors_exit_with_2_and_one_line(content, message, tmp_path, capsys):
    refused(write(tmp_path, content, ".safetensors"), message, capsys)


@pytest.mark.parametrize(("content", "message"), ZIPS.values(), ids=ZIPS)
def test_hostile_zips_exit_with_2_and_one_line(content, message, tmp_path, capsys):
    refused(write(tmp_path, link_in_zip() if content is None else content, ".npz"), message, capsys)


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
@pytest.mark.parametrize(("header", "message"), HEADERS.values(), ids=HEADERS)
def test_hostile_headers_exit_with_2_and_one_line(suffix, header, message, tmp_path, capsys):
    text = header.decode() if isinstance(header, bytes) else json.dumps(header)
    _, arrays = own(3)
    named = {} if header is None else {"recording": text}
    content = npz(named | arrays) if suffix == ".npz" else safetensors(arrays, named)
    refused(write(tmp_path, content, suffix), message, capsys)


def changed(change):
    header, arrays = own(3)
    change(header["cases"][0]["arguments"], arrays)
    return header, arrays


def given(**arguments):
    return lambda _, arrays: arrays.update({f"cases/mine/1/{n}": value for n, value in arguments.items()})


def named(**arguments):
    return lambda header, _: header.update(arguments)


def column(n):
    return {"shape": [n, 1], "data": [-1] * n}


ARGUMENTS = {
    "another dtype": (given(log_alpha=np.zeros(3, "float32")), "log_alpha: takes float64, got float32"),
    "integers": (given(log_alpha=np.zeros(3, "int64")), "log_alpha: takes float64, got int64"),
    "NaN": (given(log_alpha=np.array([np.nan])), "log_alpha must be finite"),
    "an unknown argument": (given(x=np.zeros(3)), "unknown argument 'x'"),
    "an argument twice": (given(upper=np.ones(3)), "has the argument as well"),
    "lengths that do not fit": (named(lower=column(2) | {"shape": [2]}), "do not broadcast"),
    "shapes that grow": (named(lower=column(400_000)), "broadcast to 1200000 elements"),
    "wrong arguments": (named(temperature=-1.0), "has no answer"),
}


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
@pytest.mark.parametrize(("change", "message"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_hostile_arguments_exit_with_2_and_one_line(suffix, change, message, tmp_path, capsys):
    refused(write(tmp_path, packed(suffix, *changed(change)), suffix), message, capsys)


def test_a_layer_is_not_as_large_as_a_function_may_be(tmp_path, capsys):
    case = {"id": "big", "function": "GaussianStochasticGates.get_gate_values", "dtype": "float32"}
    case["arguments"] = {"std": 0.5, "clamp": True}
    arrays = {"cases/big/mu": np.zeros(1_000_001, "float32"), "big/value": np.zeros(1_000_001, "float32")}
    content = packed(".npz", {"cases": [case]}, arrays)
    refused(write(tmp_path, content, ".npz"), "1000001 elements, over 1000000", capsys)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_over_the_limit_is_not_read(suffix, tmp_path, capsys):
    path = write(tmp_path, b"", suffix)
    os.truncate(path, 1 << 40)  # A terabyte of nothing.
    refused(path, "1099511627776 bytes are too many, the limit is ", capsys)
    if suffix != ".json":
        os.truncate(path, MAX_ARRAY_BYTES)  # What is in it decides.
        refused(path, "not ", capsys)


@pytest.fixture(params=SUFFIXES)
def path(request, tmp_path):
    return tmp_path / f"outputs{request.param}"


def test_a_link_stands_for_the_file_that_it_leads_to(path):
    """Who names a link names its end; what is there is looked at like any other file."""
    outputs = {ONE: {"value": 0.5}}
    arrays = {f"{ONE}/value": np.float64(0.5)}
    contents = {
        ".json": json.dumps({"subject": "outputs", "outputs": outputs}).encode(),
        ".npz": npz(arrays),
        ".safetensors": safetensors(arrays),
    }
    real = path.with_name("real")
    real.write_bytes(contents[path.suffix])
    path.symlink_to(real)
    with pytest.raises(UnusableInputError, match=f"no output for case '{ONE[:-1]}1'"):
        load(path)  # It was read: the other cases are missing.


def test_links_to_nothing_or_to_no_file_are_refused_at_once(path, capsys):
    for target, message in (
        (path.name, "Too many levels of symbolic links"),
        ("nowhere", "No such file"),
        ("/dev/zero", "not a regular file"),
        (".", "not a regular file"),
        ("pipe", "not a regular file"),
    ):
        if target == "pipe":
            os.mkfifo(path.with_name("pipe"))
        path.symlink_to(target)
        refused(path, message, capsys)
        path.unlink()


def test_folders_pipes_and_devices_are_refused_at_once(path, capsys):
    path.mkdir()
    refused(path, "not a regular file", capsys)
    path.rmdir()
    os.mkfifo(path)
    refused(path, "not a regular file", capsys)


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(path, monkeypatch):
    """Between the look and the opening; a pipe without a writer would block."""
    os.mkfifo(path)
    real = path.with_name("real")
    real.write_bytes(b"{}")
    looked = real.stat()
    monkeypatch.setattr("pathlib.Path.stat", lambda _: looked)
    with pytest.raises(UnusableInputError, match="not a regular file"):
        load(path)


def test_what_may_not_be_read_is_refused(path, monkeypatch):
    path.write_bytes(b"{}")

    def denied(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", denied)
    with pytest.raises(UnusableInputError, match="Permission denied"):
        load(path)


def test_a_shipped_case_is_answered_by_arrays_too(tmp_path):
    outputs = shipped.recording().outputs
    arrays = {}
    for name, output in outputs.items():
        given = {"error": output.text} if hasattr(output, "text") else output
        arrays |= {f"{name}/{result}": value for result, value in given.items()}
    path = write(tmp_path, safetensors(texts_as_bytes(arrays)), ".safetensors")
    statuses = [(check.id, check.status) for check in validate(path).checks]
    assert statuses == [(check.id, check.status) for check in shipped.report().checks]
