"""The published studies: their committed exact numbers come again, and each runs to its page in a reduced setting."""

from __future__ import annotations

import json
import math

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("rich")

from validation.studies import run, study

NAMES = run.NAMES


def results(name):
    return json.loads((study.FOLDER / name / "results.json").read_text(encoding="utf-8"))


def numbers(value, path=""):
    """All numbers in a document, by their places."""
    if isinstance(value, dict):
        return {k: v for key, each in value.items() for k, v in numbers(each, f"{path}/{key}").items()}
    if isinstance(value, list):
        return {k: v for i, each in enumerate(value) for k, v in numbers(each, f"{path}/{i}").items()}
    return {path: value} if isinstance(value, (int, float)) else {}


@pytest.mark.parametrize("name", NAMES)
def test_exact_numbers_come_again_to_the_digits(name):
    known, found = numbers(results(name)["exact"]), numbers(run.load(name).exact())
    assert found.keys() == known.keys()
    assert found
    for place, value in known.items():
        # What is 0 but for rounding is no more than that of what it is a difference of.
        assert math.isclose(found[place], value, rel_tol=1e-10, abs_tol=1e-25), place


@pytest.mark.parametrize("name", NAMES)
def test_each_runs_to_its_page(name):
    published, committed = run.load(name), results(name)
    small = published._replace(exact=lambda: committed["exact"], figures=lambda *_: {})
    content = study.run(name, small, quick=True)
    assert [f["claim"] for f in content["findings"]] == [f["claim"] for f in committed["findings"]]
    assert content["trainings"].keys() == committed["trainings"].keys()
    for panel, ends in committed["trainings"].items():
        assert content["trainings"][panel].keys() == ends.keys()
    text = study.page(published, content, {})
    for heading in ("## What the paper shows", "## What was done here", "## What was found"):
        assert heading in text
    json.dumps({key: value for key, value in content.items() if key != "figures"}, allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_those_of_their_results(name):
    folder = study.FOLDER / name
    plots = study.captions(name)
    assert plots
    assert {path.stem for path in folder.glob("*.svg")} == set(plots)
    text = study.page(
        run.load(name), results(name), {plot: (None, caption) for plot, caption in plots.items()}
    )
    assert (folder / "README.md").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", NAMES)
def test_findings_are_those_of_the_numbers(name):
    content = results(name)
    known = {**content["exact"], "sampled": content.get("sampled", {})}
    found = [found._asdict() for found in run.load(name).findings(known, content["trainings"])]
    assert found == content["findings"]


def test_the_index_lists_every_finding():
    text = (study.FOLDER / "README.md").read_text(encoding="utf-8")
    assert text == run.index()
    for name in NAMES:
        assert f"({name}/README.md)" in text
        for found in results(name)["findings"]:
            assert found["claim"].replace("|", "\\|") in text


def test_plots_are_of_modest_size():
    sizes = [path.stat().st_size for path in study.FOLDER.glob("*/*.svg")]
    assert max(sizes) < 250_000
    assert sum(sizes) < 2_500_000
