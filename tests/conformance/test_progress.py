"""Progress: of long runs, on terminals, and never in what a command prints."""

import os
import pty
import subprocess
import sys

import pytest

from stgref.conformance import progress
from stgref.conformance.progress import shown, track
from tests.conformance import shipped

CODE = """
import sys, time
{change}
from stgref.conformance import progress
progress.DELAY = {delay}
with progress.shown():
    for i in progress.track(range(4), "[red]steps\\x1b[2J"):
        list(progress.track([1], "inner"))
        time.sleep(0.1)
print("done")
"""


def on_a_terminal(*, change="", delay=0.0):
    """Run the loop with stderr on a terminal; return what came there, and on stdout."""
    ours, theirs = pty.openpty()
    code = CODE.format(change=change, delay=delay)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=shipped.ROOT,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return seen.decode(errors="replace"), out.decode()


def read(terminal):
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # What Linux says when the last writer is gone.
        return b""


def test_a_long_run_shows_its_steps():
    pytest.importorskip("rich")
    seen, out = on_a_terminal()
    assert "[red]steps" in seen
    assert "/4" in seen
    assert "\x1b[2J" not in seen
    assert out == "done\n"


@pytest.mark.parametrize("options", [{"delay": 60}, {"change": "sys.modules['rich'] = None"}], ids=str)
def test_a_short_run_or_one_without_rich_shows_nothing(options):
    seen, out = on_a_terminal(**options)
    assert "steps" not in seen
    assert out == "done\n"


def test_nothing_is_shown_elsewhere(monkeypatch, capfd):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with shown():
        assert list(track([1, 2, 3], "steps")) == [1, 2, 3]
    assert capfd.readouterr() == ("", "")


def test_steps_go_by_in_their_order_and_an_error_goes_through(monkeypatch):
    told = []

    def start(what, total):
        told.append((what, total))
        return lambda: told.append("step"), lambda: told.append("end")

    token = progress._START.set(start)
    try:
        for item in track("abc", "letters"):
            if item == "c":
                break
        assert list(track([], "nothing")) == []
        with pytest.raises(ZeroDivisionError):
            next(1 / x for x in track([0], "fractions"))
    finally:
        progress._START.reset(token)
    assert told[:3] == [("letters", 3), "step", "step"]
    assert sorted(str(each) for each in told).count("end") == 3


def test_whoever_does_not_ask_pays_nothing():
    assert progress._START.get() is None
    assert list(track([1, 2], "steps")) == [1, 2]
