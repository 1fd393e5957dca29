"""`import stgref` is quick because of what it does not import."""

import json
import subprocess
import sys
from pathlib import Path

import stgref

FRAMEWORKS = {"captum", "cupy", "cupyx", "dask", "jax", "jaxlib", "mparray", "mpmath", "torch"}
HEAVY = {"matplotlib", "rich", "scipy.integrate", "scipy.optimize", "scipy.stats"}


def fresh_interpreter(*options: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, where the package under test is found first."""
    place = Path(stgref.__file__).parents[1]
    return subprocess.run([sys.executable, *options], cwd=place, check=True, capture_output=True, text=True)


def modules_after(statement: str) -> set[str]:
    code = f"import json, sys; {statement}; print(json.dumps(list(sys.modules)))"
    return set(json.loads(fresh_interpreter("-c", code).stdout))


def test_import_pulls_in_no_framework():
    assert not modules_after("import stgref") & (FRAMEWORKS | HEAVY)


def test_import_pulls_in_the_core_dependencies_only():
    """What the lists above leave out is not welcome either; what the dependencies themselves bring is their affair."""
    dependencies = modules_after("import array_api_compat.numpy, numpy, scipy.special")
    added = {module.partition(".")[0] for module in modules_after("import stgref") - dependencies}
    assert added - sys.stdlib_module_names <= {"array_api_compat", "numpy", "scipy", "stgref"}


def test_a_numpy_call_pulls_in_no_framework():
    call = "import numpy as np, stgref; stgref.hard_concrete.grad_mean(np.zeros(3))"
    assert not modules_after(call) & (FRAMEWORKS | HEAVY)


def test_import_time_is_reported():
    """Printed (`pytest -rP`), not asserted: it is the machine's as much as the package's."""
    log = fresh_interpreter("-X", "importtime", "-c", "import numpy; import stgref").stderr
    # Lines read "import time: self [us] | cumulative | name", the name indented unless imported by the statement.
    cumulative = {}
    for line in log.splitlines():
        _, microseconds, name = line.removeprefix("import time:").split("|")
        if name.strip() in {"numpy", "stgref"}:
            cumulative[name.strip()] = int(microseconds)
    print(
        f"import stgref beyond NumPy: {cumulative['stgref'] / 1e3:.0f} ms; NumPy: {cumulative['numpy'] / 1e3:.0f} ms"
    )
