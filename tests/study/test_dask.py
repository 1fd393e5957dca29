"""A real cluster of processes."""

import os

import pytest

from stgref import study
from tests.study import zoo

distributed = pytest.importorskip("distributed", reason="dask[distributed] is not installed")

N = 400_001

# What the cluster itself warns of, as ports in use or the killed worker, is no concern of the studies.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_the_same_bits(client):
    found = study.run(zoo.F, zoo.PHI, zoo.MANY, N, executor=client.get_executor(), block_size=30_000)
    assert found.digest == study.run(zoo.F, zoo.PHI, zoo.MANY, N).digest


def test_the_same_bits_with_a_worker_killed_in_the_middle(client, tmp_path):
    path = tmp_path / "killed"
    objective = zoo.KillsItsWorker(str(path), os.getpid())
    found = study.run(objective, zoo.PHI, ["arm"], N, executor=client.get_executor(), block_size=1)
    assert path.exists()
    assert found.digest == study.run(zoo.F, zoo.PHI, ["arm"], N).digest


def test_errors_of_workers_keep_their_cause(client):
    with pytest.raises(study.StudyError, match="not today") as caught:
        study.run(zoo.F, zoo.PHI, [zoo.fails_late], N, executor=client.get_executor())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
