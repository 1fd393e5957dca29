"""What every set says about itself."""

FORMAT = "stgref vectors, version 1"
VERSION = "1.1.0"
"""Of the cases: a change of any number or id is a new first number, more cases are a new second one."""

NOTES = {
    "numbers": "Every number is exact in 'hex', in the notation of C99 (a binary float); 'decimal' has the fewest digits "
    "that give the same number of the dtype. Infinities and NaN are 'inf', '-inf', 'nan' in both. An array has its 'shape', "
    "and in 'hex' and 'decimal' the elements in row-major order; an array of integers has them in 'data'.",
    "results": "The exact value, rounded once to the dtype of the case, to nearest, ties to even. Arguments are exact "
    "numbers of the dtype.",
    "conditions": "Of each result, |f| + sum_i |x_i df/dx_i|, for the result f and the arguments x_i: what one relative "
    "rounding of everything does to it. In float64, rounded up in the fourth digit. Of an array, element by element, and the sum goes over all "
    "elements of all arguments.",
    "tolerance": "An output is right if |output - result| <= max(4 eps condition, s) + eps |result| / 2, with the "
    "spacing eps of the dtype at 1 (2^-23, 2^-52) and its smallest subnormal number s (2^-149, 2^-1074); the last term is "
    "for the rounding of the result. NaN is right where the result is NaN, an infinity where it is that infinity.",
    "kind valid": "The result is the right answer.",
    "kind invalid": "The arguments are outside the domain: an error is the right answer. A recording has "
    '{"error": text} there; in a language without exceptions, write what stands for one.',
    "kind acceptable": "Conventions differ: outputs that are right under any one of those in 'conventions' are "
    "acceptable too.",
    "flag bulk": "Every argument is in the middle of its range.",
    "flag tail": "Some argument is far out.",
    "flag extreme": "Some argument is at the end of its range or next to 0, where formulas overflow, underflow or "
    "cancel.",
    "flag edge": "x at the end of the support or beyond, or a probability of 0 or 1. The derivative with respect to x at "
    "an atom does not exist, and is NaN.",
    "flag clip-point": "The unclipped value is exactly 0 or 1. The derivative of the clip is 1 there ('closed', the "
    "results), 0 ('open') or 1/2 ('half').",
    "flag outside": "One argument is outside the domain, or does not fit the others.",
    "flag batch": "Several vectors at once, along the first axis.",
    "flag mask": "Elements share gates.",
    "flag empty": "A batch without examples.",
    "flag test-time": "No noise.",
    "twin": "The .npz beside a set repeats it, for each dtype: 'id', 'function', 'kind', 'flag' (ASCII; the first flag). In the "
    "sets of single numbers, 'arguments', 'results', 'conditions', one row to a case, columns in the order of 'functions'; "
    "NaN where there is no number. In the other sets, 'elements' has the elements of all arrays in a row, 'array_case' the row of the case "
    "that each array is of, 'array_place' where it stands there, as in results/gated, and 'shape' its shape, with -1 for no "
    "axis; 'other_case' and 'other_place' say the same of all else, and 'json' what it is.",
    "recording": 'Outputs come back as JSON {"subject": name, "outputs": {id: {result: number or text}}}, or as .npz '
    "with keys '<id>/<result>'. Of a function and dtype, all cases or none.",
}

OWN = {
    "gates": {
        "gates": "BinaryConcreteStochasticGates and GaussianStochasticGates are layers of G gates. forward takes an input x of "
        "shape (batch, ...); noise of shape (batch, G), standard logistic or normal, or null at test time; the trained parameter "
        "of shape (G,); a mask of gate indices, which broadcasts to one example from the right, or null if each element of an "
        "example has a gate of its own, in row-major order; the weight of the penalty, the options of the law, and how the "
        "penalty is made. A gate z is clip((upper - lower) sigmoid((log_alpha + noise) / temperature) + lower) or clip(mu + std "
        "noise), between 0 and 1; without noise it is clip((upper - lower) sigmoid(log_alpha) + lower) or clip(mu). gated is x z; "
        "l0_reg is the sum over the gates ('sum'), their mean ('mean'), or each ('none'), of reg_weight P(z > 0). vjp takes the "
        "cotangents of both, d_gated and d_l0_reg, and returns those of x and of the trained parameter. The condition of a sum "
        "of terms is that of all its terms together.",
        "get_gate_values": "The gates at test time, not clipped where clamp is false. By itself, what forward takes; .median and "
        ".mean are those of the law of z; .mode is 0 or 1 where P(z = 0) or P(z = 1) is greater than the other and than "
        "P(0 < z < 1), else the mean; .threshold is 1 where P(z > 0) > 1/2, else 0; .scaled is sigmoid(0.8 log_alpha / "
        "temperature).",
    },
}
"""What single sets say besides."""


def notes(name: str) -> dict[str, str]:
    """Return the notes of a set.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    dict
        Text by topic.
    """
    return NOTES | OWN.get(name, {})
