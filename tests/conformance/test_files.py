"""Files from strangers: whatever is wrong with one is a single clear line, and never a crash."""

import copy
import json
import os

import numpy as np
import pytest

from stgref.cli import main
from stgref.conformance import UnusableInputError, load
from stgref.conformance.files import MAX_BYTES
from tests.conformance import shipped

ONE = "bc.prob_active.f64.bulk.default"


@pytest.fixture
def spoilt(tmp_path):
    """Write a document, or bytes, and return the path."""

    def write(content):
        path = tmp_path / "recording.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def small():
    """A whole recording, of one case."""
    return shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))


def with_output(value):
    document = small()
    document["outputs"][ONE]["value"] = value
    return document


def with_case(**changes):
    document = small()
    document["cases"][0] |= changes
    return document


def with_argument(**changes):
    document = small()
    document["cases"][0]["arguments"] |= changes
    return document


def with_layer(**changes):
    case = shipped.case("gauss.forward.f64.train.bulk.plain.default.sum")
    document = shipped.alone(case, shipped.right(case))
    document["cases"][0]["arguments"] |= changes
    return document


def without(*keys):
    document = small()
    place = document
    for key in keys[:-1]:
        place = place[key]
    del place[keys[-1]]
    return document


def numbers():
    return small()["outputs"][ONE]["value"]


HOSTILE = {
    "empty": (b"", "not JSON"),
    "truncated": (json.dumps(small()).encode()[:-40], "not JSON"),
    "not JSON": (b"PK\x03\x04", "not JSON"),
    "a pickle": (b"\x80\x04\x95\x10\x00\x00\x00", "not UTF-8 text: byte 0 is 0x80"),
    "latin 1": ('{"subject": "Café"}'.encode("latin-1"), "not UTF-8 text: byte 16 is 0xe9"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not JSON"),
    "a bare NaN": (b'{"subject": "x", "outputs": {"a": {"value": NaN}}}', "bare NaN"),
    "a bare Infinity": (b'{"subject": "x", "outputs": {"a": {"value": -Infinity}}}', "bare -Infinity"),
    "a key twice": (b'{"subject": "x", "subject": "y"}', "'subject' stands twice"),
    "deep": (b"[" * 200_000, "nested too deeply"),
    "a long integer": (b'{"subject": ' + b"9" * 5000 + b"}", "too many digits"),
    "a list": ([], "this is a list"),
    "null": (None, "this is null"),
    "no outputs": (without("outputs"), "the key 'outputs'"),
    "no subject": (without("subject"), "the key 'subject'"),
    "an unknown key": (small() | {"extra": 1}, "unknown key 'extra'"),
    "a subject without name": (small() | {"subject": {"version": "1"}}, "'subject' must be a name"),
    "a subject of numbers": (
        small() | {"subject": {"name": "x", "version": 1}},
        "'version' must be printable text",
    ),
    "escapes in the subject": (
        small() | {"subject": {"name": "\x1b[31mred"}},
        "'name' must be printable text",
    ),
    "outputs in a list": (small() | {"outputs": []}, "'outputs' must be an object"),
    "no output": (small() | {"outputs": {}}, "nothing to check"),
    "an output in a list": (small() | {"outputs": {ONE: []}}, "must be an object, not a list"),
    "an unknown case": (small() | {"outputs": {"nonsense": {"value": 1}}}, "unknown case 'nonsense'"),
    "a missing result": (small() | {"outputs": {ONE: {}}}, "result 'value' is missing"),
    "an unknown result": (small() | {"outputs": {ONE: {"value": 1, "other": 1}}}, "unknown result 'other'"),
    "text for a number": (with_output("many"), "got 'many'"),
    "null for a number": (with_output(None), "got null"),
    "a wrong shape": (with_output(numbers() | {"shape": [3]}), "needs 3 elements, got 9"),
    "a huge shape": (with_output(numbers() | {"shape": [2**62, 2**62]}), "elements, got 9"),
    "a shape of huge numbers": (with_output(numbers() | {"shape": [10**4000] * 2}), "at most 8 lengths"),
    "a huge shape of nothing": (with_output({"shape": [0, 2**62, 4], "data": []}), "no memory has room"),
    "escapes in a key of the subject": (
        small() | {"subject": {"name": "x", "\x1b[31m": "y"}},
        "a key must be printable text",
    ),
    "half a character": (small() | {"subject": "\ud800"}, "'name' must be printable text"),
    "cases in an object": (small() | {"cases": {}}, "'cases' must be a list"),
    "a case in a list": (small() | {"cases": [[]]}, "case 0 must be an object"),
    "a case twice": (small() | {"cases": small()["cases"] * 2}, f"the id '{ONE}' is taken"),
    "a case without id": (without("cases", 0, "id"), "'id' must be printable text"),
    "a case of two lines": (with_case(id="a\nb"), "'id' must be printable text"),
    "an unknown function": (with_case(function="os.system"), "unknown function 'os.system'"),
    "an unknown dtype": (with_case(dtype="O"), "unknown dtype 'O'"),
    "an unknown kind": (with_case(kind="maybe"), "unknown kind 'maybe'"),
    "an unknown key of a case": (with_case(comment="x"), "unknown key 'comment'"),
    "flags as text": (with_case(flags="bulk"), "'flags' must be a list"),
    "arguments in a list": (with_case(arguments=[]), "'arguments' must be an object"),
    "a missing argument": (without("cases", 0, "arguments", "upper"), "argument 'upper' is missing"),
    "an unknown argument": (with_argument(extra=1), "unknown argument 'extra'"),
    "a NaN argument": (with_argument(upper="nan"), "upper must be finite"),
    "a wrong argument": (with_argument(temperature=-1.0), "has no answer"),
    "arguments that do not broadcast": (
        with_argument(lower={"shape": [2], "data": [-1, -1]}),
        "do not broadcast",
    ),
    "arguments that broadcast too far": (
        with_argument(
            lower={"shape": [3000, 1, 1], "data": [-1] * 3000}, upper={"shape": [3000, 1], "data": [2] * 3000}
        ),
        "broadcast to 81000000 elements",
    ),
    "a layer whose parameters broadcast too far": (
        with_layer(mu={"shape": [3000, 1], "data": [0] * 3000}, std={"shape": [3000], "data": [1] * 3000}),
        "broadcast to 9000000 elements",
    ),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_exit_with_2_and_one_line(content, message, spoilt, capsys):
    path = spoilt(content)
    assert main(["validate", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stgref validate: {path}: ")
    assert message in err
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert err.rstrip("\n").isprintable()


def test_the_hint_for_a_bare_infinity_works(spoilt):
    """As it stands in the error: written as text, it is a number, and a wrong one."""
    assert main(["validate", str(spoilt(with_output(numbers() | {"data": ["-infinity"] * 9})))]) == 1


def test_an_empty_list_is_an_empty_batch(spoilt):
    case = next(c for c in shipped.cases() if c.function.endswith("forward") and c.array("x").shape[0] == 0)
    document = shipped.alone(case, shipped.right(case))
    document["outputs"][case.id]["gated"] = []
    assert main(["validate", str(spoilt(document))]) == 0
    document["outputs"][case.id]["gated"] = {"shape": [0], "data": []}
    assert main(["validate", str(spoilt(document))]) == 1


def test_a_file_over_the_limit_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 1 << 40)  # A terabyte of nothing.
    with pytest.raises(
        UnusableInputError, match=f"1099511627776 bytes are too many, the limit is {MAX_BYTES}"
    ):
        load(path)


def test_a_file_that_grows_is_not_read_to_the_end(spoilt, monkeypatch):
    path = spoilt(small())
    monkeypatch.setattr("stgref.conformance.files.MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(UnusableInputError, match="too many"):
        load(path)


@pytest.mark.parametrize(
    ("path", "message"), [("missing.json", "No such file"), (".", "not a regular file"), ("a\0b", "null")]
)
def test_what_is_no_file_is_refused(path, message, tmp_path):
    with pytest.raises(UnusableInputError, match=message):
        load(f"{tmp_path}/{path}")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnusableInputError, match="not a regular file"):
        load(tmp_path / "pipe")


def test_outputs_without_cases_answer_the_shipped_cases(spoilt):
    document = shipped.document()
    del document["cases"], document["notes"], document["format"]
    assert load(spoilt(document)).outputs.keys() == shipped.recording().outputs.keys()


def test_a_function_is_answered_whole_or_not_at_all(spoilt):
    document = shipped.document()
    del document["outputs"][ONE]
    with pytest.raises(UnusableInputError, match=f"no output for case '{ONE}'"):
        load(spoilt(document))


def test_control_characters_in_an_error_do_not_reach_the_terminal(spoilt):
    document = small() | {"outputs": {ONE: {"error": "\x1b[2J\nboom"}}}
    assert load(spoilt(document)).outputs[ONE].text == " [2J boom"


POOL = (
    None, True, -1, 0, 1, 7, 2.5, 1e300, -1e300, 1e-320, "nan", "inf", "0x1p-3", "sum", "none", "valid", "acceptable",
    "invalid", "float32", [], {}, [1], {"shape": [], "data": [1]}, {"shape": [0], "data": []},
    {"shape": [2], "data": [1, 2]}, {"shape": [1, 1], "data": [0.5]}, {"shape": [4, 5], "data": [0.25] * 20},
    {"shape": [5, 1], "data": [0.25] * 5},
)  # fmt: skip
STARTS = (
    ONE,
    "gauss.mean.f32.bulk.unit",
    "bc.get_gate_values.f32.raw.wide",
    "bc.forward.f64.train.bulk.groups.default.sum",
    "gauss.forward.f32.eval.bulk.groups-2d.default.mean",
    "bc.vjp.f32.eval.test-time-clip.plain.default.sum",
    "gauss.vjp.f64.train.reduction.plain.default.none",
    "bc.forward.f64.eval.mask-gap.plain.default.sum",
)


def places(node, path=()):
    """Every place in a JSON document but the elements of long lists."""
    items = node.items() if isinstance(node, dict) else enumerate(node[:3]) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_changed_the_command_ends_in_order(name, seed, spoilt, capsys):
    random = np.random.default_rng([seed, *name.encode()])
    case = shipped.case(name)
    document = shipped.alone(case, dict(shipped.recording().outputs[name]))
    for _ in range(1 + seed % 3):
        *path, last = (found := list(places(document)))[random.integers(len(found))]
        place = document
        for key in path:
            place = place[key]
        place[last] = copy.deepcopy(POOL[random.integers(len(POOL))])
    status = main(["validate", str(spoilt(document))])
    out, err = capsys.readouterr()
    assert status in {0, 1, 2}
    assert (status == 2) == bool(err)
    assert err.count("\n") == (status == 2)
    assert bool(out) == (status != 2)
