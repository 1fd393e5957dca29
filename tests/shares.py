"""Large products of cases: a run takes a share of each, drawn anew every time, so that all come up.

``STGREF_ALL=1`` takes all of them, and so does naming a test function. ``STGREF_SHARES=`` with the number that a run printed at its
top draws the same share.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict

import pytest

MOST = 48
"""How many cases of one test function a run takes at most, where ``@pytest.mark.most`` does not say."""

SEED = "STGREF_SHARES"


def choose_seed() -> None:
    """Choose what the shares are drawn from; processes that this one starts have the same."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))


def line() -> str:
    """What a run says about it at its top."""
    shown = "all of them" if takes_all() else f"{SEED}={os.environ[SEED]}"
    return f"shares of large products of cases: {shown} (STGREF_ALL=1 for all)"


def takes_all() -> bool:
    """Whether everything is asked for."""
    return bool(int(os.environ.get("STGREF_ALL", "0")))


def split(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """What a run takes, in its order, and what it leaves out."""
    groups: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[item.nodeid.partition("[")[0]].append(item)
    left = {item for name, group in groups.items() for item in _left_out(name, group)}
    return [item for item in items if item not in left], [item for item in items if item in left]


def _left_out(name: str, group: list[pytest.Item]) -> list[pytest.Item]:
    marker = group[0].get_closest_marker("most")
    most = marker.args[0] if marker else MOST
    drawn = random.Random(f"{os.environ[SEED]} {name}")  # noqa: S311 (no secret)
    return drawn.sample(group, max(0, len(group) - most))
