"""Bad input to every public function, found by introspection: a `TypeError` or `ValueError` that names the argument."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.conftest import LIBRARIES
from tests.numerics.catalogue import (
    DRAWS,
    PUBLIC,
    QUANTITIES,
    RATES,
    SAMPLERS,
    bare,
    filled,
    ordinary,
    scalars,
)

NO_NUMBERS: dict[str, Any] = {
    "a string": "0.5",
    "None": None,
    "an object": object(),
    "a bool": True,
    "NumPy's bool": np.True_,
    "a complex number": 0.5 + 0j,
    "a dict": {0.5: 0.5},
    "a set": {0.5},
    "a function": abs,
    "bools": np.asarray([True, False]),
    "complex numbers": np.asarray([0.5 + 0j]),
    "strings": np.asarray(["0.5"]),
    "objects": np.asarray([0.5], dtype=object),
    "dates": np.asarray(["2026-01-01"], dtype="datetime64[D]"),
    "a list of strings": ["0.5"],
    "a list of bools": [True],
    "a ragged list": [[0.5], [0.5, 0.5]],
    "a number beyond floats": 10**400,
}
if np.finfo(np.longdouble).bits > 64:
    NO_NUMBERS["extended precision"] = np.ones(1, dtype=np.longdouble)

COUNTS = ("count", "squares", "n_in", "n_out", "kernel", "positions")
OUT_OF_RANGE: dict[str, list[float]] = {
    "temperature": [0.0, -0.0, -1.0, np.nan, np.inf, -np.inf],
    "scale": [0.0, -1.0, np.nan, np.inf],
    "std": [0.0, -1.0, np.nan, np.inf],
    "lower": [0.0, 1e-300, 0.5, np.nan, -np.inf],
    "upper": [1.0, 0.5, -2.0, np.nan, np.inf],
    "p": [-1e-300, 1.0 + 2.0**-52, np.nan, np.inf],
    "sample": [-1.0, 0.5, 1.0 + 2.0**-52, 2.0, np.nan, np.inf],
    **{name: [0.0, 1.0, -0.5, 1.5, np.nan] for name in ("u", *RATES)},
    "alpha": [0.0, -1.0, np.nan, np.inf],
    "prob": [-1e-300, 1.0 + 2.0**-52, np.nan, np.inf],
    "margin": [0.0, -1.0, np.nan, np.inf],
    **{name: [-1e-300, np.nan, np.inf] for name in COUNTS},
}

#: What is out of range for a law only.
OF_LAWS: dict[str, dict[str, list[float]]] = {
    law: {
        "noise": [-1e-300, 1.0 + 2.0**-52, -2.0, np.nan, np.inf],
        "a": [0.0, -1.0, np.nan, np.inf],
        "b": [0.0, -0.0, -5.0, np.nan, np.inf],
    }
    for law in ("kumaraswamy", "hard_kumaraswamy")
}


def out_of_range(name: str, argument: str) -> list[float]:
    """What an argument of a function may not be."""
    own = OF_LAWS.get(name.partition(".")[0], {}).get(argument)
    return own or OUT_OF_RANGE.get(bare(argument), [])


#: What the arguments that are no numbers may not be.
BAD: dict[str, list[Any]] = {
    "clip_gradient": ["both", "", None, 1, True, b"closed", ["closed"], {}, object()],
    "shape": [
        "ab",
        None,
        2.0,
        1j,
        object(),
        True,
        {2: 3},
        (2, "x"),
        (2, 1.5),
        (2, None),
        -1,
        (2, -1),
        np.ones(2),
    ],
    "rng": ["seed", 1.5, object(), True, {1: 2}, 1j, -1, np.random.RandomState(0), np.random],
    "dtype": ["float99", int, np.int32, bool, complex, object(), 5, "complex128", {}],
    "xp": [5, "numpy", object(), True, {}, np.ones(2)],
    "device": ["nowhere", 5, object(), {}],
    "antithetic": ["yes", None, 2, object(), 1.0, {}],
}


def complaint(name: str, call: Callable[[], Any], about: str) -> str | None:
    """What is wrong with how ``call`` refuses, if anything: the error should mention ``about`` as a word."""
    try:
        result = call()
    except (TypeError, ValueError) as error:
        named = re.search(rf"\b{about}\b", str(error))
        return None if named else f"{name}: does not name {about}: {type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the wrong one)
        return f"{name}: {type(error).__name__} instead of a TypeError or ValueError: {error}"
    return f"{name}: accepts it and returns {result!r}"


def report(complaints: Iterable[str | None]) -> None:
    found = [c for c in complaints if c]
    if found:
        pytest.fail(
            f"{len(found)} bad inputs are not refused well:\n" + "\n".join(c[:300] for c in found),
            pytrace=False,
        )


def keywords(name: str) -> dict[str, Any]:
    """Good arguments of any public function, by name: arrays as scalars, defaults left out."""
    if name in QUANTITIES:
        return scalars(name)
    transform = name.replace(".sample", ".transform")
    params = {n: v for n, v in scalars(transform).items() if n != "noise"} if name in SAMPLERS else {}
    return {"shape": (2, 3) if any(map(np.ndim, params.values())) else (2,), **params}


def is_array(name: str) -> bool:
    return name not in BAD


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_no_number_is_refused(name):
    good = keywords(name)
    report(
        complaint(f"{argument}={words}", lambda: PUBLIC[name](**{**good, argument: bad}), argument)  # noqa: B023
        for argument in filter(is_array, good)
        for words, bad in NO_NUMBERS.items()
    )


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_no_option_is_refused(name):
    good = keywords(name)
    report(
        complaint(f"{argument}={bad!r}", lambda: PUBLIC[name](**{**good, argument: bad}), argument)  # noqa: B023
        for argument in inspect.signature(PUBLIC[name]).parameters
        for bad in BAD.get(argument, [])
    )


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_out_of_range_is_refused(name):
    """Alone, as the last of an array, in single precision, and in a list."""
    good = keywords(name)

    def cases() -> Iterator[tuple[str, Any]]:
        for argument in good:
            for bad in out_of_range(name, argument):
                if np.ndim(good[argument]):
                    mixed = [*good[argument].tolist()[:-1], bad]
                else:
                    mixed = [ordinary(argument, name)[1], bad]
                yield argument, bad
                yield argument, mixed
                yield argument, np.asarray(mixed)
                if float(np.float32(bad)) == bad or np.isnan(bad):
                    yield argument, np.asarray([mixed], dtype=np.float32)

    report(complaint(f"{a}={bad!r}", lambda: PUBLIC[name](**{**good, a: bad}), a) for a, bad in cases())  # noqa: B023


def test_every_domain_has_its_test():
    from stgref.numerics import domains  # noqa: PLC0415

    assert domains.DOMAINS.keys() == OUT_OF_RANGE.keys()
    assert {law: own.keys() for law, own in domains.OF_LAWS.items()} == {
        law: own.keys() for law, own in OF_LAWS.items()
    }


@pytest.mark.parametrize("library", ["array-api-strict", "torch"])
@pytest.mark.parametrize("name", ["temperature", "lower", "upper"])
def test_what_is_out_of_range_is_refused_from_other_libraries(library, name):
    xp = LIBRARIES[library]()
    mean = QUANTITIES["hard_concrete.prob_zero"]
    good = {n: xp.asarray(np.asarray(v)) for n, v in scalars("hard_concrete.prob_zero").items()}
    bad = np.asarray([ordinary(name)[0], OUT_OF_RANGE[name][0]])
    report(complaint(name, lambda b=b: mean(**{**good, name: xp.asarray(b)}), name) for b in (bad, bad[1]))


@pytest.mark.parametrize("name", [n for n, f in QUANTITIES.items() if len(f.arrays) > 1])
def test_shapes_that_do_not_broadcast_are_refused(name):
    good = keywords(name)
    first, *others = good
    for other in others:
        arguments = {**good, first: filled((2,), good[first]), other: filled((3, 3), good[other])}
        report(complaint(other, lambda: PUBLIC[name](**arguments), about) for about in (first, other))  # noqa: B023


@pytest.mark.parametrize("name", SAMPLERS)
def test_shapes_that_do_not_hold_the_parameters_are_refused(name):
    good = keywords(name)
    for parameter in filter(is_array, good):
        wide, tail = {**good, parameter: filled((2, 3), good[parameter])}, good["shape"][1:]
        report(
            complaint(parameter, lambda s=s, wide=wide: PUBLIC[name](**{**wide, "shape": s}), "shape")
            for s in [2, (3, *tail), (2, 2, *tail)]
        )


@pytest.mark.parametrize("name", PUBLIC)
def test_arguments_that_are_not_there_are_refused(name):
    f, good = PUBLIC[name], keywords(name)
    values = list(good.values())
    first = next(iter(good))
    required = [n for n, p in inspect.signature(f).parameters.items() if p.default is p.empty]
    report(
        [
            complaint("an unknown keyword", lambda: f(**good, nonsense=1.0), "nonsense"),
            complaint("the first one twice", lambda: f(*values, **{first: good[first]}), first),
            complaint(
                "the first one twice, the others not", lambda: f(values[0], **{first: good[first]}), first
            ),
            *(
                complaint(f"{n} left out", lambda n=n: f(**{k: v for k, v in good.items() if k != n}), n)
                for n in required
            ),
        ]
    )
    with pytest.raises(TypeError, match=name.rpartition(".")[2]):
        f(*values, *[1.0] * 9)


def test_options_are_keywords():
    for name, f in QUANTITIES.items():
        for option, default in f.options.items():
            with pytest.raises(TypeError, match=r"positional"):
                f(*scalars(name).values(), default)
            f(**scalars(name), **{option: default})


@pytest.mark.parametrize("library", ["array-api-strict", "torch", "jax", "dask"])
@pytest.mark.parametrize(
    "name", ["hard_concrete.grad_transform", "normal.cdf", "rectified_gaussian.prob_zero"]
)
def test_libraries_do_not_mix(library, name):
    xp = LIBRARIES[library]()
    good = {n: np.asarray(v) for n, v in scalars(name).items()}
    for argument, value in good.items():
        mixed = {**good, argument: xp.asarray(value)}
        report([complaint(argument, lambda: PUBLIC[name](**mixed), argument)])  # noqa: B023
        lists = {n: [float(v)] for n, v in good.items()} | {argument: xp.asarray(value)}
        report([complaint(argument, lambda: PUBLIC[name](**lists), argument)])  # noqa: B023


def test_half_of_another_library_than_numpy_is_no_number():
    """A dtype that only one library has is refused or kept, never silently another."""
    torch = pytest.importorskip("torch")
    result = PUBLIC["special.expit"](torch.zeros(2, dtype=torch.bfloat16))
    assert result.dtype is torch.bfloat16


@pytest.mark.parametrize("name", [n for n, f in QUANTITIES.items() if f.options])
def test_bad_options_are_refused_before_dask_computes(name):
    xp = LIBRARIES["dask"]()
    arrays = {n: xp.asarray(np.full(3, v)) for n, v in scalars(name).items()}
    for option in QUANTITIES[name].options:
        report([complaint(option, lambda: PUBLIC[name](**arrays, **{option: "both"}), option)])  # noqa: B023


@pytest.mark.parametrize("name", DRAWS)
def test_a_refused_draw_leaves_the_generator_alone(name):
    """Nothing is half-done: a call that fails does not consume noise."""
    rng = np.random.default_rng(3)
    before = rng.bit_generator.state
    for argument, bad in [("dtype", "float99"), ("shape", -1), ("xp", 5), ("device", "nowhere")]:
        with pytest.raises((TypeError, ValueError)):
            DRAWS[name](**{"shape": 2, "rng": rng, argument: bad})
        assert rng.bit_generator.state == before
