"""The shares of large products that a run takes."""

from types import SimpleNamespace

import pytest

from tests import shares


def items(name: str, count: int, most: int | None = None) -> list:
    marker = most and SimpleNamespace(args=(most,))
    return [
        SimpleNamespace(nodeid=f"{name}[{i}]", get_closest_marker=lambda _, marker=marker: marker)
        for i in range(count)
    ]


class Case(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setenv(shares.SEED, "1")
    made = (
        items("a.py::test_many", 3 * shares.MOST)
        + items("a.py::test_few", 5)
        + items("a.py::test_dear", 9, 2)
    )
    return [Case(**vars(item)) for item in made]


def names(found: list) -> list[str]:
    return [item.nodeid for item in found]


def test_a_share_is_as_large_as_it_may_be_and_in_order(many):
    taken, left = shares.split(many)
    sizes = [
        sum(name.startswith(f"a.py::{test}[") for name in names(taken))
        for test in ("test_many", "test_few", "test_dear")
    ]
    assert sizes == [shares.MOST, 5, 2]
    assert names(taken) == [name for name in names(many) if name in set(names(taken))]
    assert sorted(names(taken) + names(left)) == sorted(names(many))


def test_a_seed_draws_the_same_share_again_and_another_seed_another(many, monkeypatch):
    first = names(shares.split(many)[0])
    assert names(shares.split(many)[0]) == first
    monkeypatch.setenv(shares.SEED, "2")
    assert names(shares.split(many)[0]) != first


def test_all_come_up_in_time(many, monkeypatch):
    """Each of 144 cases is missed by 60 runs with probability (2/3)^60 = 3e-11; the seeds are fixed."""
    seen = set()
    for seed in range(60):
        monkeypatch.setenv(shares.SEED, str(seed))
        seen |= set(names(shares.split(many)[0]))
    assert seen == set(names(many))
