"""Feature selection with stochastic gates, from scratch."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from stgref.study import plots
from validation.scratch.by_hand import cross_entropy, squared_error
from validation.scratch.feature_selection import network
from validation.scratch.feature_selection.data import PROBLEMS, Split
from validation.scratch.report import Experiment, Records, difference, mean_and_error, plus_minus, where
from validation.studies.study import Finding, table

HIDDEN, STEPS, RATE, SEEDS = [60, 20], 400, 0.02, 5
ALWAYS_OPEN = 20.0
"""A mean at which no noise closes a gate: its value is 1, and its derivative 0."""
METHODS = ("gates", "all features", "informative only")
NAMES = {"gates": "with gates", "all features": "all features", "informative only": "informative ones only"}


class Case(NamedTuple):
    """One problem, and what an open gate costs."""

    problem: str
    features: int
    price: float


CASES = (
    Case("two moons", 20, 0.025),
    Case("two moons", 80, 0.025),
    *(Case("XOR", features, 0.025) for features in (10, 20, 40, 80)),
    Case("sine", 20, 0.005),
    Case("breast cancer", 60, 0.01),
)


def jobs(quick: bool) -> list[Any]:
    """All trainings."""
    seeds, steps = (1, 2) if quick else (SEEDS, STEPS)
    return [partial(job, case, m, seed, steps) for case in CASES for m in METHODS for seed in range(seeds)]


def task_of(case: Case, split: Split, price: float) -> network.Task:
    """What is learnt."""
    if case.problem == "sine":
        return network.Task(split.x, split.y, squared_error, 1, price)
    return network.Task(split.x, split.y, cross_entropy, 2, price)


def job(case: Case, method: str, seed: int, steps: int) -> dict[str, Any]:
    """Train once, and look at what came out."""
    split = PROBLEMS[case.problem](case.features, seed)
    if method == "informative only":
        split = split._replace(x=split.x[:, split.informative], test_x=split.test_x[:, split.informative])
    gated = method == "gates"
    task = task_of(case, split, case.price if gated else 0.0)
    weights, draws = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    params = network.start(task, HIDDEN, weights, 0.5 if gated else ALWAYS_OPEN)
    params = network.train(params, task, network.noise_of_steps(task, draws), steps, RATE)
    outputs = network.predict(params, split.test_x)
    record: dict[str, Any] = {
        "problem": case.problem,
        "features": case.features,
        "method": method,
        "seed": seed,
        "score": round(score(case, outputs, split.test_y), 6),
    }
    if gated:
        chosen = network.selected(params)
        record["informative"] = int(chosen[split.informative].sum())
        record["others"] = int(chosen[~split.informative].sum())
        record["gates"] = [round(float(z), 3) for z in np.clip(params["mu"], 0.0, 1.0)]
    return record


def score(case: Case, outputs: Any, y: Any) -> float:
    """The mean squared error, or the percentage of errors."""
    if case.problem == "sine":
        return squared_error(outputs, y)[0]
    return 100.0 * float(np.mean(outputs.argmax(axis=1) != y))


def agreement(steps: int) -> dict[str, float]:
    """The largest differences from PyTorch."""
    from validation.scratch.feature_selection import with_torch  # noqa: PLC0415 (optional)

    found = {}
    for case in (CASES[0], CASES[3], CASES[6]):
        task = task_of(case, PROBLEMS[case.problem](case.features, 0), case.price)
        both = [
            train(
                network.start(task, HIDDEN, np.random.default_rng(0)),
                task,
                network.noise_of_steps(task, np.random.default_rng(1)),
                steps,
                RATE,
            )
            for train in (network.train, with_torch.train)
        ]
        found[case.problem] = difference(*both)
    return found


def of(records: Records, problem: str, features: int, method: str = "gates") -> Records:
    """The runs of one case."""
    return where(records, problem=problem, features=features, method=method)


def scores(records: Records, problem: str, features: int, method: str = "gates") -> list[float]:
    """Their scores."""
    return [record["score"] for record in of(records, problem, features, method)]


def exactly(records: Records, problem: str, features: int) -> str:
    """How many runs chose the two informative features and no other."""
    found = [r["informative"] == 2 and r["others"] == 0 for r in of(records, problem, features)]
    return f"{sum(found)} of {len(found)}"


def findings(records: Records) -> list[Finding]:
    """What was published, and the numbers."""
    moons, sine, cancer = (
        of(records, *case) for case in (("two moons", 20), ("sine", 20), ("breast cancer", 60))
    )
    bits = sorted({r["features"] for r in where(records, problem="XOR")})
    found = {n: exactly(records, "XOR", n) for n in bits}
    widest = max(r["features"] for r in where(records, problem="two moons"))
    every = [exactly(records, "two moons", n) for n in (20, widest)]
    errors = {m: mean_and_error(scores(records, "XOR", bits[-2], m))[0] for m in METHODS}
    others = np.mean([r["others"] for r in cancer])
    return [
        Finding(
            "two moons with 18 features of noise: gates end at 1 for the two moons and at 0 for all others (example of the authors' package)",
            f"exactly the two of 20 in {every[0]} runs, of {widest} in {every[1]}; errors at test time {plus_minus(r['score'] for r in moons)} %, "
            f"{plus_minus(scores(records, 'two moons', 20, 'all features'))} % without gates",
            agrees(every[0]),
        ),
        Finding(
            "y = sin x₁ cos³ x₂ with 18 features of noise: gates end at 1 for the two and at 0 for all others, with a squared error of .0112 "
            "at test time (example of the authors' package)",
            f"exactly the two in {exactly(records, 'sine', 20)} runs, squared error {plus_minus((r['score'] for r in sine), 4)}; without gates "
            f"{plus_minus(scores(records, 'sine', 20, 'all features'), 4)}, with the two features only "
            f"{plus_minus(scores(records, 'sine', 20, 'informative only'), 4)}",
            agrees(exactly(records, "sine", 20)),
        ),
        Finding(
            "XOR of two bits among others: the gates find features that say nothing alone, where other methods fail (paper, synthetic problems)",
            "exactly the two in " + ", ".join(f"{text} runs for {n} bits" for n, text in found.items())
            + f". Errors with {bits[-2]} bits are {errors['gates']:.0f} % with gates, {errors['all features']:.0f} % without, {errors['informative only']:.0f} % with "
            "the two alone. Where it fails, both gates are closed before the network has found what the bits say together",
            "agrees" if all(agrees(text) == "agrees" for text in found.values()) else "agrees for few bits; with many, and one price for all, gates close too early",
        ),
        Finding(
            "better prediction with fewer features on real data (paper, abstract)",
            f"breast cancer: {plus_minus((r['informative'] for r in cancer), 1)} of the 30 features are chosen, and {others:.1f} of the 30 copies with "
            f"shuffled rows; errors {plus_minus(r['score'] for r in cancer)} %, with all 60 {plus_minus(scores(records, 'breast cancer', 60, 'all features'))} %, "
            f"with the 30 {plus_minus(scores(records, 'breast cancer', 60, 'informative only'))} %",
            compared(records),
        ),
    ]  # fmt: skip


def agrees(text: str) -> str:
    """Whether all runs did."""
    some, every = text.split(" of ")
    return "agrees" if some == every else f"agrees in {text} runs"


def compared(records: Records) -> str:
    """How breast cancers are told apart with gates, as far as the runs can tell."""
    gates, *others = (mean_and_error(scores(records, "breast cancer", 60, m)) for m in METHODS)
    words = []
    for mean, error in others:
        beyond = abs(gates[0] - mean) > 2.0 * float(np.hypot(gates[1], error))
        words.append("as good as" if not beyond else "better than" if gates[0] < mean else "worse than")
    return f"fewer features; {words[0]} with all 60, {words[1]} with the right 30"


def tables(records: Records) -> str:
    """All scores, with their standard errors."""
    rows = []
    for case in CASES:
        digits = 4 if case.problem == "sine" else 2
        gated = of(records, *case[:2])
        rows.append([
            case.problem,
            case.features,
            plus_minus((r["informative"] for r in gated), 1),
            plus_minus((r["others"] for r in gated), 1),
            *(plus_minus(scores(records, *case[:2], m), digits) for m in METHODS),
        ])  # fmt: skip
    head = [
        "problem",
        "features",
        "informative chosen",
        "others chosen",
        *(f"error, {NAMES[m]}" for m in METHODS),
    ]
    return (
        f"## All numbers\n\nMeans of {SEEDS} runs and their standard errors. Errors at test time are percentages, that of the sine is "
        "the mean squared error. A feature is chosen if its gate is open with a probability of more than 1/2.\n\n" + table(head, rows)
    )  # fmt: skip


def figures(records: Records) -> dict[str, tuple[Any, str]]:
    """Errors against the number of features, and the gates of all runs."""
    return {
        "errors": (
            errors_plot(records),
            "XOR: errors at test time against the number of bits, means and standard errors of the runs.",
        ),
        "gates": (
            gates_plot(records),
            "Gates at test time, one dot for each run: the informative features at the left of the dashed line.",
        ),
    }


def errors_plot(records: Records) -> Any:
    """Errors against the number of features."""
    figure, axes = plots.new_figure()
    ax, n = axes[0, 0], sorted({r["features"] for r in where(records, problem="XOR")})
    for i, method in enumerate(METHODS):
        colour, dashes, marker = plots.style(i)
        means, errors = zip(*(mean_and_error(scores(records, "XOR", k, method)) for k in n), strict=True)
        ax.errorbar(
            n, means, errors, color=colour, linestyle=dashes, marker=marker, capsize=3, label=NAMES[method]
        )
    ax.set_xscale("log")
    ax.set_xticks(n, [str(k) for k in n])
    ax.minorticks_off()
    ax.legend(frameon=False, labelcolor=plots.GREY, fontsize=9)
    plots.titles(ax, "features", "errors, %", "XOR of two bits")
    return figure


def gates_plot(records: Records) -> Any:
    """The values of all gates at test time."""
    shown = (("two moons", 20, 2), ("XOR", 20, 2), ("sine", 20, 2), ("breast cancer", 60, 30))
    figure, axes = plots.new_figure(2, 2, (6.4, 4.6), sharey=True)
    for ax, (problem, features, informative) in zip(axes.flat, shown, strict=True):
        for record in of(records, problem, features):
            place = np.arange(1, features + 1)
            colours = [plots.COLOURS[0] if j <= informative else plots.COLOURS[1] for j in place]
            ax.scatter(place, record["gates"], s=14, c=colours, alpha=0.55, linewidths=0)
        ax.axvline(informative + 0.5, color=plots.GREY, linestyle="--", linewidth=0.8)
        plots.titles(ax, "feature", "gate", problem)
    return figure


EXPERIMENT = Experiment(
    title="Feature selection with stochastic gates",
    source=(
        "Y. Yamada, O. Lindenbaum, S. Negahban, Y. Kluger, *Feature Selection using Stochastic Gates*, ICML 2020; and the examples of the "
        "authors' package [stg](https://github.com/runopti/stg)."
    ),
    paper=(
        "Each feature is multiplied by a gate z = clip(μ + σε), and λ times the expected number of open gates is added to the loss. The paper "
        "tries this on two moons and on XOR among features that say nothing, on regressions and on real data, and reports that it "
        "predicts better than other methods with fewer features. Its results on the synthetic problems are plots. "
        "The package comes with two examples that give numbers: two moons (λ = .5, gradient descent at rate .1, 6000 steps) and y = sin x₁ cos³ x₂ "
        "(λ = .1, 3000 steps), with 20 features and 1000 examples each, and one run each."
    ),
    setting=(
        "A network of 60 and 20 tanh units, σ = .5, 400 steps of Adam at rate .02 on all examples at once, noise for each example, five runs with "
        "new data, weights and noise. The package divides λ by the number of features; here an open gate costs the same in all cases of a problem: .5/20 for the "
        "two moons and XOR, .1/20 for the sine, .01 for the cancers. These settings were chosen after a look at two or three runs of each problem. Learnt "
        "from are 800 of 1000 examples of the two moons and of the sine, 450 of 1500 of "
        "XOR (the paper leaves 70 % for tests there), and 400 of the 569 breast cancers that ship with scikit-learn; those "
        "have their 30 features, and a copy of each with shuffled rows, so that it is known of 30 of 60 features that they say nothing. The "
        "same network is trained without gates on all features, and on the informative ones alone."
    ),
    jobs=jobs,
    agreement=agreement,
    findings=findings,
    tables=tables,
    figures=figures,
)  # fmt: skip
