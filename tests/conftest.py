"""What every test shares: the array libraries under test, and the hypothesis profiles."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import array_api_compat
import numpy as np
import pytest
from hypothesis import settings

from tests import shares

# `HYPOTHESIS_PROFILE=ci` prints the blob that reproduces a failure found on another machine. Both profiles keep
# drawing new examples: the fixed ones are in the accuracy grids.
settings.register_profile("default", deadline=None, derandomize=False)
settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "most(n): of the cases of this test function, a run takes n at most")
    shares.choose_seed()


def pytest_report_header() -> str:
    return shares.line()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if shares.takes_all() or any("::" in argument for argument in config.args):
        return
    items[:], left = shares.split(items)
    config.hook.pytest_deselected(items=left)


def call_plainly(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return f(*args, **kwargs)


@dataclass(frozen=True)
class Library:
    """An array library, the device its arrays live on here, and the way to and from NumPy.

    Attributes
    ----------
    name : str
        The fixture's parameter, for messages and for a test's own exceptions.
    xp : module
        The namespace as ``array_api_compat.array_namespace`` returns it.
    device : object
        Where ``asarray`` puts arrays; not the default device where the library has another.
    asarray : callable
        A NumPy array (or what makes one) as an array of this library, dtype kept.
    to_numpy : callable
        The way back, dtype kept.
    call : callable
        ``call(f, *args, **kwargs)``: jitted over the arrays in ``args`` for ``jax-jit``; for ``dask`` any computation
        before the result is asked for is an error; elsewhere a plain call.
    """

    name: str
    xp: Any
    device: Any
    asarray: Callable[[Any], Any]
    to_numpy: Callable[[Any], np.ndarray] = np.asarray
    call: Callable[..., Any] = call_plainly

    def assert_own(self, array: Any, dtype: Any = None, shape: tuple[int, ...] | None = None) -> None:
        """Assert that ``array`` is of this library, on this device, and of ``dtype`` (a NumPy one) and ``shape``."""
        assert array_api_compat.is_array_api_obj(array), f"{self.name}: not an array but {type(array)}"
        assert array_api_compat.array_namespace(array) is self.xp, f"{self.name}: got {type(array)}"
        assert array_api_compat.device(array) == self.device
        if dtype is not None:
            assert array.dtype == self.asarray(np.zeros((), dtype)).dtype, (
                f"{self.name}: {array.dtype}, not {dtype}"
            )
        if shape is not None:
            assert array.shape == shape


def numpy_library() -> Library:
    return Library("numpy", array_api_compat.array_namespace(np.zeros(())), "cpu", np.asarray)


def numpy_readonly_library() -> Library:
    """Inputs that cannot be written to: whoever writes into an argument is found out."""

    def asarray(values: Any) -> np.ndarray:
        array = np.array(values)
        array.flags.writeable = False
        return array

    return Library("numpy-readonly", array_api_compat.array_namespace(np.zeros(())), "cpu", asarray)


def array_api_strict_library() -> Library:
    """The standard without anything optional in it, on a device that is not the default one."""
    strict = pytest.importorskip("array_api_strict")
    strict.set_array_api_strict_flags(
        boolean_indexing=False, data_dependent_shapes=False, enabled_extensions=()
    )
    device = strict.Device("device1")
    cpu = strict.Device("CPU_DEVICE")
    return Library(
        "array-api-strict",
        strict,
        device,
        asarray=lambda values: strict.asarray(np.asarray(values), device=device),
        to_numpy=lambda array: np.asarray(strict.asarray(array, device=cpu)),
    )


def torch_library(where: str = "cpu") -> Library:
    torch = pytest.importorskip("torch")
    device = torch.device(where)
    return Library(
        "torch" if where == "cpu" else "torch-cuda",
        array_api_compat.array_namespace(torch.zeros(())),
        device,
        # A copy, because torch does not know read-only memory.
        asarray=lambda values: torch.tensor(np.asarray(values), device=device),
        to_numpy=lambda tensor: tensor.detach().cpu().numpy(),
    )


def torch_cuda_library() -> Library:
    """On a device that computes, which a driver alone does not show."""
    torch = pytest.importorskip("torch")
    try:
        assert float((torch.arange(2.0, device="cuda:0") + 1.0).sum()) == 3.0
    except (AssertionError, RuntimeError) as error:
        pytest.skip(f"no usable CUDA device: {str(error).splitlines()[0]}")
    return torch_library("cuda:0")


def jax_library() -> Library:
    """JAX in double precision; the flag stays set for the rest of the test session."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    return Library("jax", jnp, jnp.zeros(()).device, asarray=lambda values: jnp.asarray(np.asarray(values)))


def jax_jit_library() -> Library:
    plain = jax_library()
    import jax  # noqa: PLC0415 (only where the fixture is used)

    def call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        static = [i for i, argument in enumerate(args) if not array_api_compat.is_array_api_obj(argument)]
        return jax.jit(partial(f, **kwargs), static_argnums=static)(*args)

    return Library("jax-jit", plain.xp, plain.device, plain.asarray, call=call)


def jax_vmap_library() -> Library:
    """Calls are mapped over the first axis of all arrays, which is to say: one call for each of its indices."""
    plain = jax_library()
    import jax  # noqa: PLC0415 (only where the fixture is used)

    def call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        axes = [0 if array_api_compat.is_array_api_obj(argument) else None for argument in args]
        return jax.vmap(partial(f, **kwargs), in_axes=axes)(*args)

    return Library("jax-vmap", plain.xp, plain.device, plain.asarray, call=call)


def mparray_library() -> Library:
    """Numbers of 50 digits, handed back as doubles."""
    mparray = pytest.importorskip("mparray", reason="mparray is not installed")
    mpmath = pytest.importorskip("mpmath")

    def to_numpy(array: Any) -> np.ndarray:
        if array.dtype.kind != "f":
            return np.asarray(array._data, dtype=array.dtype)
        return np.asarray([float(x) for x in array._data.ravel()]).reshape(array.shape).astype(array.dtype)

    def call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with mpmath.workdps(50):
            return f(*args, **kwargs)

    return Library("mparray", mparray, "cpu", lambda v: mparray.asarray(np.asarray(v)), to_numpy, call)


def dask_library() -> Library:
    """Arrays of two chunks per axis, and no computation until the result is asked for."""
    dask = pytest.importorskip("dask")
    da = pytest.importorskip("dask.array")

    def asarray(values: Any) -> Any:
        array = np.asarray(values)
        return da.from_array(array, chunks=tuple(max(1, -(-length // 2)) for length in array.shape))

    def compute_too_early(*_: Any, **__: Any) -> None:
        pytest.fail("dask arrays were computed inside the call")

    def call(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with dask.config.set(scheduler=compute_too_early):
            return f(*args, **kwargs)

    return Library(
        "dask",
        array_api_compat.array_namespace(da.zeros(())),
        "cpu",
        asarray,
        to_numpy=lambda array: array.compute(scheduler="synchronous"),
        call=call,
    )


def cupy_library() -> Library:
    """CuPy where it can compute: an import, or a driver, is not enough."""
    cupy = pytest.importorskip("cupy")
    if reason := unusable(cupy):
        pytest.skip(f"CuPy has no usable GPU here: {reason}")
    return Library(
        "cupy",
        array_api_compat.array_namespace(cupy.zeros(())),
        cupy.cuda.Device(),
        asarray=cupy.asarray,
        to_numpy=cupy.asnumpy,
    )


@cache
def unusable(cupy: Any) -> str | None:
    """Why CuPy cannot allocate, compile, launch, synchronise and give a number back; ``None`` where it can."""
    try:
        if float((cupy.arange(3.0) * 2.0 + 1.0).sum()) == 9.0:
            cupy.cuda.Device().synchronize()
            return None
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the reason)
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return "it computed a wrong number"


LIBRARIES = {
    "numpy": numpy_library,
    "numpy-readonly": numpy_readonly_library,
    "array-api-strict": array_api_strict_library,
    "torch": torch_library,
    "jax": jax_library,
    "jax-jit": jax_jit_library,
    "dask": dask_library,
    "cupy": cupy_library,
}


MORE_LIBRARIES = {
    "torch-cuda": torch_cuda_library,
    "jax-vmap": jax_vmap_library,
    "mparray": mparray_library,
}
"""Those that only the tests that ask for them run on: see `tests.declared`."""


@pytest.fixture(scope="session", params=LIBRARIES)
def xp(request: pytest.FixtureRequest) -> Library:
    """Every array library that is installed here, one after the other; the others skip with the reason."""
    return (LIBRARIES | MORE_LIBRARIES)[request.param]()
