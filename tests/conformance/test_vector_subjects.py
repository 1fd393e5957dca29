"""Implementations judged by the vectors: from the command, and from a test suite of their own."""

import copy
import io
import json
import math
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest

import stgref
from stgref.cli import main
from stgref.conformance import UnusableInputError, cases, load, validate
from stgref.conformance.vector_sets import all_cases, document
from tests.conformance import plain, shipped

PLAIN = Path(plain.__file__)
ANSWERED = plain.FUNCTIONS.keys() | plain.BY_NAME.keys()
ONE = "bernoulli.mean.f64.bulk.0"


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """What `stgref vectors export` writes."""
    folder = tmp_path_factory.mktemp("vectors") / "sets"
    assert main(["vectors", "export", str(folder)]) == 0
    return folder


def record(sets, path, *options):
    """Run the plain implementation in a process that cannot import stgref."""
    done = subprocess.run(
        [sys.executable, "-I", str(PLAIN), str(sets), str(path), *options],
        cwd=sets,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def right(sets):
    return record(sets, sets.parent / "outputs.json")


def as_npz(outputs):
    arrays = {
        f"{name}/{key}": array(value) for name, entry in outputs.items() for key, value in entry.items()
    }
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def array(value):
    """Numbers as an array, of the shape that is written with them."""
    return np.reshape(value["data"], value["shape"]) if isinstance(value, dict) else value


def test_plain_python_passes_from_the_exported_files_alone(sets, right, capsys):
    assert main(["validate", str(sets.parent / "outputs.json")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1].startswith("PASSED: ")
    for function in ANSWERED:
        assert function in out
    assert "not implemented" in out
    assert len(out.splitlines()) < 60


def test_the_results_of_the_sets_are_right_as_they_stand(sets, tmp_path, capsys):
    nodes = [node for file in sets.glob("*.json") for node in json.loads(file.read_text()).get("cases", ())]
    outputs = {node["id"]: node["results"] for node in nodes}
    assert outputs.keys() == all_cases().keys()
    path = tmp_path / "echo.json"
    path.write_text(json.dumps({"subject": "echo", "outputs": outputs}))
    assert main(["validate", str(path)]) == 0


def test_arrays_are_taken_as_well(right, tmp_path, capsys):
    path = tmp_path / "plain.npz"
    path.write_bytes(as_npz(right["outputs"]))
    assert main(["validate", str(path)]) == 0
    assert "Outputs of plain;" in capsys.readouterr().out
    one, other = validate(path), validate(write(tmp_path, right))
    assert [c.status for c in one.checks] == [c.status for c in other.checks]


def test_every_case_of_what_is_implemented_is_checked_and_the_rest_is_skipped_whole(right, tmp_path):
    report = validate(write(tmp_path, right))
    checked = {check.id for check in report.checks if check.status != "skipped"}
    assert checked == {case.id for case in all_cases().values() if case.function in ANSWERED}
    skipped = {(check.function, check.dtype) for check in report.checks if check.status == "skipped"}
    everything = {(case.function, case.dtype) for case in all_cases().values()}
    assert skipped == {each for each in everything if each[0] not in ANSWERED}


def test_a_wrong_formula_fails_and_is_named(sets, tmp_path, capsys):
    record(sets, tmp_path / "outputs.json", "wrong")
    assert main(["validate", str(tmp_path / "outputs.json")]) == 1
    out = capsys.readouterr().out
    assert "rectified_gaussian.prob_active.f64.tail." in out
    assert "erf-tail" in out
    report = validate(tmp_path / "outputs.json")
    failed = {check.function for check in report.checks if check.status == "fail"}
    assert failed == {"rectified_gaussian.prob_active"}


@pytest.mark.parametrize("function", ["normal.cdf", "hard_concrete.grad_prob_active"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_case_can_fail(function, dtype):
    eps = float(np.finfo(dtype).eps)
    for case in cases(function, dtype):
        if case.kind == "invalid":
            with pytest.raises(AssertionError, match="an error is the right answer"):
                case.assert_right(dict.fromkeys(case.names, 0.0) if len(case.names) > 1 else 0.0)
        for name, result in case.results.items():
            off = 7 * eps * float(case.conditions[name]) + 4 * float(np.finfo(dtype).smallest_subnormal)
            output = {**case.results, name: np.asarray(float(result) + off, dtype)}
            assert case.check(output).status == "fail", case.id


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tolerance_is_that_of_the_notes(dtype):
    limits = np.finfo(dtype)
    case = next(cases("normal.cdf", dtype))
    wanted, eps = float(case.results["value"]), float(limits.eps)
    bound = 4 * eps * float(case.conditions["value"]) + eps * abs(wanted) / 2
    for factor, status in ((0.9, "pass"), (1.1, "fail"), (-0.9, "pass"), (-1.1, "fail")):
        assert case.check(wanted + factor * bound).status == status


def test_the_other_conventions_at_a_clip_point_are_acceptable_one_at_a_time():
    clipped = [c for c in all_cases().values() if c.kind == "acceptable" and not c.function.endswith(".vjp")]
    assert {case.function.split(".")[1] for case in clipped} == {"grad_transform", "grad_icdf", "grad_median"}
    for case in clipped:
        assert case.check(case.results).status == "pass"
        for factor in (0, 0.5):
            output = {n: x if n == "value" else np.asarray(factor * x) for n, x in case.results.items()}
            changed = any(float(output[name]) != float(case.results[name]) for name in output)
            assert case.check(output).status == ("acceptable" if changed else "pass"), case.id
        assert case.check({n: np.asarray(0.75 * x + 0.1) for n, x in case.results.items()}).status == "fail"


def test_one_field_may_keep_another_convention_and_the_rest_be_absent():
    case = next(c for c in cases("rectified_gaussian.grad_transform", "float64") if c.kind == "acceptable")
    assert case.check({"mu": 0.0}).status == "acceptable"
    assert case.check({"mu": 0.3}).status == "fail"


def test_stgref_says_the_same_of_clip_conventions():
    for case in cases("hard_concrete.grad_transform", "float64"):
        if case.kind == "acceptable":
            gradient = stgref.hard_concrete.grad_transform(*case.arguments.values(), clip_gradient="half")
            assert case.check(gradient).status == "acceptable"


def test_an_absent_field_is_not_judged():
    case = next(cases("hard_concrete.grad_prob_active", "float64"))
    case.assert_right({"log_alpha": case.results["log_alpha"]})
    with pytest.raises(AssertionError, match="log_alpha is off by"):
        case.assert_right({"log_alpha": 2 * case.results["log_alpha"]})
    with pytest.raises(TypeError, match="takes log_alpha, temperature, lower, upper, got nothing"):
        case.assert_right({})
    with pytest.raises(TypeError, match="takes a mapping or a NamedTuple of log_alpha"):
        case.assert_right(0.5)


def test_an_error_is_right_where_the_arguments_are_wrong_only():
    valid, *_, invalid = cases("normal.cdf", "float64")
    invalid.assert_right(ValueError("scale"))
    with pytest.raises(AssertionError, match="an error instead of numbers: ValueError: no"):
        valid.assert_right(ValueError("no"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cases_are_arrays_of_their_dtype(dtype):
    for case in cases("rectified_gaussian.grad_transform", dtype):
        assert str(case) == case.id
        assert list(case.arguments) == ["noise", "mu", "std"]
        for x in (*case.arguments.values(), *case.results.values()):
            assert (x.dtype, x.shape) == (dtype, ())


@pytest.mark.parametrize(
    ("function", "dtype", "message"),
    [
        ("hard_concrete.mode", "float64", "no vectors of 'hard_concrete.mode'; those of hard_concrete are"),
        ("nonsense", "float64", "no vectors of 'nonsense'; there are those of logistic, normal"),
        ("../x.mean", "float64", "no vectors"),
        ("normal.cdf", "float16", "dtype: takes one of float32, float64, got 'float16'"),
    ],
)
def test_a_mistake_is_an_error_before_the_first_case(function, dtype, message):
    with pytest.raises(ValueError, match=message):
        cases(function, dtype)


def test_the_three_lines_for_a_test_suite_work(tmp_path):
    suite = tmp_path / "test_mine.py"
    example = cases.__doc__.split(".. code-block:: python\n")[1].split("    >>>")[0]
    head = "import pytest, stgref.conformance\nfrom plain import sigmoid\ndef my_mean(logits):\n    return sigmoid(logits)\n"
    suite.write_text(head + textwrap.dedent(example))
    done = run_pytest(suite)
    assert done.returncode == 0, done.stdout
    suite.write_text(suite.read_text().replace("return ", "return 1.001 * "))
    done = run_pytest(suite)
    assert done.returncode == 1
    assert f"[{ONE}]" in done.stdout
    assert "tolerances" in done.stdout


def run_pytest(suite):
    path = os.pathsep.join([str(shipped.ROOT), str(PLAIN.parent)])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(suite)],
        cwd=suite.parent,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_example_of_the_readme_runs(sets, monkeypatch, capsys):
    readme = (shipped.ROOT / "validation" / "vectors" / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n")[1].split("```")[0].replace("DIR/", f"{sets.as_posix()}/")
    monkeypatch.chdir(sets.parent)
    done = subprocess.run([sys.executable, "-I", "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert main(["validate", "outputs.json"]) == 0
    assert "my sigmoid" in capsys.readouterr().out


def write(folder, content, name="outputs.json"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def sigmoid_only(outputs):
    return {name: entry for name, entry in outputs.items() if name.startswith("bernoulli.mean.f64.")}


def changed(change):
    def spoil(outputs):
        outputs = copy.deepcopy(sigmoid_only(outputs))
        change(outputs)
        return {"subject": "x", "outputs": outputs}

    return spoil


def packed(**members):
    """A zip of the given bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def member(shape="()", descr="<f8", data=b"\0" * 8, version=b"\x01\x00"):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header + data


def pickled():
    file = io.BytesIO()
    np.savez(file, **{f"{ONE}/value": np.array([{}], dtype=object)})
    return file.getvalue()


def lying(size):
    """A member that says it unpacks to so many bytes."""
    data = bytearray(packed(**{f"{ONE}/value.npy": member()}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature) + place
        data[start : start + 4] = size.to_bytes(4, "little")
    return bytes(data)


HOSTILE = {
    "an unknown id": (
        ".json",
        changed(lambda o: o.update({"bernoulli.mean.f64.bulk.99": {"value": 1.0}})),
        "unknown case",
    ),
    "an id of nothing": (".json", changed(lambda o: o.update({"\x1b[31m": {"value": 1.0}})), "unknown case"),
    "a missing id": (".json", changed(lambda o: o.pop(ONE)), f"no output for case '{ONE}'"),
    "a missing result": (".json", changed(lambda o: o[ONE].clear()), "result 'value' is missing"),
    "an unknown result": (".json", changed(lambda o: o[ONE].update(x=1.0)), "unknown result 'x'"),
    "ids of two worlds": (
        ".json",
        changed(lambda o: o.update({"bc.prob_active.f64.bulk.default": {"value": 1.0}})),
        "unknown case 'bernoulli",
    ),
    "no text of a number": (
        ".json",
        changed(lambda o: o[ONE].update(value="not a number")),
        "got 'not a num",
    ),
    "a NaN that is bare": (".json", b'{"subject": "x", "outputs": {"a": {"value": NaN}}}', "bare NaN"),
    "a huge shape": (
        ".json",
        changed(lambda o: o[ONE].update(value={"shape": [2**62], "data": [1]})),
        "elements, got 1",
    ),
    "not UTF-8": (".json", b'{"subject": "\xff"}', "not UTF-8"),
    "JSON in .npz": (".npz", b"{}", "not an .npz file"),
    "an empty .npz": (".npz", b"", "not an .npz file"),
    "an .npz of nothing": (".npz", packed(), "nothing to check"),
    "a truncated .npz": (".npz", lambda o: as_npz(sigmoid_only(o))[:-100], "not an .npz file"),
    "a pickle": (".npz", b"\x80\x04\x95\x10", "not an .npz file"),
    "a pickled array": (".npz", pickled(), "takes real numbers"),
    "an array of another world": (".npz", packed(**{"x/value.npy": member()}), "unknown case 'x'"),
    "an array without result": (".npz", packed(**{"value.npy": member()}), "named '<id>/<result>'"),
    "no array": (".npz", packed(**{f"{ONE}/value": b""}), "named '<id>/<result>'"),
    "a member of text": (".npz", packed(**{f"{ONE}/value.npy": b"text"}), "not an .npz file"),
    "a huge array": (".npz", packed(**{f"{ONE}/value.npy": member("(2, 4611686018427387904)")}), "needs"),
    "a negative shape": (".npz", packed(**{f"{ONE}/value.npy": member("(-1, -1)")}), "lengths"),
    "a deep shape": (".npz", packed(**{f"{ONE}/value.npy": member(f"({'1, ' * 40})")}), "lengths"),
    "a header that is code": (
        ".npz",
        packed(**{f"{ONE}/value.npy": member("__import__('os')")}),
        "not an .npz file",
    ),
    "another version": (
        ".npz",
        packed(**{f"{ONE}/value.npy": member(version=b"\x09\x00")}),
        "written in version 9.0",
    ),
    "complex numbers": (
        ".npz",
        packed(**{f"{ONE}/value.npy": member(descr="<c16", data=b"\0" * 16)}),
        "takes real numbers",
    ),
    "text for numbers": (
        ".npz",
        packed(**{f"{ONE}/value.npy": member(descr="<U2")}),
        "numbers expected, got <U2",
    ),
    "numbers for an error": (".npz", packed(**{f"{ONE}/error.npy": member()}), "text expected"),
    "a bomb": (".npz", packed(**{f"{ONE}/value.npy": b"\0" * 70_000_000}), "unpacks to 70000000 bytes"),
    "a size that lies high": (".npz", lying(2**32 - 2), "unpacks to 4294967294 bytes"),
    "a size that lies low": (".npz", lying(20), "not an .npz file, or a broken one"),
}


@pytest.mark.parametrize(("suffix", "content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_outputs_exit_with_2_and_one_line(suffix, content, message, right, tmp_path, capsys):
    path = write(tmp_path, content(right["outputs"]) if callable(content) else content, f"outputs{suffix}")
    assert main(["validate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stgref validate: {path}: ")
    assert message in err
    assert err.count("\n") == 1
    assert err.rstrip("\n").isprintable()


@pytest.mark.parametrize("seed", range(60))
def test_whatever_bytes_are_changed_the_command_ends_in_order(seed, right, tmp_path, capsys):
    data = bytearray(as_npz(sigmoid_only(right["outputs"])))
    random = np.random.default_rng(seed)
    for place in random.integers(len(data), size=1 + seed % 5):
        data[place] = random.integers(256)
    path = write(tmp_path, bytes(data), "outputs.npz")
    status = main(["validate", str(path)])
    out, err = capsys.readouterr()
    assert status in {0, 1, 2}
    assert (status == 2) == bool(err) == (not out)
    assert err.count("\n") == (status == 2)


def test_an_array_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "twice.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{ONE}/value.npy", member())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(f"{ONE}/value.npy", member())
    with pytest.raises(UnusableInputError, match="is there twice"):
        load(path)


def test_an_array_file_over_the_limit_is_not_read(tmp_path):
    path = tmp_path / "huge.npz"
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(UnusableInputError, match="1099511627776 bytes are too many"):
        load(path)


def test_nan_text_is_a_number_and_wrong(right, tmp_path):
    outputs = sigmoid_only(right["outputs"]) | {ONE: {"value": "nan"}}
    report = validate(write(tmp_path, {"subject": "x", "outputs": outputs}))
    assert [check.id for check in report.checks if check.status == "fail"] == [ONE]


def test_list_and_show(capsys):
    assert main(["vectors", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    functions = {case.function for case in all_cases().values()}
    assert len(lines) == 2 * len(functions)
    assert sum(int(line.split()[2]) for line in lines) == len(all_cases())
    assert main(["vectors", "list", "bernoulli.mean"]) == 0
    assert capsys.readouterr().out.split()[::2] == [
        node["id"] for node in document("bernoulli")["cases"] if node["function"] == "bernoulli.mean"
    ]
    assert main(["vectors", "show", ONE]) == 0
    node = json.loads(capsys.readouterr().out)
    x = float.fromhex(node["arguments"]["logits"]["hex"])
    assert float.fromhex(node["results"]["value"]["hex"]) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-15)


def test_exporting_again_changes_nothing_and_nothing_is_overwritten(sets, capsys):
    assert main(["vectors", "export", str(sets)]) == 0
    assert json.loads((sets / "manifest.json").read_text())["sha256"].keys() | {"manifest.json"} == {
        path.name for path in sets.iterdir()
    }
    (sets / "normal.json").write_text("mine")
    try:
        assert main(["vectors", "export", str(sets)]) == 2
        assert "normal.json: is something else already" in capsys.readouterr().err
        assert (sets / "normal.json").read_text() == "mine"
    finally:
        (sets / "normal.json").unlink()
        assert main(["vectors", "export", str(sets)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "nonsense"], "no function 'nonsense'"),
        (["show", "nonsense"], "no case 'nonsense'"),
        (["show", "normal.cdf.f64.bulk.99"], "no case 'normal.cdf.f64.bulk.99'"),
        (["show", "../normal.x"], "no case"),
        (["export", "/dev/null/x"], "/dev/null/x: Not a directory"),
        (["export", "a\0b"], "null"),
        (["export"], "required: DIR"),
        ([], "required: ACTION"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_one_line(arguments, message, capsys):
    try:
        status = main(["vectors", *arguments])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_pipe_that_closes_is_no_error():
    command = f"{sys.executable} -m stgref vectors list | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607
        cwd=shipped.ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
