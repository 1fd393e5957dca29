"""The command, its files, and what it says of bad ones."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from stgref import study
from stgref.cli import main
from stgref.conformance import UnusableInputError
from stgref.study import config
from tests.study import zoo

GOOD = """
[problem]
objective = "Quadratic"
parameters = { t = 0.45 }
logits = [0.3, -1.0]

[study]
estimators = ["disarm", { name = "rloo", k = 3 }, "reinmax"]
n_samples = 2000
seed = 5

[sweep]
temperature = [0.5, 1.0]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_study_with_all_its_files(written, tmp_path, capsys):
    paths = [tmp_path / name for name in ("r.html", "r.md", "r.csv", "r.json")]
    options = [*(f"--report={p}" for p in paths[:2]), *(f"--out={p}" for p in paths[2:])]
    assert main(["study", "--config", str(written(GOOD)), *options]) == 0
    shown = capsys.readouterr().out
    assert "reinmax; temperature=0.5" in " ".join(shown.split())
    page = paths[0].read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ).replace("https://matplotlib.org", "")
    assert "disarm" in page
    records = json.loads(paths[3].read_text(encoding="utf-8"))
    with paths[2].open(encoding="utf-8", newline="") as file:
        assert [float(r["mean"]) for r in csv.DictReader(file)] == [r["mean"] for r in records]
    assert [r["estimator"] for r in records[::2]] == ["disarm", "rloo", "reinmax", "reinmax"]
    assert "disarm" in paths[1].read_text(encoding="utf-8")


def test_processes_and_a_checkpoint_give_the_same(written, tmp_path):
    outs = [tmp_path / f"{k}.json" for k in range(3)]
    path, kept = str(written(GOOD)), str(tmp_path / "kept.json")
    assert main(["study", "--config", path, f"--out={outs[0]}"]) == 0
    assert main(["study", "--config", path, f"--out={outs[1]}", "--processes=1", "--checkpoint", kept]) == 0
    assert main(["study", "--config", path, f"--out={outs[2]}", "--checkpoint", kept]) == 0
    first, *others = ([r["mean"] for r in json.loads(p.read_text(encoding="utf-8"))] for p in outs)
    assert all(other == first for other in others)


def test_without_a_sweep_it_is_run(written):
    found = config.load(
        written(GOOD.replace("temperature = [0.5, 1.0]", "").replace(', "reinmax"', ""))
    ).run()
    f = config.OBJECTIVES["Quadratic"](0.45)
    assert found.digest == study.run(f, [0.3, -1.0], ["disarm", ("rloo", {"k": 3})], 2000, seed=5).digest


BAD = [
    ('objective = "Quadratic"', 'objective = "Quadric"', ["problem.objective: takes one of", "'Quadric'"]),
    ("t = 0.45", 't = "x"', ["problem.parameters: Quadratic: t takes a real number", "got str"]),
    (
        "t = 0.45",
        "u = 0.45",
        ["problem.parameters.u: there is no such key; problem.parameters takes t, weight"],
    ),
    ("parameters = { t = 0.45 }", "", ["problem.parameters.t: is missing"]),
    ("logits = [0.3, -1.0]", 'logits = "many"', ["problem.logits: takes a finite number, got 'many'"]),
    ("logits = [0.3, -1.0]", "logits = [0.3, nan]", ["problem.logits: takes a finite number, or a list"]),
    (
        "logits = [0.3, -1.0]",
        "logits = [[0.3], [1.0, 2.0]]",
        ["problem.logits: takes a finite number, or a list"],
    ),
    (
        "logits = [0.3, -1.0]",
        "logits = 0.3\ndimension = 10000000",
        ["problem.dimension: takes an integer from 1 to 1000000"],
    ),
    ("n_samples = 2000", "n_samples = 1", ["study.n_samples: takes an integer from 2 to", "got 1"]),
    ("n_samples = 2000", "n_samples = 2e3", ["study.n_samples: takes an integer", "got 2000.0"]),
    ("n_samples = 2000", "", ["study.n_samples: is missing"]),
    ("seed = 5", "seed = true", ["study.seed: takes an integer", "got True"]),
    ("seed = 5", "confidence = 95", ["study.confidence: takes a number between 0 and 1, got 95"]),
    ("seed = 5", "precision = -1", ["study.precision: takes a number greater than 0, got -1"]),
    ("seed = 5", "relative = 1", ["study.relative: takes true or false, got 1"]),
    ("seed = 5", "sed = 5", ["study.sed: there is no such key", "seed"]),
    ('"disarm", ', '"disram", ', ["study.estimators[0]", "no estimator 'disram'"]),
    ('"disarm", ', "3, ", ["study.estimators[0]: takes a name, or a table", "got 3"]),
    ("k = 3", "k = 1", ["study.estimators[1]", "k must be 2 or more, got 1"]),
    ("k = 3", "m = 3", ["study.estimators[1]", "no option m"]),
    ("[0.5, 1.0]", "[-0.5, 1.0]", ["study.estimators[2]", "temperature must be", "got -0.5"]),
    ("[0.5, 1.0]", "0.5", ["sweep.temperature: takes a list", "got 0.5"]),
    ("[0.5, 1.0]", "[]", ["sweep.temperature: takes a list"]),
    ("temperature = [", "heat = [", ["heat", "no option"]),
    ("[sweep]", "[swep]", ["swep: there is no such key; a study takes problem, study, sweep"]),
    ("[sweep]", "[sweep", ["not TOML"]),
]


@pytest.mark.parametrize(("old", "new", "words"), BAD)
def test_bad_configs_are_told_in_one_line(written, capsys, old, new, words):
    assert old in GOOD
    path = written(GOOD.replace(old, new, 1))
    assert main(["study", "--config", str(path)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1
    for word in (str(path), *words):
        assert word in err, err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--report=r.txt"], "one of .csv, .json, .html, .md"),
        (["--report=nowhere/r.html"], "there is no folder"),
        (["--processes=0"], "--processes takes an integer from 1"),
        (["--scheduler=tcp://127.0.0.1:1"], "--scheduler tcp://127.0.0.1:1"),
    ],
)
def test_bad_options(written, capsys, monkeypatch, options, words):
    from stgref.study import commands  # noqa: PLC0415

    monkeypatch.setattr(commands, "TIMEOUT", 0.5)
    if "scheduler" in options[0]:
        pytest.importorskip("distributed", reason="dask[distributed] is not installed")
    assert main(["study", "--config", str(written(GOOD)), *options]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("place", ["missing.toml", "."])
def test_what_is_no_file(tmp_path, capsys, place):
    assert main(["study", "--config", str(tmp_path / place)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_large_and_odd_files(tmp_path):
    path = tmp_path / "s.toml"
    for data in (b"a" * (config.MAX_BYTES + 1), b"\xff\xfe", b"a = " + b"[" * 100_000):
        path.write_bytes(data)
        with pytest.raises(UnusableInputError, match=r"s\.toml"):
            config.load(path)


CHECKPOINTS = [
    (lambda d: d.update(format="other"), "its format must be"),
    (lambda d: d.update(more=1), "its keys must be"),
    (lambda d: d["study"].update(seed=9), "of another study: study.seed is '9' there and '0' here"),
    (lambda d: d["study"]["tasks"][0].update(n_samples=7), r"study.tasks\[0\].n_samples is '7' there"),
    (lambda d: d["study"].pop("seed"), "of another study"),
    (lambda d: d["nodes"][0][0].update(index=1), "damaged"),
    (lambda d: d.update(nodes=[]), "nodes must be 1 lists"),
]


@pytest.mark.parametrize(("change", "words"), CHECKPOINTS)
def test_checkpoints_that_are_refused(tmp_path, change, words):
    path = tmp_path / "c.json"
    study.run(zoo.F, zoo.PHI, ["arm"], 10_000, checkpoint=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(UnusableInputError, match=words):
        study.run(zoo.F, zoo.PHI, ["arm"], 10_000, checkpoint=path)
    assert path.read_bytes() == before


NODES = [
    ({"index": 40}, "beyond the 3 blocks"),
    ({"level": 63}, "beyond"),
    ({"level": -1}, "must be a whole number"),
    ({"count": 1}, "not so many estimates"),
    ({"numbers": "AAAA"}, "numbers of 8 bytes"),
    ({"numbers": 3}, "numbers of 8 bytes"),
    ({"evaluations": 1.5}, "must be a whole number"),
    ({"agreeing": "////////////////////////////////"}, "more estimates agree"),
    ({"extra": 1}, "must have the keys"),
]


@pytest.mark.parametrize(("change", "words"), NODES)
def test_nodes_that_are_refused_though_the_checksum_is_right(tmp_path, change, words):
    from stgref.study import checkpoint  # noqa: PLC0415

    path = tmp_path / "c.json"
    study.run(zoo.F, zoo.PHI, ["arm"], 20_000, checkpoint=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["nodes"][0][0].update(change)
    document["sha256"] = checkpoint._checksum(document["nodes"])
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UnusableInputError, match=words):
        study.run(zoo.F, zoo.PHI, ["arm"], 20_000, checkpoint=path)


def test_another_objective_or_option_is_another_study(tmp_path):
    path = tmp_path / "c.json"
    entry = [("finite_difference", {"step": 0.5})]
    study.run(zoo.F, zoo.PHI, entry, 1000, checkpoint=path, exact=False)
    for f, given in ((2 * zoo.F, entry), (zoo.F, [("finite_difference", {"step": 0.6})])):
        with pytest.raises(UnusableInputError, match="first estimates"):
            study.run(f, zoo.PHI, given, 1000, checkpoint=path, exact=False)


def test_files_that_are_no_checkpoints(tmp_path):
    for name, data in (("a.json", b"{}"), ("b.json", b"\x80\x04pickle"), ("c.json", b"[" * 10**6)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnusableInputError, match=f"checkpoint .*{name}"):
            study.run(zoo.F, zoo.PHI, ["arm"], 1000, checkpoint=tmp_path / name)
    with pytest.raises(UnusableInputError, match="not a regular file"):
        study.run(zoo.F, zoo.PHI, ["arm"], 1000, checkpoint=tmp_path)
    with pytest.raises(UnusableInputError, match="there is no folder"):
        study.run(zoo.F, zoo.PHI, ["arm"], 1000, checkpoint=tmp_path / "no" / "c.json")


def test_the_package_is_loaded_when_it_is_asked_for():
    code = (
        "import sys, stgref; assert 'stgref.study' not in sys.modules; stgref.study.run; import stgref.study"
    )
    more = "; assert not {'matplotlib', 'distributed', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code + more], check=True, cwd=Path(__file__).parents[2])
