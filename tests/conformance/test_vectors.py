"""The vector sets: what they are, where they come from, and that stgref answers them."""

import copy
import hashlib
import json
from collections import Counter
from importlib import resources

import flint
import numpy as np
import pytest
from flint import arb

import stgref
from stgref.conformance import vector_sets
from stgref.conformance.vector_sets import all_cases, cases, document, read, sets
from tests.accuracy.check import FUNCTIONS
from tests.conformance.json_schema import complaints
from tests.conformance.live_stgref import answer
from tests.oracle import LAWS
from validation.vectors import build, make, notes, rounding, schema, write
from validation.vectors.contents import SETS
from validation.vectors.node import DTYPES

SAMPLE = 8
SEED = 20261121
FLAGS = {"bulk", "tail", "extreme", "edge", "clip-point", "outside"}
SCALAR = tuple(LAWS)
ARRAYS = tuple(name for name in SETS if name not in LAWS)


def nodes(name):
    return document(name)["cases"]


def test_the_manifest_lists_the_sets_and_their_functions():
    assert tuple(sets()) == tuple(SETS)
    for name, functions in sets().items():
        assert functions == tuple(document(name)["functions"])
        assert {node["function"] for node in nodes(name)} == set(functions)


def test_files_have_their_checksums():
    sums = json.loads(read("manifest.json"))["sha256"]
    assert set(sums) == {
        "schema.json",
        *(f"{name}{suffix}" for name in sets() for suffix in (".json", ".npz")),
    }
    for name, wanted in sums.items():
        assert hashlib.sha256(read(name)).hexdigest() == wanted, name


def test_the_folder_has_nothing_else():
    names = {path.name for path in make.FOLDER.iterdir()}
    assert names == {"manifest.json", *json.loads(read("manifest.json"))["sha256"]}


def test_what_is_published_is_what_is_made():
    assert json.loads(read("schema.json")) == schema.SCHEMA
    manifest = json.loads(read("manifest.json"))
    assert (manifest["format"], manifest["version"]) == (notes.FORMAT, notes.VERSION)
    for name, contents in SETS.items():
        head = document(name)
        assert (head["set"], head["notes"], head["version"], head["functions"]) == (
            *(name, notes.notes(name)),
            *(notes.VERSION, contents.functions()),
        )


@pytest.mark.parametrize("name", SETS)
def test_sets_keep_the_schema(name):
    assert not list(complaints(document(name), json.loads(read("schema.json"))))


SPOILT = {
    "no id": lambda d: d["cases"][0].pop("id"),
    "an unknown key": lambda d: d["cases"][0].update(comment=""),
    "an unknown flag": lambda d: d["cases"][0].update(flags=["odd"]),
    "a bare number": lambda d: d["cases"][0]["arguments"].update(x=1.0),
    "decimal for hex": lambda d: d["cases"][0]["arguments"].update(x={"hex": "0.5", "decimal": "0.5"}),
    "no decimal": lambda d: d["cases"][0]["arguments"].update(x={"hex": "0x1p-1"}),
    "another format": lambda d: d.update(format="other"),
    "cases in an object": lambda d: d.update(cases={}),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_the_schema_can_fail(spoil):
    spoilt = copy.deepcopy({**document("normal"), "cases": nodes("normal")[:1]})
    assert not list(complaints(spoilt, schema.SCHEMA))
    spoil(spoilt)
    assert list(complaints(spoilt, schema.SCHEMA))


@pytest.mark.parametrize("name", SETS)
def test_the_bytes_are_those_of_the_writer(name):
    assert write.text(document(name)).encode() == read(f"{name}.json")
    assert write.twin(document(name)) == read(f"{name}.npz")


def twin_of(name, folder):
    (folder / "twin.npz").write_bytes(read(f"{name}.npz"))
    with np.load(folder / "twin.npz", allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize("law", SCALAR)
def test_the_twin_says_the_same(law, tmp_path):
    described, twin = document(law)["functions"], twin_of(law, tmp_path)
    for dtype in ("float32", "float64"):
        rows = [node for node in nodes(law) if node["dtype"] == dtype]
        assert [name.decode() for name in twin[f"{dtype}/id"]] == [node["id"] for node in rows]
        for part, key in (("arguments", "arguments"), ("results", "results"), ("conditions", "results")):
            for node, row in zip(rows, twin[f"{dtype}/{part}"], strict=True):
                names = described[node["function"]][key]
                wanted = [float.fromhex(node[part][n]["hex"]) if node[part] else np.nan for n in names]
                assert np.array_equal(row[: len(names)], wanted, equal_nan=True)


@pytest.mark.parametrize("name", ARRAYS)
def test_the_twin_of_arrays_says_the_same(name, tmp_path):
    """From the notes alone: the elements in a row, cut by the shapes."""
    twin = twin_of(name, tmp_path)
    for dtype in ("float32", "float64"):
        rows = [node for node in nodes(name) if node["dtype"] == dtype]
        assert [x.decode() for x in twin[f"{dtype}/id"]] == [node["id"] for node in rows]
        start, seen = 0, 0
        places = zip(*(twin[f"{dtype}/{key}"] for key in ("array_case", "array_place", "shape")), strict=True)
        for row, place, lengths in places:
            found = at(rows[row], place)
            shape = tuple(n for n in lengths if n >= 0)
            assert shape == tuple(found.get("shape", ()))
            size = int(np.prod(shape))
            wanted = found["data"] if "data" in found else np.ravel(found["hex"]).tolist()
            numbers = [float.fromhex(x) if isinstance(x, str) else x for x in wanted]
            got = twin[f"{dtype}/elements"][start : start + size]
            assert np.array_equal(got, np.array(numbers, float), equal_nan=True)
            start, seen = start + size, seen + 1
        assert start == len(twin[f"{dtype}/elements"])
        others = zip(*(twin[f"{dtype}/{key}"] for key in ("other_case", "other_place", "json")), strict=True)
        for row, place, text in others:
            assert json.loads(text) == at(rows[row], place)
            seen += 1
        assert seen == sum(len(write._parts(node)) for node in rows)


def at(node, place):
    """What stands at a place of a case, as in results/gated."""
    for key in place.decode().split("/"):
        node = node[key]
    return node


def test_every_function_of_the_laws_has_every_kind_of_case_it_can_have():
    counts = Counter(
        (node["function"], node["dtype"], node["flags"][0]) for name in sets() for node in nodes(name)
    )
    assert {flag for *_, flag in counts} == FLAGS
    # The sets have no second derivatives.
    for function in (name for name in FUNCTIONS if ".grad2_" not in name):
        for dtype in ("float32", "float64"):
            for flag in ("bulk", "tail", "extreme"):
                assert counts[function, dtype, flag] >= 4, (function, dtype, flag)
            if function.split(".")[1].removeprefix("grad_") in {"logpdf", "cdf"} and function[0] in "hbr":
                assert counts[function, dtype, "edge"] >= 1, (function, dtype)


def numbers_of(node):
    """The pairs of hexadecimal and decimal notation of arguments and results."""
    for each in [*node["arguments"].values(), *node["results"].values()]:
        if isinstance(each, dict) and "hex" in each:
            yield from zip(*(np.ravel(each[key]).tolist() for key in ("hex", "decimal")), strict=True)


def test_ids_are_unique_and_numbers_are_numbers_of_their_dtype():
    assert len(all_cases()) == sum(len(nodes(name)) for name in sets())
    for node in (node for name in sets() for node in nodes(name)):
        for exact, decimal in numbers_of(node):
            number = float.fromhex(exact)
            as_text = np.dtype(node["dtype"]).type(decimal)
            with np.errstate(all="ignore"):
                assert np.array_equal(as_text, np.dtype(node["dtype"]).type(number), equal_nan=True)
            assert np.array_equal(float(as_text), number, equal_nan=True), node["id"]


def test_conditions_leave_something_to_fail():
    for case in all_cases().values():
        for name, condition in case.conditions.items():
            assert np.all(np.isfinite(condition))
            size = np.abs(np.asarray(case.results[name], "float64"))
            assert np.all((condition >= size * (1 - 2.0**-20))[np.isfinite(size)]), case.id


@pytest.mark.parametrize("law", SCALAR)
def test_a_random_sample_is_derived_anew(law):
    asked = [node for node in nodes(law) if node["kind"] != "invalid"]
    for i in np.random.default_rng([SEED, *law.encode()]).choice(len(asked), SAMPLE, replace=False):
        node = asked[i]
        point = tuple(float.fromhex(number["hex"]) for number in node["arguments"].values())
        at_jump = node["flags"] == ["clip-point"]
        again = build.exact(node["function"], node["dtype"], point, at_jump=at_jump)
        assert again == {"results": node["results"], "conditions": node["conditions"]}, node["id"]


def test_making_a_function_again_gives_the_same_cases():
    for function in ("logistic.grad_cdf", "rectified_gaussian.grad_transform", "hard_concrete.median"):
        law = function.partition(".")[0]
        for dtype in DTYPES:
            wanted = [each for each in nodes(law) if (each["function"], each["dtype"]) == (function, dtype)]
            assert list(build.cases(function, dtype)) == wanted


@pytest.mark.parametrize("name", SETS)
def test_stgref_is_right_and_refuses_what_is_outside(name):
    for case in all_cases().values():
        if case.function in sets()[name]:
            check = case.check(answer(case))
            assert check.status == "pass", (case.id, check)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_is_to_nearest_with_ties_to_even(dtype, monkeypatch):
    monkeypatch.setattr(flint.ctx, "prec", 200)  # ties are balls of no radius
    eps = arb(float(np.finfo(dtype).eps))
    tiny = arb(float(np.finfo(dtype).smallest_subnormal))
    for exact, wanted in [
        (1 + eps / 2, 1.0),
        (1 + 3 * eps / 2, float(1 + 2 * eps)),
        (-(1 + eps * arb("0.75").mid()), float(-(1 + eps))),
        (tiny / 2, 0.0),
        (tiny * 3 / 2, float(2 * tiny)),
        (tiny / 4, 0.0),
        (arb(2) ** 5000, np.inf),
        (-(arb(2) ** 5000), -np.inf),
        (arb(2) ** -5000, 0.0),
        (arb(0), 0.0),
    ]:
        assert rounding.rounded(exact, dtype) == wanted


@pytest.mark.parametrize(
    "ball", [arb(1) + arb(2) ** -24 + arb(0, 1e-30), arb(0, 1e-30), arb(2) ** 128], ids=str
)
def test_a_ball_that_does_not_decide_is_refused(ball):
    with pytest.raises(rounding.AmbiguousError):
        rounding.rounded(ball, "float32")


def test_the_package_needs_nothing_of_the_tests():
    for name in ("vector", "vector_sets", "arrays", "calls"):
        text = (resources.files("stgref.conformance") / f"{name}.py").read_text()
        assert "tests" not in [
            word for line in text.splitlines() if "import" in line for word in line.split()
        ]


def test_installed_sets_are_found_first(tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text('{"sets": {}}')
    monkeypatch.setattr(vector_sets, "FOLDERS", (tmp_path, *vector_sets.FOLDERS))
    assert read("manifest.json") == b'{"sets": {}}'
    monkeypatch.setattr(vector_sets, "FOLDERS", (tmp_path / "none",))
    with pytest.raises(stgref.conformance.UnusableInputError, match="not installed"):
        read("manifest.json")


@pytest.mark.parametrize(
    "function", ["hard_concrete.transform", "hard_concrete.grad_icdf", "hard_concrete.grad_median"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_clipped_gate_is_asked_where_it_is_not_clipped(function, dtype):
    """A gate that is 0 or 1 says nothing about the temperature."""
    asked = [case for case in cases(function, dtype) if case.flags == ("bulk",)]
    telling = [case for case in asked if any(float(x) not in {0, 1} for x in case.results.values())]
    assert len(telling) >= 4
