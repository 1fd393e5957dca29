"""Somebody's implementation, in nothing but Python's own library: ``plain.py SETS OUTPUTS [wrong]``.

It knows stgref from the exported JSON alone, and does not import it.
"""

import json
import math
import sys
from pathlib import Path


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def bell(t, factor=1.0):
    """factor sigmoid(t) sigmoid(-t), which may be a number where the sigmoid has underflowed."""
    if factor == 0:
        return 0.0
    return math.copysign(math.exp(math.log(abs(factor)) - abs(t)), factor) / (1 + math.exp(-abs(t))) ** 2


def positive(x):
    if not x > 0:
        raise ValueError("must be greater than 0")
    return x


def bernoulli_mean(logits):
    return {"value": sigmoid(logits)}


def bernoulli_slope(logits):
    return {"logits": bell(logits)}


def normal_cdf(x, loc, scale):
    return {"value": math.erfc((loc - x) / positive(scale) / math.sqrt(2)) / 2}


def shift(temperature, lower, upper):
    if lower >= 0 or upper <= 1:
        raise ValueError("the bounds must enclose 0 and 1")
    return positive(temperature) * math.log(-lower / upper)


def open_probability(log_alpha, temperature, lower, upper):
    return {"value": sigmoid(log_alpha - shift(temperature, lower, upper))}


def open_slope(log_alpha, temperature, lower, upper):
    t = log_alpha - shift(temperature, lower, upper)
    return {
        "log_alpha": bell(t),
        "temperature": bell(t, -math.log(-lower / upper)),
        "lower": bell(t, -temperature / lower),
        "upper": bell(t, temperature / upper),
    }


def gaussian_open(mu, std):
    return {"value": math.erfc(-mu / positive(std) / math.sqrt(2)) / 2}


def gaussian_open_by_erf(mu, std):
    return {"value": (1 + math.erf(mu / positive(std) / math.sqrt(2))) / 2}


FUNCTIONS = {
    "bernoulli.mean": bernoulli_mean,
    "bernoulli.grad_mean": bernoulli_slope,
    "normal.cdf": normal_cdf,
    "hard_concrete.prob_active": open_probability,
    "hard_concrete.grad_prob_active": open_slope,
    "rectified_gaussian.prob_active": gaussian_open,
}


def answer(function, case):
    try:
        return function(*(float.fromhex(number["hex"]) for number in case["arguments"].values()))
    except ValueError as error:
        return {"error": str(error)}


def main(sets, path, wrong=""):
    functions = FUNCTIONS | ({"rectified_gaussian.prob_active": gaussian_open_by_erf} if wrong else {})
    outputs = {}
    for law in sorted({name.partition(".")[0] for name in functions}):
        for case in json.loads(Path(sets, f"{law}.json").read_text())["cases"]:
            if case["function"] in functions:
                outputs[case["id"]] = answer(functions[case["function"]], case)
    Path(path).write_text(json.dumps({"subject": "plain", "outputs": outputs}))


if __name__ == "__main__":
    main(*sys.argv[1:])
