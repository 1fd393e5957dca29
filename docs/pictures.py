"""Pictures of laws and estimators, as SVG whose colours are read on white and on black."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np

from stgref import estimators
from stgref.study.plots import GREY, new_figure, style, titles

SIZE = (4.0, 2.9)
OBJECTIVE = estimators.objectives.Quadratic(0.45)
LOGITS = np.linspace(-4.0, 4.0, 17)
BESIDE = "score_function"
OPTIONS: dict[str, dict[str, Any]] = {
    "relax": {"control_variate": estimators.Relaxed(OBJECTIVE, 0.5, 1.0)},
    "double_cv": {"alpha": 0.5},
    "finite_difference": {"step": 1.0},
}
"""What estimators need to be told for their pictures."""


def save(figure: Any, path: Path) -> None:
    """Write the figure, with the same bytes each time, and text as text."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "stgref"}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def label(parameters: dict[str, float]) -> str:
    """Parameters as a picture names them."""
    return ", ".join(f"{name} = {value:.3g}" for name, value in parameters.items())


def one(
    path: Path,
    x: str,
    y: str,
    draw: Callable[[Any], None],
    *,
    legend: bool = True,
    size: tuple[float, float] = SIZE,
) -> None:
    figure, axes = new_figure(size=size)
    draw(axes[0, 0])
    titles(axes[0, 0], x, y)
    if legend:
        axes[0, 0].legend(frameon=False, fontsize=8, labelcolor=GREY)
    save(figure, path)


def each(curves: Iterable[dict[str, float]]) -> Iterable[tuple[Any, dict[str, float]]]:
    return ((style(i), curve) for i, curve in enumerate(curves))


def pieces(at: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A curve, with a gap wherever it jumps."""
    jumps = np.flatnonzero(np.abs(np.diff(value)) > 0.5)
    return np.insert(at, jumps + 1, np.nan), np.insert(value, jumps + 1, np.nan)


def law(module: ModuleType, name: str, data: dict[str, Any], folder: Path) -> dict[str, str]:
    """Draw a scalar law; returns what each file shows."""
    atoms = hasattr(module, "prob_zero")
    low, high = data["range"]
    x = np.linspace(low, high, 301)[1:-1] if atoms else np.linspace(low, high, 301)
    noise = np.linspace(*data["noise"], 301)
    curves = data["curves"]

    def density(ax: Any) -> None:
        for s, p in each(curves):
            if name != "bernoulli":
                ax.plot(x, module.pdf(x, **p), color=s.colour, linestyle=s.dashes, label=label(p))
            if atoms:
                mass = [float(module.prob_zero(**p)), float(module.prob_one(**p))]
                drawn = ax.stem(
                    [0.0, 1.0], mass, basefmt=" ", label=label(p) if name == "bernoulli" else None
                )
                drawn.markerline.set(color=s.colour, marker=s.marker, clip_on=False)
                drawn.stemlines.set(color=s.colour, linewidth=1.5)
        ax.set_ylim(0.0, min(ax.get_ylim()[1], 4.0))

    def distribution(ax: Any) -> None:
        edge = 0.15 * (high - low) if atoms else 0.0
        at = np.linspace(low - edge, high + edge, 600)
        for s, p in each(curves):
            value = module.cdf(at, **p)
            jumps = np.flatnonzero((at[:-1] < 0.0) & (at[1:] >= 0.0) | (at[:-1] < 1.0) & (at[1:] >= 1.0))
            where = jumps + 1 if atoms else []
            ax.plot(
                np.insert(at, where, np.nan),
                np.insert(value, where, np.nan),
                color=s.colour,
                linestyle=s.dashes,
            )
        ax.set_ylim(-0.02, 1.02)

    def transform(ax: Any) -> None:
        for s, p in each(curves):
            found = module.grad_transform(noise, **p)
            ax.plot(*pieces(noise, found.value), color=s.colour)
            ax.plot(
                noise,
                np.clip(found.noise + 0.0 * noise, None, 4.0),
                color=s.colour,
                linestyle=":",
                linewidth=1.2,
            )

    of = f"the {data['title']} law for {'; '.join(label(p) for p in curves)}"
    drawn = {"density": ("x", "density and atoms" if atoms else "density", density)}
    drawn["cdf"] = ("x", "P(Z ≤ x)", distribution)
    drawn["transform"] = ("noise", "sample (line), slope (dots)", transform)
    words = {
        "density": f"Density of {of}{', with atoms as stems' if atoms else ''}.",
        "cdf": f"Distribution function of {of}.",
        "transform": f"Sample of {of}, as a function of the noise, and its derivative, dotted.",
    }
    for kind, (across, up, draw) in drawn.items():
        one(folder / f"{name}-{kind}.svg", across, up, draw, legend=kind == "density")
    return {f"{name}-{kind}.svg": text for kind, text in words.items()}


def simplex(module: ModuleType, name: str, data: dict[str, Any], folder: Path) -> dict[str, str]:
    """Draw the density of the first of two entries, for the logits (0.5, -0.5)."""
    x = np.linspace(0.003, 0.997, 200)
    point = np.stack([x, 1.0 - x], axis=-1)

    def density(ax: Any) -> None:
        for i, temperature in enumerate(data["temperatures"]):
            s = style(i)
            value = module.pdf(point, np.array([0.5, -0.5]), temperature)
            ax.plot(x, value, color=s.colour, linestyle=s.dashes, label=f"temperature = {temperature:.3g}")
        ax.set_ylim(0.0, 4.0)

    one(folder / f"{name}-density.svg", "first entry of two", "density", density)
    temperatures = ", ".join(f"{t:.3g}" for t in data["temperatures"])
    return {
        f"{name}-density.svg": f"Density of the first of two entries of the {name} law, for the logits 0.5 and -0.5, "
        f"at temperatures {temperatures}."
    }


def moments(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standard deviation, bias and gradient of one estimate, for one variable with each of the logits."""
    found = []
    for phi in LOGITS:
        logits = np.array([phi])
        mean, covariance = estimators.exact_moments(name, OBJECTIVE, logits, **OPTIONS.get(name, {}))
        gradient = estimators.exact_gradient(OBJECTIVE, logits)
        found.append((np.sqrt(max(covariance[0, 0], 0.0)), mean[0] - gradient[0], gradient[0]))
    deviation, bias, gradient = np.array(found).T
    return deviation, bias, gradient


def estimator(name: str, folder: Path, beside: np.ndarray) -> dict[str, str]:
    """Draw the standard deviation and the bias of an estimator of Bernoulli variables, beside the score function's."""
    deviation, bias, gradient = moments(name)

    def draw(ax: Any) -> None:
        ax.plot(
            LOGITS,
            beside,
            color=GREY,
            linestyle=style(1).dashes,
            label="standard deviation of score_function",
        )
        ax.plot(LOGITS, deviation, color=style(0).colour, label="standard deviation")
        ax.plot(LOGITS, bias, color=style(1).colour, linestyle=style(2).dashes, label="bias")
        ax.plot(LOGITS, gradient, color=style(2).colour, linewidth=1.0, label="gradient")

    file = f"{name}.svg"
    one(folder / file, "logit", "", draw, size=(6.4, 3.4))
    most, off = float(np.max(deviation)), float(np.max(np.abs(bias)))
    biased = f"and bias, at most {off:.2g}," if off > 1e-12 else "and bias, 0 everywhere,"
    return {
        file: f"Exact standard deviation, at most {most:.2g}, {biased} of one estimate by {name}, for one variable "
        "and the objective (b - 0.45)^2, against the logit."
    }
