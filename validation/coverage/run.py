"""How often the intervals of studies hold the exact values, over many random problems; write `results.json` and `README.md`.

    python validation/coverage/run.py          # a few minutes
    python validation/coverage/run.py 400      # as many problems, printed only

A problem is a random polynomial of one to three variables with random logits, an estimator with random options, and one
coordinate, so that all intervals of one kind are independent. The seed is fresh every time, and written down.
"""

import datetime as dt
import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats

import stgref
from stgref import estimators, study

HERE = Path(__file__).parent
PROBLEMS, CONFIDENCE = 2000, 0.95
KINDS = ("bias", "variance", "mse", "sign_agreement", "total variance", "total mse")
CHOICES = (
    ("score_function", {}),
    ("score_function", {"baseline": "optimal"}),
    ("rloo", {"k": 2}),
    ("straight_through", {}),
    ("gumbel_softmax_st", {"temperature": 0.7}),
    ("relaxation", {"temperature": 0.5}),
    ("reinmax", {"temperature": 1.0}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("muprop", {}),
    ("measure_valued", {}),
    ("finite_difference", {"step": 0.5}),
)
SMOOTH = ("gumbel_softmax_st", "relaxation")
"""Their exact moments are quadratures, quick for one variable."""
SPAN, SAMPLES = 2.5, (3000, 30_000)
"""Logits are uniform on +-SPAN: the rarer value of a variable has a chance of 0.076 or more."""


def outcome(seed: np.random.SeedSequence, confidence: float = CONFIDENCE) -> dict[str, bool]:
    """Whether each interval of one coordinate of a random problem holds the exact value."""
    rng = np.random.default_rng(seed)
    given = CHOICES[rng.integers(len(CHOICES))]
    size = 1 if given[0] in SMOOTH else int(rng.integers(1, 4))
    f = estimators.objectives.Multilinear.random(size, rng)
    logits, n = rng.uniform(-SPAN, SPAN, size), int(rng.integers(*SAMPLES))
    found = study.run(f, logits, [given], n, seed=int(rng.integers(2**62)), confidence=confidence)
    record, total = found.to_records()[rng.integers(size)], found.summaries()[0]
    holds = {
        "bias": within(record, "bias", record["exact_mean"] - record["exact_gradient"]),
        "variance": within(record, "variance", record["exact_variance"]),
        "mse": within(record, "mse", record["exact_mse"]),
        "total variance": within(total, "variance", total["exact_variance"]),
        "total mse": within(total, "mse", total["exact_mse"]),
    }
    if given[0] == "score_function" and not given[1]:
        chance = agreement(f, logits, record["coordinate"], record["exact_gradient"])
        holds["sign_agreement"] = within(record, "sign_agreement", chance)
    return holds


def within(record: dict, name: str, exact: float) -> bool:
    """Whether the interval holds the exact value."""
    return record[f"{name}_low"] <= exact <= record[f"{name}_high"]


def agreement(f, logits: np.ndarray, i: int, gradient: float) -> float:
    """The exact chance that f(b) (b_i - theta_i) has the sign of the gradient, by enumeration."""
    points = np.stack(np.meshgrid(*[[0.0, 1.0]] * len(logits), indexing="ij"), axis=-1).reshape(
        -1, len(logits)
    )
    theta = 1.0 / (1.0 + np.exp(-logits))
    chance = np.prod(np.where(points > 0, theta, 1.0 - theta), axis=1)
    estimates = f(points) * (points[:, i] - theta[i])
    return float(np.sum(chance[np.sign(estimates) == np.sign(gradient)]))


def covered(problems: int, entropy: int) -> Iterator[dict[str, object]]:
    """For each kind of interval, how many hold the exact value, and how likely so few or so many are."""
    seeds = np.random.SeedSequence(entropy).spawn(problems)
    outcomes = [outcome(seed) for seed in seeds]
    for kind in KINDS:
        held = [each[kind] for each in outcomes if kind in each]
        k, n = sum(held), len(held)
        few = float(stats.binom.cdf(k, n, CONFIDENCE))
        many = float(stats.binom.sf(k - 1, n, CONFIDENCE))
        yield {
            "interval": kind,
            "problems": n,
            "held": k,
            "rate": k / n,
            "p of so few": few,
            "p of so many": many,
        }


def main() -> None:
    """Measure, print, and write both files."""
    entropy = int(np.random.SeedSequence().entropy)
    problems = int(sys.argv[1]) if len(sys.argv) > 1 else PROBLEMS
    rows = list(covered(problems, entropy))
    for row in rows:
        print(row)
    if len(sys.argv) > 1:
        return
    document = {
        "command": "python validation/coverage/run.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "seed": str(entropy),
        "confidence": CONFIDENCE,
        "versions": f"stgref {stgref.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
        "machine": f"{platform.system()}, {platform.machine()}",
        "rows": rows,
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    lines = [
        "# How often the intervals of studies hold the exact values",
        "",
        f"Written by `{document['command']}` on {document['date']}; seed {entropy}; {document['versions']}.",
        "",
        f"{problems} random problems: polynomials of one to three variables, logits up to +-{SPAN}, {len(CHOICES)} estimators,",
        f"{SAMPLES[0]} to {SAMPLES[1]} estimates; intervals of {100 * CONFIDENCE:g} % confidence, one of each kind per problem. The last",
        "columns are exact binomial probabilities if the rate were the stated one.",
        "",
        "| interval | problems | held | rate | p of so few | p of so many |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {r['interval']} | {r['problems']} | {r['held']} | {r['rate']:.4f} | {r['p of so few']:.2g} | {r['p of so many']:.2g} |"
            for r in rows
        ),
    ]
    (HERE / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
