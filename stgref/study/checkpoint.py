"""A file that says what is done of a study: JSON, written at once or not at all, and not trusted when it is read.

It holds the nodes of each task's tree (`stgref.study.tree`), their numbers as the bytes of doubles, and a description of the
study: its seed, its sizes, its estimators, and a checksum of a few estimates of each. Whatever differs is named, and
nothing is overwritten.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.strict_json import parse_json
from stgref.numerics.namespace import Array
from stgref.study.moments import Moments, Spread
from stgref.study.plan import Precision
from stgref.study.summary import SCALARS, Summary
from stgref.study.task import Task
from stgref.study.tree import Node, Tree

FORMAT = "stgref study checkpoint, version 1"
EVERY = 10.0
"""Seconds between two writes."""
MAX_BYTES = 256 * 1024 * 1024
MAX_LEVEL = 62
_FIELDS = {"level", "index", "count", "blocks", "evaluations", "agreeing", "numbers"}


class Checkpoint:
    """The trees of a study, and the file that they are kept in, if there is one."""

    def __init__(self, path: Path | None, description: Mapping[str, Any], trees: list[Tree]) -> None:
        self.path, self.description, self.trees = path, description, trees
        self._written = time.monotonic()

    @classmethod
    def of(cls, path: str | Path | None, tasks: Sequence[Task], precision: Precision | None) -> Checkpoint:
        """The trees that the file has, or empty ones where there is none.

        Raises
        ------
        UnusableInputError
            If the file is no checkpoint, or that of another study.
        """
        if path is None:
            return cls(None, {}, [Tree() for _ in tasks])
        path, description = Path(path), described(tasks, precision)
        if not path.parent.is_dir():
            raise UnusableInputError(f"checkpoint {path}: there is no folder {path.parent}")
        if not path.exists():
            return cls(path, description, [Tree() for _ in tasks])
        try:
            return cls(path, description, _read(path, tasks, description))
        except UnusableInputError as error:
            raise UnusableInputError(f"checkpoint {path}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is done, however it ends."""
        self.save()

    def save_now_and_then(self) -> None:
        """Write the file, if that was some seconds ago."""
        if self.path is not None and time.monotonic() - self._written >= EVERY:
            self.save()

    def save(self) -> None:
        """Write the file, beside the old one first."""
        if self.path is None:
            return
        nodes = [[_encoded(*node) for node in sorted(tree.nodes.items())] for tree in self.trees]
        document = {"format": FORMAT, "study": self.description, "sha256": _checksum(nodes), "nodes": nodes}
        number, beside = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self.path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        self._written = time.monotonic()


def described(tasks: Sequence[Task], precision: Precision | None) -> dict[str, Any]:
    """What the bits of a study depend on."""
    return {
        "seed": tasks[0].seed,
        "precision": None if precision is None else list(precision),
        "tasks": [
            {
                "estimator": task.name,
                "index": task.index,
                "n_samples": task.n_samples,
                "rows": task.rows,
                "shape": list(task.logits.shape),
                "dtype": str(task.logits.dtype),
                "logits": hashlib.sha256(task.flat_logits.tobytes()).hexdigest(),
                "gradient": None if task.gradient is None else _numbers(task.gradient),
                "first estimates": hashlib.sha256(_first(task).tobytes()).hexdigest(),
            }
            for task in tasks
        ],
    }


def _first(task: Task) -> Array:
    """A few estimates, which tell one objective, estimator and option from another."""
    return np.ascontiguousarray(task.first(min(64, task.n_samples)), dtype=np.float64)


def _read(path: Path, tasks: Sequence[Task], description: Mapping[str, Any]) -> list[Tree]:
    document = parse_json(_bytes_of(path))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnusableInputError(f"not a checkpoint: its format must be {FORMAT!r}")
    if set(document) != {"format", "study", "sha256", "nodes"}:
        raise UnusableInputError("not a checkpoint: its keys must be format, study, sha256 and nodes")
    _compare(document["study"], json.loads(json.dumps(description)), "study")
    nodes = document["nodes"]
    if not isinstance(nodes, list) or len(nodes) != len(tasks) or not all(isinstance(n, list) for n in nodes):
        raise UnusableInputError(f"nodes must be {len(tasks)} lists, one for each estimator")
    if document["sha256"] != _checksum(nodes):
        raise UnusableInputError("damaged: its checksum is another")
    return [Tree(_decoded(own, task)) for own, task in zip(nodes, tasks, strict=True)]


def _bytes_of(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnusableInputError("not a regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    if len(data) > MAX_BYTES:
        raise UnusableInputError(f"too large, the limit is {MAX_BYTES} bytes")
    return data


def _compare(theirs: Any, ours: Any, where: str) -> None:
    """Raise an error that names the first place where they differ."""
    if isinstance(ours, (dict, list)) and type(theirs) is type(ours) and len(theirs) == len(ours):
        for key in ours if isinstance(ours, dict) else range(len(ours)):
            if isinstance(ours, dict) and key not in theirs:
                raise UnusableInputError(f"{where} has no {key}")
            _compare(
                theirs[key], ours[key], f"{where}.{key}" if isinstance(ours, dict) else f"{where}[{key}]"
            )
    elif theirs != ours or type(theirs) is not type(ours):
        raise UnusableInputError(
            f"of another study: {where} is {str(theirs)[:60]!r} there and {str(ours)[:60]!r} here"
        )


def _checksum(nodes: Any) -> str:
    return hashlib.sha256(json.dumps(nodes, sort_keys=True).encode()).hexdigest()


def _encoded(node: Node, s: Summary) -> dict[str, Any]:
    level, index = node
    numbers = np.concatenate([*s.estimates[1:], *s.scalars[1:], *s.seconds[1:]])
    return {
        "level": level,
        "index": index,
        "count": s.estimates.n,
        "blocks": s.seconds.n,
        "evaluations": int(s.evaluations),
        "agreeing": _numbers(s.agreeing.astype("<i8")),
        "numbers": _numbers(numbers),
    }


def _decoded(given: list[Any], task: Task) -> dict[Node, Summary]:
    """The nodes of one task, each in the range of its blocks, no two over the same."""
    nodes: dict[Node, Summary] = {}
    for entry in given:
        if not isinstance(entry, dict) or set(entry) != _FIELDS:
            raise UnusableInputError(f"a node must have the keys {', '.join(sorted(_FIELDS))}")
        level, index, count, blocks, evaluations = (
            _whole(entry, name) for name in ("level", "index", "count", "blocks", "evaluations")
        )
        if level > MAX_LEVEL or (index + 1) << level > task.blocks:
            raise UnusableInputError(f"node {level}, {index}: beyond the {task.blocks} blocks of {task.name}")
        first, last = index << level, (index + 1) << level
        if blocks != last - first or count != min(last * task.rows, task.n_samples) - first * task.rows:
            raise UnusableInputError(f"node {level}, {index}: not so many estimates as its blocks have")
        nodes[level, index] = _summary(entry, task, count, blocks, evaluations)
    ends = sorted((i << l, (i + 1) << l) for l, i in nodes)
    if len(ends) != len(given) or any(a[1] > b[0] for a, b in itertools.pairwise(ends)):
        raise UnusableInputError("a block is there twice")
    return nodes


def _summary(entry: Mapping[str, Any], task: Task, count: int, blocks: int, evaluations: int) -> Summary:
    size = task.flat_logits.size
    lengths = [size] * 6 + [len(SCALARS)] * 2 + [1] * 2
    flat = _array(entry["numbers"], "<f8", sum(lengths))
    parts = np.split(flat, np.cumsum(lengths)[:-1])
    estimates = Moments(count, *parts[:6])
    scalars, seconds = Spread(count, *parts[6:8]), Spread(blocks, *parts[8:])
    agreeing = _array(entry["agreeing"], "<i8", size)
    if (
        np.isnan(estimates.mean).any()
        or not ((estimates.low <= estimates.high) & (estimates.m2 >= 0.0)).all()
    ):
        raise UnusableInputError("the numbers of a node are no moments")
    if not ((agreeing >= 0) & (agreeing <= count)).all():
        raise UnusableInputError("more estimates agree than there are")
    return Summary(estimates, scalars, agreeing, evaluations, seconds)


def _whole(entry: Mapping[str, Any], name: str) -> int:
    value = entry[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise UnusableInputError(f"{name} of a node must be a whole number, got {str(value)[:40]}")
    return value


def _numbers(x: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(x).tobytes()).decode()


def _array(text: Any, dtype: str, size: int) -> Array:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 8 * size:
        raise UnusableInputError(f"a node must have {size} numbers of 8 bytes, in base64")
    return np.frombuffer(data, dtype=dtype).astype(dtype[1:])
