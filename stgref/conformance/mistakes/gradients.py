"""Gradients with a factor or a derivative missing."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from stgref.conformance.defect import Defect
from stgref.conformance.mistakes.asked import Formula
from stgref.conformance.mistakes.build import Given, exactly, for_each, functions, right
from stgref.conformance.values import Array

SCALED = ("logistic", "normal", "gumbel")
CONCRETE = ("binary_concrete", "hard_concrete")
PATHWISE = ("transform", "median", "icdf", "transform_logit")
VALUE = "value"

Factor = Callable[[Given], Array | float]


def scaled(function: str, factor: Factor, names: Iterable[str] | None = None) -> Formula:
    """Multiply results of a function.

    Parameters
    ----------
    function : str
        Its public name.
    factor : callable
        Takes the arguments.
    names : iterable of str, optional
        Which results; by default all but the value that a gradient carries along.

    Returns
    -------
    callable
        The formula.
    """

    def wrong(given: Given) -> Given:
        made = right(function, given)
        chosen = made.keys() if names is None else names
        carried = {VALUE} if len(made) > 1 else set()
        return {name: made[name] * factor(given) for name in chosen if name in made and name not in carried}

    return exactly(wrong)


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        Defect(
            "slope-without-temperature",
            "the derivative's factor 1/temperature is missing",
            formulas=lambda: _either(
                _gradients(CONCRETE, PATHWISE), lambda g: g["temperature"], ("noise", "log_alpha", "p")
            ),
        ),
        Defect(
            "slope-without-stretch",
            "the derivative's factor upper - lower is missing: that of the gate before it is stretched",
            formulas=lambda: for_each(
                _gradients(("hard_concrete",), PATHWISE),
                lambda f: scaled(
                    f, lambda g: 1 / (g["upper"] - g["lower"]), ("noise", "log_alpha", "temperature", "p")
                ),
            ),
        ),
        Defect(
            "slope-without-scale",
            "the derivative's factor 1/scale is missing",
            formulas=lambda: _either(
                _gradients(SCALED, ("cdf", "logcdf", "logccdf", "logpdf")), lambda g: g["scale"], ("x", "loc")
            ),
        ),
        Defect(
            "slope-without-std",
            "the derivative's factor 1/std is missing",
            formulas=lambda: _either(
                _gradients(("rectified_gaussian",), (*PROBABILITIES, "cdf", "logcdf", "logccdf", "logpdf")),
                lambda g: g["std"],
                ("x", "mu"),
            ),
        ),
        Defect(
            "density-without-scale",
            "the density of the standard law: the factor 1/scale is missing, or the log-Jacobian -log(scale)",
            formulas=lambda: for_each(
                [f"{law}.{each}" for law in SCALED for each in ("pdf", "logpdf")], _without_scale
            ),
        ),
        Defect(
            "normaliser-missing",
            "the factor 1/sqrt(2 pi) is missing",
            formulas=lambda: {
                "normal.pdf": (scaled("normal.pdf", lambda _: np.sqrt(2 * np.pi)),),
                "normal.logpdf": (exactly(_unnormalised),),
            },
        ),
        Defect(
            "half-missing-in-exponent",
            "exp(-y^2) where exp(-y^2/2) belongs: the factor one half is missing",
            formulas=lambda: {
                "normal.logpdf": (exactly(lambda g: {VALUE: _log_normal(g) - _square(g) / 2}),),
                "normal.pdf": (exactly(lambda g: {VALUE: np.exp(_log_normal(g) - _square(g) / 2)}),),
            },
        ),
        Defect(
            "clip-gradient-ignored",
            "the derivative is not zero outside the clip: that of the unclipped gate",
            formulas=lambda: {
                "rectified_gaussian.grad_transform": (exactly(_unclipped_gaussian),),
                "rectified_gaussian.grad_median": (exactly(lambda g: {"mu": np.ones_like(g["mu"])}),),
                "hard_concrete.grad_transform": (exactly(_unclipped_concrete),),
                "hard_concrete.grad_median": (exactly(_unclipped_median),),
            },
        ),
        Defect(
            "gradient-stopped",
            "every derivative is zero: the gradient does not flow",
            formulas=lambda: for_each(_gradients(), lambda f: scaled(f, lambda _: 0.0)),
        ),
        Defect(
            "sign-of-gradient",
            "the sign of every derivative is reversed",
            formulas=lambda: for_each(_gradients(), lambda f: scaled(f, lambda _: -1.0)),
        ),
        *_of_each_argument(),
        Defect(
            "sign",
            "the sign is reversed",
            formulas=lambda: for_each(_values(), lambda f: scaled(f, lambda _: -1.0)),
        ),
        Defect("doubled", "missing factor one half: twice the number", formulas=lambda: _by(2.0)),
        Defect("halved", "a factor one half too many", formulas=lambda: _by(0.5)),
    )


ARGUMENTS = (
    "noise",
    "x",
    "p",
    "loc",
    "scale",
    "logits",
    "log_alpha",
    "temperature",
    "lower",
    "upper",
    "mu",
    "std",
)
PROBABILITIES = tuple(
    f"{log}prob_{each}" for log in ("", "log_") for each in ("zero", "one", "active", "interior")
)


def _gradients(laws: tuple[str, ...] = (), quantities: tuple[str, ...] = ()) -> list[str]:
    names = [function.partition(".") for function in functions() if ".grad_" in function]
    return [
        f"{law}.{name}"
        for law, _, name in names
        if (not laws or law in laws) and (not quantities or name.removeprefix("grad_") in quantities)
    ]


def _values() -> list[str]:
    return [function for function in functions() if ".grad_" not in function]


def _by(factor: float) -> dict[str, tuple[Formula, ...]]:
    return dict(for_each(functions(), lambda f: scaled(f, lambda _: factor)))


def _either(names: list[str], factor: Factor, some: tuple[str, ...]) -> dict[str, tuple[Formula, ...]]:
    """Miss the factor in all derivatives, or in those of some arguments alone."""
    return {name: (scaled(name, factor), scaled(name, factor, some)) for name in names}


def _of_each_argument() -> list[Defect]:
    return [
        Defect(
            f"{name.replace('_', '-')}-derivative-{kind}",
            f"the derivative with respect to {name} {words}",
            formulas=partial(_one_of, name, factor),
        )
        for name in ARGUMENTS
        for factor, kind, words in (
            (0.0, "missing", "is missing: 0"),
            (-1.0, "reversed", "has the wrong sign"),
        )
    ]


def _one_of(name: str, factor: float) -> dict[str, tuple[Formula, ...]]:
    several = [f for f in _gradients() if name in functions()[f][1] and len(functions()[f][1]) > 1]
    return {f: (scaled(f, lambda _: factor, (name,)),) for f in several}


def _without_scale(function: str) -> Formula:
    if function.endswith(".pdf"):
        return scaled(function, lambda g: g["scale"])
    return exactly(lambda g: {VALUE: right(function, g)[VALUE] + np.log(g["scale"])})


def _log_normal(given: Given) -> Array:
    return right("normal.logpdf", given)[VALUE]


def _square(given: Given) -> Array:
    y: Array = (given["x"] - given["loc"]) / given["scale"]
    return y * y


def _unnormalised(given: Given) -> Given:
    return {VALUE: _log_normal(given) + np.log(2 * np.pi) / 2}


def _unclipped_gaussian(given: Given) -> Given:
    made = right("normal.grad_transform", dict(zip(("noise", "loc", "scale"), given.values(), strict=True)))
    return {"noise": made["noise"], "mu": made["loc"], "std": made["scale"]}


def _unclipped_concrete(given: Given) -> Given:
    width = given["upper"] - given["lower"]
    before: Given = {name: given[name] for name in ("noise", "log_alpha", "temperature")}
    made = right("binary_concrete.grad_transform", before)
    return {
        **{name: width * made[name] for name in before},
        "lower": right(
            "binary_concrete.transform", {n: -x if n != "temperature" else x for n, x in before.items()}
        )[VALUE],
        "upper": made[VALUE],
    }


def _unclipped_median(given: Given) -> Given:
    made = _unclipped_concrete({"noise": np.zeros_like(given["log_alpha"]), **given})
    return {name: x for name, x in made.items() if name != "noise"}
