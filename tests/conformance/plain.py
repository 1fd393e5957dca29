"""Somebody's implementation, in nothing but Python's own library: ``plain.py SETS OUTPUTS [wrong]``.

It knows stgref from the exported JSON alone, and does not import it.
"""

import itertools
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


def numbers(node):
    """A number, or the elements of an array."""
    if not isinstance(node, dict):
        return node
    texts = node.get("hex", node.get("data"))
    return (
        [float.fromhex(x) if isinstance(x, str) else x for x in texts]
        if "shape" in node
        else float.fromhex(texts)
    )


def gates_of(shape, mask, n_gates):
    """The row and the gate of every element of an input; without a mask, each element of an example has its own."""
    places = []
    for flat in range(math.prod(shape)):
        row, place = divmod(flat, math.prod(shape[1:]))
        if mask is None:
            places.append((row, place))
            continue
        index, rest = [], flat
        for length in reversed(shape):
            rest, i = divmod(rest, length)
            index.insert(0, i)
        own = 0
        for length, i in zip(mask["shape"], index[len(shape) - len(mask["shape"]) :], strict=True):
            own = own * length + (i if length > 1 else 0)
        places.append((row, mask["data"][own]))
    return places


def gaussian_layer(asked):
    """What the layer makes of a case: the gates of the elements, their slopes, and the penalty's weights."""
    x, mask, mu = asked["x"], asked["mask"], numbers(asked["mu"])
    std, reduction = positive(numbers(asked["std"])), asked["reg_reduction"]
    shape, n_gates = x["shape"], len(mu)
    noise = asked["noise"] and numbers(asked["noise"])
    if reduction not in {"sum", "mean", "none"}:
        raise ValueError("reg_reduction")
    if mask is None and math.prod(shape[1:]) != n_gates:
        raise ValueError("x")
    if mask is not None and (
        set(mask["data"]) != set(range(n_gates)) or len(mask["shape"]) == len(shape) > 1 < mask["shape"][0]
    ):
        raise ValueError("mask")
    if noise is not None and asked["noise"]["shape"] != [shape[0], n_gates]:
        raise ValueError("noise")
    places = gates_of(shape, mask, n_gates)
    raw = [mu[g] + (0 if noise is None else std * noise[row * n_gates + g]) for row, g in places]
    weight = numbers(asked["reg_weight"]) / (n_gates if reduction == "mean" else 1)
    return (
        shape,
        [g for _, g in places],
        [min(1, max(0, z)) for z in raw],
        [0 <= z <= 1 for z in raw],
        mu,
        std,
        weight,
    )


def gaussian_forward(**asked):
    shape, _, z, _, mu, std, weight = gaussian_layer(asked)
    gated = [a * b for a, b in zip(numbers(asked["x"]), z, strict=True)]
    p = [weight * math.erfc(-m / std / math.sqrt(2)) / 2 for m in mu]
    l0_reg = {"shape": [len(p)], "data": p} if asked["reg_reduction"] == "none" else math.fsum(p)
    return {"gated": {"shape": shape, "data": gated}, "l0_reg": l0_reg}


def gaussian_vjp(**asked):
    shape, gates, z, inside, mu, std, weight = gaussian_layer(asked)
    if asked["d_gated"]["shape"] != shape:
        raise ValueError("d_gated")
    d, d_l0 = numbers(asked["d_gated"]), numbers(asked["d_l0_reg"])
    d_l0 = d_l0 if isinstance(d_l0, list) else [d_l0] * len(mu)
    of_mu = [
        e * weight * math.exp(-((m / std) ** 2) / 2) / std / math.sqrt(2 * math.pi)
        for e, m in zip(d_l0, mu, strict=True)
    ]
    for g, a, e, open_ in zip(gates, numbers(asked["x"]), d, inside, strict=True):
        of_mu[g] += a * e * open_
    return {
        "input": {"shape": shape, "data": [e * gate for e, gate in zip(d, z, strict=True)]},
        "mu": {"shape": [len(mu)], "data": of_mu},
    }


def each(parameter, size):
    """One parameter for each variable."""
    return parameter if isinstance(parameter, list) else [parameter] * size


def coefficient(table, index):
    for i in index:
        table = table[i]
    return table


def value(objective, b):
    """The objective, as the notes of the set define it by name."""
    d, name = len(b), objective["name"]
    if name == "Multilinear":
        subsets = itertools.product((0, 1), repeat=d)
        return math.fsum(
            coefficient(objective["coefficients"], s) * math.prod(x for x, i in zip(b, s, strict=True) if i)
            for s in subsets
        )
    if "t" in objective:
        t, w = each(objective["t"], d), each(objective.get("weight", 1), d)
        total = math.fsum(c * (x - s) ** 2 for c, x, s in zip(w, b, t, strict=True))
        return total / d if name == "MeanQuadratic" else total
    terms = [a * x for a, x in zip(each(objective["a"], d), b, strict=True)]
    for i, row in enumerate(objective.get("Q", [])):
        terms += [b[i] * q * b[j] for j, q in enumerate(row)]
    return math.fsum([*terms, objective["c"]])


def with_bit(b, i, bit):
    return [*b[:i], bit, *b[i + 1 :]]


def rows_of(node):
    """The rows of an array of two axes."""
    size, flat = node["shape"][1], numbers(node)
    return [flat[start : start + size] for start in range(0, len(flat), size)]


def checked(asked):
    logits, noise = numbers(asked["logits"]), asked["noise"]
    if noise["shape"][1:] != [len(logits)]:
        raise ValueError("noise")
    return logits, rows_of(noise), noise["shape"]


def measure_valued(**asked):
    logits, noise, shape = checked(asked)
    f, data = asked["objective"], []
    for row in noise:
        b = [int(a + n > 0) for a, n in zip(logits, row, strict=True)]
        jumps = [value(f, with_bit(b, i, 1)) - value(f, with_bit(b, i, 0)) for i in range(len(b))]
        data += [bell(a) * jump for a, jump in zip(logits, jumps, strict=True)]
    return {"value": {"shape": shape, "data": data}}


def disarm(**asked):
    logits, noise, shape = checked(asked)
    f, data = asked["objective"], []
    for row in noise:
        one = [int(a + n > 0) for a, n in zip(logits, row, strict=True)]
        other = [int(n < a) for a, n in zip(logits, row, strict=True)]
        half = (value(f, one) - value(f, other)) / 2
        data += [half * (x - y) * sigmoid(abs(a)) for a, x, y in zip(logits, one, other, strict=True)]
    return {"value": {"shape": shape, "data": data}}


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
BY_NAME = {
    "estimators.disarm": disarm,
    "estimators.measure_valued": measure_valued,
    "GaussianStochasticGates.forward": gaussian_forward,
    "GaussianStochasticGates.vjp": gaussian_vjp,
}


def answer(functions, case):
    name, asked = case["function"], case["arguments"]
    try:
        if name in BY_NAME:
            return BY_NAME[name](**asked)
        return functions[name](*(float.fromhex(number["hex"]) for number in asked.values()))
    except ValueError as error:
        return {"error": str(error)}


def main(sets, path, wrong=""):
    functions = FUNCTIONS | ({"rectified_gaussian.prob_active": gaussian_open_by_erf} if wrong else {})
    held = json.loads(Path(sets, "manifest.json").read_text())["sets"]
    outputs = {}
    for name in (name for name, own in held.items() if {*FUNCTIONS, *BY_NAME} & set(own)):
        for case in json.loads(Path(sets, f"{name}.json").read_text())["cases"]:
            if case["function"] in functions or case["function"] in BY_NAME:
                outputs[case["id"]] = answer(functions, case)
    Path(path).write_text(json.dumps({"subject": "plain", "outputs": outputs}))


if __name__ == "__main__":
    main(*sys.argv[1:])
