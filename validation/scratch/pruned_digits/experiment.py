"""A network for digits that prunes itself, from scratch."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from stgref.study import plots
from validation.scratch.by_hand import Array
from validation.scratch.pruned_digits import network
from validation.scratch.report import Experiment, Records, difference, mean_and_error, plus_minus, where
from validation.studies.study import Finding, table

SIZES, LEARNT, BATCH, STEPS, RATE, SEEDS = [64, 100, 50, 10], 1257, 200, 600, 0.01, 5
ALWAYS_OPEN = 60.0
RULES = ("louizos", "mean", "median", "mode", "threshold")


class Setting(NamedTuple):
    """How much an open gate costs: λ/N for each weight behind it, or as much as 50 weights in every layer."""

    name: str
    weight: float
    each: bool

    def prices(self) -> list[Array]:
        """The price of every gate, layer by layer."""
        per_gate = [float(m) if self.each else 50.0 for m in SIZES[1:]]
        return [np.full(n, self.weight / LEARNT * m) for n, m in zip(SIZES[:-1], per_gate, strict=True)]


SETTINGS = (
    Setting("no gates", 0.0, True),
    Setting("λ = 0.1/N", 0.1, True),
    Setting("λ = 0.5/N", 0.5, True),
    Setting("λ = 0.5/N, layers alike", 0.5, False),
)


def digits(seed: int) -> tuple[Array, Array, Array, Array]:
    """Scikit-learn's 1797 digits of 8 by 8 pixels in a new order: 1257 to learn from, 540 to test with."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 (optional)

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order] / 16.0, y[order]
    return x[:LEARNT], y[:LEARNT], x[LEARNT:], y[LEARNT:]


def jobs(quick: bool) -> list[Any]:
    """All trainings."""
    seeds, steps = (1, 2) if quick else (SEEDS, STEPS)
    return [partial(job, setting, seed, steps) for setting in SETTINGS for seed in range(seeds)]


def job(setting: Setting, seed: int, steps: int) -> dict[str, Any]:
    """Train once, prune, and look at what came out."""
    x, label, test_x, test_label = digits(seed)
    weights, draws = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    params = network.start(SIZES, weights, 0.0 if setting.weight else ALWAYS_OPEN)
    each = network.batches(x, label, SIZES, BATCH, draws)
    params = network.train(params, each, setting.prices(), steps, RATE)
    record: dict[str, Any] = {"setting": setting.name, "seed": seed, "errors": {}, "sizes": {}}
    for rule in RULES:
        values = network.gate_values(params, rule)
        wrong = network.predict(params, values, test_x).argmax(axis=1) != test_label
        record["errors"][rule] = round(100.0 * float(wrong.mean()), 6)
        record["sizes"][rule] = [int((value > 0.0).sum()) for value in values]
    record["parameters"] = network.parameters([*record["sizes"]["louizos"], SIZES[-1]])
    record["pixels"] = [round(float(z), 3) for z in network.gate_values(params)[0]]
    return record


def agreement(steps: int) -> dict[str, float]:
    """The largest difference from PyTorch."""
    from validation.scratch.pruned_digits import with_torch  # noqa: PLC0415 (optional)

    x, label, *_ = digits(0)
    both = [
        train(
            network.start(SIZES, np.random.default_rng(0)),
            network.batches(x, label, SIZES, BATCH, np.random.default_rng(1)),
            SETTINGS[2].prices(),
            steps,
            RATE,
        )
        for train in (network.train, with_torch.train)
    ]
    return {"digits": difference(*both)}


def errors(records: Records, setting: str, rule: str = "louizos") -> list[float]:
    """The percentages of errors at test time, run by run."""
    return [record["errors"][rule] for record in where(records, setting=setting)]


def sizes(records: Records, setting: str, rule: str = "louizos") -> str:
    """The units that are left in each layer, on average."""
    found = np.mean([record["sizes"][rule] for record in where(records, setting=setting)], axis=0)
    return "-".join(f"{n:.0f}" for n in found)


def share(records: Records, setting: str) -> float:
    """The share of parameters that is left, in per cent."""
    left = mean_and_error(record["parameters"] for record in where(records, setting=setting))[0]
    return 100.0 * left / network.parameters(SIZES)


def findings(records: Records) -> list[Finding]:
    """What was published, and the numbers."""
    dense, light, heavy, alike = (setting.name for setting in SETTINGS)
    (e, de), (f, df) = (mean_and_error(errors(records, name)) for name in (dense, light))
    worse = f - e > 2.0 * float(np.hypot(de, df))
    last = np.mean([record["sizes"]["louizos"][2] for record in where(records, setting=heavy)])
    spread = {
        name: [mean_and_error(errors(records, name, rule))[0] for rule in RULES]
        for name in (light, heavy, alike)
    }
    apart = max(max(found) - min(found) for found in spread.values())
    layers = [[int(n) for n in sizes(records, name).split("-")] for name in (alike, heavy)]
    means = {rule: sizes(records, alike, rule) for rule in ("louizos", "mean")}
    return [
        Finding(
            "a network is pruned while it learns, with no loss of accuracy (784-300-100 to 219-214-100 at λ = 0.1/N, table 1)",
            f"at the same λ 64-100-50 becomes {sizes(records, light)}, {share(records, light):.0f} % of the parameters, with {plus_minus(errors(records, light))} % "
            f"of errors, {plus_minus(errors(records, dense))} % without gates",
            "fewer units, and a loss of accuracy" if worse else "agrees: no loss beyond the error bars",
        ),
        Finding(
            "with one λ for all weights the last hidden layer keeps its units, each of which has few weights behind it: 100 of 100 (table 1, 219-214-100)",
            f"{last:.0f} of 50, even at λ = 0.5/N, where {sizes(records, heavy)} is left",
            "agrees" if last > 45 else "does not hold",
        ),
        Finding(
            "with a λ for each layer the last layers shrink too, and more inputs stay (266-88-33, table 1)",
            f"where an open gate costs the same in all layers: {sizes(records, alike)}, {share(records, alike):.1f} % of the parameters, with "
            f"{plus_minus(errors(records, alike))} % of errors; with one λ {sizes(records, heavy)}, {share(records, heavy):.1f} %, "
            f"{plus_minus(errors(records, heavy))} %",
            "agrees" if layers[0][0] > layers[1][0] and layers[0][2] < layers[1][2] else "does not hold",
        ),
        Finding(
            "at test time the noise is left out, clip(1.2 σ(log α) − 0.1) (equation 13)",
            f"the mean errors of five rules are at most {apart:.2f} % apart, within the error bars. The exact mean of a gate is never 0, so that "
            f"nothing is pruned by it ({means['mean']} where equation 13 leaves {means['louizos']})",
            "other rules do as well",
        ),
    ]  # fmt: skip


def tables(records: Records) -> str:
    """What is left, and the rules of test time."""
    rows = [
        [
            setting.name,
            sizes(records, setting.name),
            plus_minus((r["parameters"] for r in where(records, setting=setting.name)), 0),
            f"{share(records, setting.name):.1f} %",
            plus_minus(errors(records, setting.name)),
        ]
        for setting in SETTINGS
    ]
    rules = [
        [
            rule,
            *(
                f"{plus_minus(errors(records, s.name, rule))} ({sizes(records, s.name, rule)})"
                for s in SETTINGS[1:]
            ),
        ]
        for rule in RULES
    ]
    return "\n\n".join([
        "## All numbers",
        f"Means of {SEEDS} runs and their standard errors; errors at test time in per cent, by the rule of equation 13.",
        table(["", "units left", "parameters", "of all", "errors"], rows),
        "Errors by the rule of test time, and the units that it leaves:",
        table(["rule", *(setting.name for setting in SETTINGS[1:])], rules),
    ])  # fmt: skip


def figures(records: Records) -> dict[str, tuple[Any, str]]:
    """Errors against size, and the pixels that are left."""
    return {
        "size": (
            size_plot(records),
            "Errors at test time against the parameters that are left: every run, and means with their standard errors.",
        ),
        "pixels": (
            pixel_plot(records),
            "Gates of the pixels at test time, averages of the runs: full colour is 1, none is 0.",
        ),
    }


def size_plot(records: Records) -> Any:
    """Errors against parameters."""
    figure, axes = plots.new_figure()
    ax = axes[0, 0]
    for i, setting in enumerate(SETTINGS):
        colour, _, marker = plots.style(i)
        found = where(records, setting=setting.name)
        x, y = [r["parameters"] for r in found], errors(records, setting.name)
        ax.scatter(x, y, s=16, color=colour, marker=marker, alpha=0.45, linewidths=0)
        (mx, ex), (my, ey) = mean_and_error(x), mean_and_error(y)
        ax.errorbar(mx, my, ey, ex, color=colour, marker=marker, capsize=3, label=setting.name)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False, labelcolor=plots.GREY, fontsize=9)
    plots.titles(ax, "parameters", "errors, %", "Digits")
    return figure


def pixel_plot(records: Records) -> Any:
    """The gates of the pixels."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba  # noqa: PLC0415 (only where something is plotted)

    colour = to_rgba(plots.COLOURS[0])
    shades = LinearSegmentedColormap.from_list("gates", [(*colour[:3], 0.0), colour])
    figure, axes = plots.new_figure(1, 3, (6.4, 2.6))
    for ax, setting in zip(axes.flat, SETTINGS[1:], strict=True):
        gates = np.mean([r["pixels"] for r in where(records, setting=setting.name)], axis=0).reshape(8, 8)
        ax.grid(visible=False)
        ax.pcolormesh(gates[::-1], cmap=shades, vmin=0.0, vmax=1.0, edgecolors=plots.GREY, linewidth=0.3)
        ax.set_aspect("equal")
        ax.set_xticks([])
        ax.set_yticks([])
        plots.titles(ax, "", "", setting.name)
    return figure


EXPERIMENT = Experiment(
    title="A network for digits that prunes itself",
    source=(
        "C. Louizos, M. Welling, D. P. Kingma, *Learning Sparse Neural Networks through L0 Regularization*, ICLR 2018, section 4.1 and table 1."
    ),
    paper=(
        "Every input unit of every layer has a hard concrete gate, and λ times the expected number of weights that are there is added to the loss. "
        "On MNIST the network 784-300-100 is pruned to 219-214-100 with λ = 0.1/N for all layers, N being the number of examples, and to "
        "266-88-33 with a λ for each layer; table 1 has errors of 1.4 % and 1.8 % for the two, after 200 epochs, and 1.6 % for the network as it was."
    ),
    setting=(
        "The 1797 digits of 8 by 8 pixels that ship with scikit-learn, 1257 of them to learn from; a network 64-100-50 of rectified linear units, "
        "temperature 2/3, gates between −0.1 and 1.1, 600 steps of Adam at rate .01 on batches of 200 (100 epochs), noise for each "
        "example, five runs with a new split, weights and noise. λ is a price for each weight behind a gate; where layers are alike, an open gate costs as much as 50 "
        "weights in each. What is left is cut out, gates multiplied into the weights: a small dense network that "
        "computes the same."
    ),
    jobs=jobs,
    agreement=agreement,
    findings=findings,
    tables=tables,
    figures=figures,
)  # fmt: skip
