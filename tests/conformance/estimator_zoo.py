"""Wrong estimators, one realistic bug each, written plainly: the name, what was written, the cause."""

import numpy as np
from scipy.special import expit

from stgref import estimators
from tests.estimators import test_controls as controls


def sampled(logits, noise):
    return (logits + noise > 0).astype(float)


def bell(x):
    return expit(x) * expit(-x)


def column(x):
    return x[:, None]


def centred(b, logits):
    """b - theta, which cancels as it stands."""
    theta, rest = expit(logits.astype(float)), expit(-logits.astype(float))
    return b * rest - (1 - b) * theta


def score(f, logits, noise, baseline=0.0, decay=0.99, *, current=False):
    """The score function, the moving average as a loop."""
    b = sampled(logits, noise)
    if isinstance(baseline, str) and baseline == "moving_average":
        c, used = 0.0, []
        for value in f(b):
            after = decay * c + (1 - decay) * value
            used.append(after if current else c)
            c = after
        return column(f(b) - np.array(used)) * centred(b, logits)
    if isinstance(baseline, str):
        return estimators.score_function(f, logits, noise, baseline=baseline)
    return (column(f(b)) - baseline) * centred(b, logits)


def relaxed(f, logits, noise, temperature, *, at="soft", rate=None, location=None):
    where = logits if location is None else location(logits)
    z = (where + noise) / temperature
    point = expit(z) if at == "soft" else sampled(logits, noise)
    return f.grad(point) * bell(z) / (temperature if rate is None else rate)


def straight(f, logits, noise, derivative="identity", temperature=1.0, *, warm=True):
    """Straight-through, where the temperature may be forgotten."""
    if derivative != "sigmoid":
        return estimators.straight_through(f, logits, noise, derivative=derivative)
    t = temperature if warm else 1.0
    return f.grad(sampled(logits, noise)) * bell(logits / t) / t


def arm(f, logits, noise, *, other=np.less, centre=0.5):
    u = expit(noise)
    difference = f((u > expit(-logits)).astype(float)) - f(other(u, expit(logits)).astype(float))
    return column(difference) * (u - centre)


def latent_given(v, b, logits):
    on, off = v + np.logaddexp(0, logits), -v + np.logaddexp(0, -logits)
    return np.where(b == 1, np.logaddexp(0, on), -np.logaddexp(0, off))


def relax(f, logits, noise, control_variate, coupling="independent", *, slope=0.0):
    """RELAX with the latent given the sample detached, or with its derivative taken for 1."""
    if coupling != "independent":
        return estimators.relax(f, logits, noise, control_variate=control_variate, coupling=coupling)
    b, c = sampled(logits, noise.latent), control_variate
    z, given = logits + noise.latent, latent_given(noise.conditional, b, logits)
    return column(f(b) - c(given)) * centred(b, logits) + c.grad(z) - slope * c.grad(given)


class Rebar:
    """The relaxed objective, as a control variate."""

    def __init__(self, f, temperature, eta):
        self.f, self.t, self.eta = f, temperature, eta

    def __call__(self, z):
        return self.eta * self.f(expit(z / self.t))

    def grad(self, z):
        return self.eta * self.f.grad(expit(z / self.t)) * bell(z / self.t) / self.t


def rebar(f, logits, noise, temperature, eta=1.0, coupling="independent", *, slope=0.0):
    if coupling != "independent":
        return estimators.rebar(f, logits, noise, temperature=temperature, eta=eta, coupling=coupling)
    return relax(f, logits, noise, Rebar(f, temperature, eta), slope=slope)


def muprop(f, logits, noise):
    b, theta = sampled(logits, noise), expit(logits)
    residual = f(b) - f(theta) - np.sum(f.grad(theta) * centred(b, logits), axis=-1)
    return column(residual) * centred(b, logits)


def measure_valued(f, logits, noise):
    """To the probabilities: theta (1 - theta) is forgotten."""
    b = sampled(logits, noise)
    return np.stack([f(put(b, i, 1)) - f(put(b, i, 0)) for i in range(logits.size)], axis=-1)


def put(b, i, value):
    b = b.copy()
    b[:, i] = value
    return b


def difference(f, logits, noise, step, *, width=None):
    def moved(i, h):
        return f(put(sampled(logits, noise), i, sampled(logits + h, noise)[:, i]))

    rises = [moved(i, step) - moved(i, -step) for i in range(logits.size)]
    return np.stack(rises, axis=-1) / (2 * step if width is None else width)


def disarm_of(**mistake):
    return lambda f, logits, noise: controls.disarm(f, logits, noise, **mistake)


def rloo(f, logits, noise, k=2):
    return controls.rloo(f, logits, noise, own_value=True)


RIGHT = {
    "score_function": score,
    "straight_through": straight,
    "relaxation": relaxed,
    "gumbel_softmax_st": lambda *given, **options: relaxed(*given, **options, at="hard"),
    "arm": arm,
    "disarm": controls.disarm,
    "finite_difference": difference,
}
"""The same without the bugs."""

ZOO = {
    "moving average of the current sample too": (
        "score_function",
        lambda *given, **options: score(*given, **options, current=True),
        "average-includes-current",
    ),
    "baseline forgotten": (
        "score_function",
        lambda f, logits, noise, **_: score(f, logits, noise),
        "baseline-missing",
    ),
    "leave-one-out that leaves nobody out": ("rloo", rloo, "nobody-left-out"),
    "straight-through, temperature forgotten": (
        "straight_through",
        lambda *given, **options: straight(*given, **options, warm=False),
        "temperature-missing",
    ),
    "straight-through, clipped": (
        "straight_through",
        lambda f, logits, noise, **_: f.grad(sampled(logits, noise)) * (abs(logits) <= 1),
        "straight-through-otherwise",
    ),
    "relaxation without 1/temperature": (
        "relaxation",
        lambda *given, **options: relaxed(*given, **options, rate=1.0),
        "slope-without-temperature",
    ),
    "relaxation, uniform for logit": (
        "relaxation",
        lambda f, logits, noise, temperature: relaxed(f, logits, expit(noise), temperature),
        "uniform-for-logit",
    ),
    "relaxation, at the hard sample": (
        "relaxation",
        lambda *given, **options: relaxed(*given, **options, at="hard"),
        "hard-for-soft",
    ),
    "Gumbel-softmax, at the soft sample": ("gumbel_softmax_st", relaxed, "soft-for-hard"),
    "Gumbel-Rao of one draw": (
        "gumbel_rao",
        lambda f, logits, noise, temperature, **_: relaxed_given(f, logits, noise, temperature),
        "draws-ignored",
    ),
    "ARM, pair not antithetic": ("arm", lambda *given: arm(*given, other=np.greater), "pair-not-antithetic"),
    "ARM, not centred": ("arm", lambda *given: arm(*given, centre=0.0), "uniform-not-centred"),
    "DisARM without one half": ("disarm", disarm_of(half=1.0), "doubled"),
    "DisARM without its weight": ("disarm", disarm_of(weighted=False), "weight-missing"),
    "REBAR, latent given the sample detached": ("rebar", rebar, "not-through-conditional"),
    "REBAR, latent given the sample as the latent": (
        "rebar",
        lambda *given, **options: rebar(*given, **options, slope=1.0),
        "not-through-conditional",
    ),
    "RELAX, latent given the sample detached": ("relax", relax, "not-through-conditional"),
    "MuProp without its own gradient": ("muprop", muprop, "own-gradient-missing"),
    "measure-valued, to the probabilities": ("measure_valued", measure_valued, "to-probabilities"),
    "difference over one step": (
        "finite_difference",
        lambda f, logits, noise, step: difference(f, logits, noise, step, width=step),
        "doubled",
    ),
    "difference over no step": (
        "finite_difference",
        lambda f, logits, noise, step: difference(f, logits, noise, step, width=1),
        "step-missing",
    ),
    "VIMCO, arithmetic for geometric": (
        "vimco",
        lambda f, logits, noise, k=2, **_: estimators.vimco(f, logits, noise, k=k, average="arithmetic"),
        "other-average",
    ),
    "the gates share noise": (
        "measure_valued",
        lambda f, logits, noise: estimators.measure_valued(
            f, logits, np.repeat(noise[:, :1], logits.size, axis=1)
        ),
        "noise-shared-by-gates",
    ),
    "score function of the loss": (
        "noisy_rectifier",
        lambda *given: -estimators.noisy_rectifier(*given),
        "sign",
    ),
    "sigmoid of the logits": (
        "relaxation",
        lambda *given, **options: relaxed(*given, **options, location=expit),
        None,
    ),
}


def relaxed_given(f, logits, noise, temperature):
    b = sampled(logits, noise.latent)
    z = latent_given(noise.conditional[:, 0], b, logits) / temperature
    return f.grad(b) * bell(z) / temperature
