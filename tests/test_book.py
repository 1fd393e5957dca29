"""The book keeps its word: its blocks run, its exercises have answers, and their checks can tell a wrong one."""

import ast
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stgref.conformance import validate, vector_sets

BOOK = Path(__file__).parents[1] / "docs" / "book"
CHAPTERS = sorted(BOOK.glob("[0-9]*.md"))


def module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


sessions = module(BOOK.parent / "sessions.py")


def spoiled(answer: Any) -> Any:
    """An answer that is 0.1 % off, or that of a function that is."""
    if isinstance(answer, Callable):
        return lambda *args, **kwargs: spoiled(answer(*args, **kwargs))
    if isinstance(answer, bool | np.bool):
        return not answer
    if isinstance(answer, int):
        return answer + 1
    if isinstance(answer, tuple | list):
        return (
            type(answer)(map(spoiled, answer))
            if type(answer) in (tuple, list)
            else type(answer)(*map(spoiled, answer))
        )
    if isinstance(answer, dict):
        return {key: spoiled(value) for key, value in answer.items()}
    return answer * 1.001


def checks(code: str) -> Iterator[tuple[str, str]]:
    """The names of check and answer in each statement `check_n(answer)`."""
    for statement in ast.parse(code).body:
        match statement:
            case ast.Expr(ast.Call(ast.Name(check), [ast.Name(answer)], [])) if check.startswith("check_"):
                yield check, answer


def refuses(check: Callable[[Any], None], answer: Any) -> bool:
    try:
        check(answer)
    except Exception:  # noqa: BLE001 (a stub may give anything)
        return True
    return False


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_and_its_checks_tell_right_from_wrong(chapter):
    session = sessions.Session(str(chapter))
    checked = []
    with sessions.styled():
        for block in sessions.blocks(chapter.read_text(encoding="utf-8")):
            found = list(checks(block.code)) if block.answer else []
            for check, answer in found:
                assert refuses(session.names[check], session.names.get(answer)), f"{check} takes a stub"
            session.run(block.code, block.line)
            for check, answer in found:
                assert refuses(session.names[check], spoiled(session.names[answer])), (
                    f"{check} takes 0.1 % off"
                )
            checked += [check for check, _ in found]
        drawn = sessions.figures()
    assert drawn, "a chapter without a picture"
    assert all("currentColor" in picture for picture in drawn)
    assert checked == [f"check_{n}" for n in range(1, len(checked) + 1)]
    assert 3 <= len(checked) <= 5


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_listing_prints_what_the_chapter_shows(framework, capsys):
    pytest.importorskip(framework)
    module(BOOK / "layers" / f"{framework}_gates.py")
    assert capsys.readouterr().out == (BOOK / "layers" / f"{framework}_gates.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_listing_in_javascript_is_right(tmp_path):
    vector_sets.export(tmp_path / "sets")
    answers = tmp_path / "outputs.json"
    command = ["node", str(BOOK / "layers" / "gates.mjs"), str(tmp_path / "sets"), str(answers)]
    subprocess.run(command, check=True)
    report = validate(answers)
    assert report.passed
    right = {check.function for check in report.checks if check.status == "pass"}
    assert right == {"hard_concrete.prob_active", "hard_concrete.grad_prob_active"}
    spoil(answers)
    assert not validate(answers).passed


def spoil(answers: Path) -> None:
    recording = json.loads(answers.read_text(encoding="utf-8"))
    key = next(key for key, results in recording["outputs"].items() if results.get("value"))
    recording["outputs"][key]["value"] *= 1.001
    answers.write_text(json.dumps(recording), encoding="utf-8")
