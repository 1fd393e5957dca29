"""Fixtures of the gates' tests; helpers are imported by their full names, ``tests.gates``."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from stgref.gates.setup import Setup  # noqa: E402
from tests.gates.kinds import KINDS, Kind  # noqa: E402 (found by the path above)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of gates."""
    return request.param


@pytest.fixture
def kernels_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the tuned twin, whose last digits are others."""
    monkeypatch.setattr(Setup, "twin_law", lambda *_: None)


@pytest.fixture
def gates(kind: Kind) -> Any:
    """Three gates of each kind."""
    return kind.make(np.array([-0.5, 0.25, 1.0]))
