"""What every set says about itself."""

FORMAT = "stgref vectors, version 1"
VERSION = "1.0.0"
"""Of the cases: a change of any number or id is a new one."""

NOTES = {
    "numbers": "Every number is exact in 'hex', in the notation of C99 (a binary float); 'decimal' has the fewest digits "
    "that give the same number of the dtype. Infinities and NaN are 'inf', '-inf', 'nan' in both.",
    "results": "The exact value, rounded once to the dtype of the case, to nearest, ties to even. Arguments are exact "
    "numbers of the dtype.",
    "conditions": "Of each result, |f| + sum_i |x_i df/dx_i|, for the result f and the arguments x_i: what one relative "
    "rounding of everything does to it. In float64, rounded up in the fourth digit.",
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
    "flag outside": "One argument is outside the domain.",
    "twin": "The .npz beside a set repeats it, for each dtype: 'id', 'function', 'kind', 'flag' (ASCII), 'arguments', "
    "'results', 'conditions', one row to a case, columns in the order of 'functions'; NaN where there is no number.",
    "recording": 'Outputs come back as JSON {"subject": name, "outputs": {id: {result: number or text}}}, or as .npz '
    "with keys '<id>/<result>'. Of a function and dtype, all cases or none.",
}
