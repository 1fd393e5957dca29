"""What every set says about itself."""

FORMAT = "stgref vectors, version 1"
VERSION = "1.2.0"
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

ESTIMATORS = {
    "score_function": "(f(b) - c) (b - p). c is the number 'baseline', 0 if it is absent; 'optimal': for each i, E[f(b) (b_i - "
    "p_i)^2] / E[(b_i - p_i)^2]; 'moving_average': from row to row, c = 0 at first, then decay c + (1 - decay) f(b).",
    "rloo": "1/k sum_j (f(b_j) - mean of the others' f) (b_j - p), of k samples.",
    "straight_through": "f'(b) times 1; for the derivative 'sigmoid', times x (1 - x) / temperature with x = sigmoid(phi / "
    "temperature); for 'clipped', times [|phi| <= 1].",
    "relaxation": "f'(x) x (1 - x) / temperature with x = sigmoid(z / temperature).",
    "gumbel_softmax_st": "f'(b) x (1 - x) / temperature with x = sigmoid(z / temperature).",
    "gumbel_rao": "f'(b) times the mean of x (1 - x) / temperature over k latents z~ given b (see 'conditional').",
    "conditional": "The latent given b from the noise 'conditional', v = sigmoid(conditional): z~ = phi + logit(q + v p) where "
    "b = 1, phi + logit(v q) where b = 0.",
    "reinmax": "f'(b) (2 m (1 - m) - s / 2) with m = (sigmoid(phi / temperature) + b) / 2.",
    "arm": "(f(b) - f(b~)) (u - 1/2) with b~ = [u < p].",
    "disarm": "(f(b) - f(b~)) / 2 (-1)^b~ [b differs from b~] sigmoid(|phi|) with b~ = [u < p].",
    "arms": "s / (r - t) 1/(k - 1) sum_j (f(b_j) - mean f) (b_j - p), with r = min(p, q) and t = max(0, 2 r^(1/(k - 1)) - 1)^(k - 1); "
    "b_j = [phi + copula_j > 0], where phi > 0 [phi - copula_j > 0].",
    "muprop": "(f(b) - f(p) - sum_i f'_i(p) (b_i - p_i)) (b - p) + f'(p) s.",
    "measure_valued": "s_i (f(b with b_i = 1) - f(b with b_i = 0)).",
    "rebar": "As relax, with c(z) = eta f(sigmoid(z / temperature)).",
    "relax": "(f(b) - c(z~)) (b - p) + c'(z) - c'(z~) dz~/dphi, where z~ is the latent given b, and dz~/dphi its derivative with v "
    "fixed; c is the objective 'control_variate', taken of latents. For the coupling 'coupled', v is such that z~ = z, and "
    "'conditional' is not used.",
    "double_cv": "1/k sum_j (h_j - mean of the others' h) (b_j - p) - alpha s (mean of f'(b_j)), with h_j = f(b_j) + alpha (mean of the "
    "others' f'(b)) . (b_j - p).",
    "finite_difference": "(f(b+) - f(b-)) / (2 step), where in b+ and b- phi_i + step and phi_i - step stand for phi_i.",
    "vimco": "sum_j (L - L_j) (b_j - p) with L = log(mean of exp f(b_j)); in L_j the mean of the others' f ('geometric'), or the log "
    "of the mean of the others' exp f ('arithmetic'), stands for f(b_j).",
    "sts": "b sqrt(p) q / 2 f'(b sqrt(p)) with b = [u > 1 - sqrt(p)].",
    "noisy_rectifier": "[z > 0] f'(max(0, z)).",
    "multiplicative_noise": "m s f'(m p) with m = [u > rate] / (1 - rate).",
}
"""One estimate of each."""

OBJECTIVE = (
    "By 'name', with parameters: Linear a, c: sum a_i b_i + c (c = 0 if it is absent). Quadratic t, weight w: "
    "sum w_i (b_i - t_i)^2 (w = 1 if it is absent). MeanQuadratic t: sum (b_i - t_i)^2 / D. Pairwise Q, a, c: sum b_i Q_ij "
    "b_j + sum a_i b_i + c, with the gradient (Q + Q') b + a. Multilinear coefficients c, an array with an axis of length 2 "
    "for each variable: the sum over all its elements of c[k_1, ..., k_D] times the product of the b_i with k_i = 1. One "
    "number stands for the same one for every variable."
)
OPTIONS = "As the formulas below name them: JSON numbers, which are exact in both dtypes, and words."
CONDITIONS = (
    "Values of f and f' are numbers that are rounded like any argument; the condition of an estimate "
    "is the sum of its terms' conditions, a term being a product of one of them, or of a difference of them, and its factors."
)
CATEGORICAL = {
    "score_function": "(f(b) - c) (b - p). c is the number 'baseline', 0 if it is absent; 'optimal': for each i and k, E[f(b) (b_ik "
    "- p_ik)^2] / (p_ik (1 - p_ik)); 'moving_average': from row to row, c = 0 at first, then decay c + (1 - decay) f(b).",
    "rloo": ESTIMATORS["rloo"],
    "straight_through": "f'(b); for the derivative 'sigmoid', J(x) f'(b) / temperature with x = softmax(phi / temperature).",
    "relaxation": "J(x) f'(x) / temperature with x = softmax(z / temperature).",
    "gumbel_softmax_st": "J(x) f'(b) / temperature with x = softmax(z / temperature).",
    "gumbel_rao": "The mean of J(x) f'(b) / temperature over k latents z~ given b (see 'conditional'), x = softmax(z~ / temperature).",
    "conditional": "The latent given b from the noise 'conditional', G, with L = log sum exp(phi): of the sampled category k, "
    "z~_k = G_k + L; of another, z~_j = -log(exp(-G_j - phi_j) + exp(-G_k - L)).",
    "reinmax": "2 J(m) f'(b) - J(p) f'(b) / 2 with m = (softmax(phi / temperature) + b) / 2.",
    "measure_valued": "p_ik (f(b with k at i) - sum_j p_ij f(b with j at i)).",
    "arsm": "sum_j (f_kj - mean_m f_mj) (1/K - pi_ij) with pi = exp(log_pi), and f_mj = f(one-hot(argmin(log_pi - phi))), where "
    "coordinates m and j of log_pi are swapped in every variable.",
    "rebar": "As relax, with c(z) = eta f(softmax(z / temperature)).",
    "relax": "(f(b) - c(z~)) (b - p) + c'(z) - (dz~/dphi)' c'(z~), where z~ is the latent given b, and dz~/dphi its derivative with "
    "G fixed; c is the objective 'control_variate', taken of latents. For the coupling 'coupled', G is such that z~ = z, and "
    "'conditional' is not used.",
}
"""One estimate of each, for categorical variables."""

OWN: dict[str, dict[str, str]] = {
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
    "estimators": {
        "problem": "Estimates of the gradient of E f(b) with respect to the logits phi of D independent variables b_i in {0, 1}, "
        "P(b_i = 1) = p_i = sigmoid(phi_i): one of shape (D,) for each of the n rows of the noise, a value of shape (n, D). "
        "The noise is standard logistic; q = 1 - p, s = p q, and u = sigmoid(noise). A sample is b = [phi + noise > 0], "
        "its latent z = phi + noise. f and its gradient f' take points of any numbers, not only of 0 and 1. In products of "
        "vectors, element by element.",
        "objective": OBJECTIVE,
        "options": OPTIONS,
        "conditions of estimates": CONDITIONS,
        **ESTIMATORS,
    },
    "estimators_categorical": {
        "problem": "Estimates of the gradient of E f(b) with respect to the logits phi, of shape (D, K), of D independent variables "
        "b_i with K categories, one-hot vectors, p_i = softmax(phi_i): one of shape (D, K) for each of the n rows of the noise, a "
        "value of shape (n, D, K). The noise is standard Gumbel. A sample is b = one-hot(argmax(phi + noise)), its latent z = phi "
        "+ noise. f and its gradient f' take points of shape (D, K) of any numbers. J(x) = diag(x) - x x', for each variable.",
        "objective": "By 'name', with parameters: Linear a, c: sum a_ik b_ik + c (c = 0 if it is absent). Quadratic t, weight w: sum "
        "w_ik (b_ik - t_ik)^2 (w = 1 if it is absent). Flattened objective: another one, of the D K numbers in row-major order: "
        "Pairwise Q, a, c: sum x_i Q_ij x_j + sum a_i x_i + c (0 if they are absent), with the gradient (Q + Q') x + a; or Quadratic. "
        "One number stands for the same one for every entry.",
        "options": OPTIONS,
        "conditions of estimates": CONDITIONS,
        **CATEGORICAL,
    },
    "estimators_gaussian": {
        "problem": "Estimates of the gradient of E f(x) with respect to mu and std of D independent normal variables x_i: one of "
        "shape (D,) for each of the n rows of the noise, results mu and std of shape (n, D). x = mu + std e, with the noise e "
        "standard normal.",
        "objective": OBJECTIVE,
        "options": OPTIONS,
        "conditions of estimates": CONDITIONS,
        "pathwise": "f'(x), and f'(x) e.",
        "score_function": "(f(x) - c) e / std, and (f(x) - c) (e^2 - 1) / std. c is the number 'baseline', 0 if it is absent; "
        "'moving_average': from row to row, c = 0 at first, then decay c + (1 - decay) f(x).",
        "measure_valued": "(f(mu + std W) - f(mu - std W')) / (std sqrt(2 pi)), and (f(mu + std M) - f(mu + std N)) / std, in one "
        "coordinate of x at a time, x of the noise 'sample'. W is 'weibull', M 'maxwell'; W' = W and N = M U with the 'uniform' U; for "
        "the coupling 'independent', W' is 'other_weibull', and N 'other_normal'.",
    },
    "estimators_gates": {
        "problem": "Pathwise estimates of the gradient of E f(z) with respect to the parameters of D independent gates z_i = clip(r_i), "
        "between 0 and 1: one for each of the n rows of the noise and each gate, for each parameter of the law a result of shape "
        "(n, D). It is f'(z) times the derivative of r with respect to the parameter where 0 <= r <= 1, else 0.",
        "objective": OBJECTIVE,
        "options": OPTIONS,
        "conditions of estimates": CONDITIONS,
        "hard_concrete": "r = (upper - lower) sigmoid((log_alpha + noise) / temperature) + lower, the noise standard logistic.",
        "rectified_gaussian": "r = mu + std noise, the noise standard normal.",
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
