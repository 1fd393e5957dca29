"""The same bits from any executor, in any order, in pieces of any size, after any interruption."""

import concurrent.futures as cf
import multiprocessing

import numpy as np
import pytest

from stgref import study
from stgref.study import checkpoint as checkpoints
from tests.study import zoo

N = 150_001


@pytest.fixture(scope="module")
def reference():
    return study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=3).digest


class Shuffled(cf.ThreadPoolExecutor):
    """Does what it is given in an order of its own."""

    def __init__(self, seed):
        super().__init__(1)
        self.rng, self.left = np.random.default_rng(seed), []

    def submit(self, function, /, *args, **kwargs):
        future = cf.Future()
        self.left.append((future, function, args))
        super().submit(self.do_one)
        return future

    def do_one(self):
        future, function, args = self.left.pop(self.rng.integers(len(self.left)))
        future.set_result(function(*args))


@pytest.mark.parametrize("block_size", [1, 20_000, 10**9])
def test_any_block_size(reference, block_size):
    assert study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=3, block_size=block_size).digest == reference


def test_threads(reference):
    with cf.ThreadPoolExecutor(4) as pool:
        found = study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=3, executor=pool, block_size=10_000)
    assert found.digest == reference


def test_processes(reference):
    with cf.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=3, executor=pool, block_size=10_000)
    assert found.digest == reference


@pytest.mark.parametrize("seed", range(3))
def test_any_order(reference, seed):
    found = study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=3, executor=Shuffled(seed), block_size=1, in_flight=7)
    assert found.digest == reference


def test_another_seed_and_the_next_task_have_other_bits(reference):
    assert study.run(zoo.F, zoo.PHI, zoo.MANY, N, seed=4).digest != reference
    twice = study.run(zoo.F, zoo.PHI, ["arm", "arm"], 1000)
    assert not np.array_equal(*(r.summary.estimates.mean for r in twice.results))


@pytest.mark.parametrize("after", [5, 60])
def test_resumed_after_an_interruption(reference, tmp_path, after):
    path = tmp_path / "study.json"
    with pytest.raises(KeyboardInterrupt):
        study.run(zoo.Stops(after), zoo.PHI, zoo.MANY[:4], N, seed=3, block_size=1, checkpoint=path)
    resumed = study.run(zoo.F, zoo.PHI, zoo.MANY[:4], N, seed=3, block_size=40_000, checkpoint=path)
    assert resumed.digest == study.run(zoo.F, zoo.PHI, zoo.MANY[:4], N, seed=3).digest


def test_what_is_done_is_not_done_again(tmp_path):
    path = tmp_path / "study.json"
    first = study.run(zoo.F, zoo.PHI, ["arm"], N, checkpoint=path)
    before = path.read_bytes()
    again = study.run(zoo.Stops(20), zoo.PHI, ["arm"], N, checkpoint=path)
    assert again.digest == first.digest
    assert again.results[0].summary.seconds.mean == first.results[0].summary.seconds.mean
    assert path.read_bytes() == before


def test_resumed_where_a_precision_is_wished(tmp_path):
    options = {"seed": 3, "precision": 4e-4}
    path, whole = tmp_path / "study.json", study.run(zoo.F, zoo.PHI, ["arm", "disarm"], 10**7, **options)
    assert {r.n_samples < 10**7 for r in whole.results} == {True}
    for after in (40, 60, 100):
        with pytest.raises(KeyboardInterrupt):
            study.run(
                zoo.Stops(after), zoo.PHI, ["arm", "disarm"], 10**7, checkpoint=path, block_size=1, **options
            )
    resumed = study.run(zoo.F, zoo.PHI, ["arm", "disarm"], 10**7, checkpoint=path, **options)
    assert resumed.digest == whole.digest


def test_a_process_that_dies_loses_nothing_that_was_done(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    path, killed = tmp_path / "study.json", tmp_path / "killed"
    objective = zoo.KillsItsWorker(str(killed), multiprocessing.current_process().pid)
    spawn = multiprocessing.get_context("spawn")
    with cf.ProcessPoolExecutor(1, spawn) as pool, pytest.raises(study.StudyError, match="process"):
        study.run(objective, zoo.PHI, ["arm"], N, executor=pool, block_size=1, checkpoint=path)
    assert killed.exists()
    with cf.ProcessPoolExecutor(1, spawn) as pool:
        found = study.run(objective, zoo.PHI, ["arm"], N, executor=pool, block_size=1, checkpoint=path)
    assert found.digest == study.run(zoo.F, zoo.PHI, ["arm"], N).digest


def test_errors_name_the_estimator_and_keep_their_cause():
    with pytest.raises(study.StudyError, match=r"fails_late: estimates 0 to 8191 .*not today") as caught:
        study.run(zoo.F, zoo.PHI, ["arm", zoo.fails_late], N, block_size=1)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    spawn = multiprocessing.get_context("spawn")
    with (
        cf.ProcessPoolExecutor(1, spawn) as pool,
        pytest.raises(study.StudyError, match="not today") as caught,
    ):
        study.run(zoo.F, zoo.PHI, [zoo.fails_late], N, executor=pool, block_size=1)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_bounded_number_of_pieces_is_in_flight():
    class Counting(cf.ThreadPoolExecutor):
        most = running = 0

        def submit(self, *args, **kwargs):
            self.running += 1
            self.most = max(self.most, self.running)
            future = super().submit(*args, **kwargs)
            future.add_done_callback(lambda _: setattr(self, "running", self.running - 1))
            return future

    with Counting(2) as pool:
        study.run(zoo.F, zoo.PHI, ["arm"], 10**6, executor=pool, block_size=1, in_flight=5)
        assert pool.most <= 5
