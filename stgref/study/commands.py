"""What `stgref study` needs beyond a study: workers, and what is said of a run."""

from __future__ import annotations

import concurrent.futures as cf
import datetime as dt
import importlib
import multiprocessing
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import stgref
from stgref.conformance.errors import UnusableInputError, said
from stgref.study.config import Config
from stgref.study.studied import Study
from stgref.study.sweeping import Sweep

TIMEOUT = 30.0
"""Seconds in which a scheduler must answer."""
MOST = 4096


@contextmanager
def workers(scheduler: str | None, processes: int | None) -> Iterator[cf.Executor | None]:
    """An executor over a Dask cluster, or over processes here, or None.

    Raises
    ------
    UnusableInputError
        If there is no such cluster, or dask.distributed is not installed, or the number is none.
    """
    if scheduler is not None:
        with _client(scheduler) as client:
            yield client.get_executor()
    elif processes is not None:
        if not 1 <= processes <= MOST:
            raise UnusableInputError(f"--processes takes an integer from 1 to {MOST}, got {processes}")
        with cf.ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise UnusableInputError(
            "--scheduler needs dask.distributed: pip install 'stgref[distributed]'"
        ) from None
    try:
        client = distributed.Client(address, timeout=TIMEOUT)
    except (OSError, ValueError, TypeError) as error:  # its time-outs are those of the system
        raise UnusableInputError(f"--scheduler {address}: {said(error)}") from None
    with client:
        yield client


def facts(study: Config, found: Study | Sweep) -> dict[str, str]:
    """What a report says of a run."""
    task = found.results[0].task
    return {
        "study": str(study.path),
        "objective": repr(task.objective),
        "seed": str(task.seed),
        "checksum of all bits but the times": found.digest,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": f"stgref {stgref.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
        "machine": f"{platform.system()}, {platform.machine()}",
    }
