"""Gate layers written plainly, and wrong ones, one realistic bug each: the method, what was written, the cause."""

from functools import partial

import numpy as np
from scipy.special import expit, ndtr


def bell(x):
    return expit(x) * expit(-x)


def index_of(mask, shape):
    """The gate of each element."""
    own = np.arange(int(np.prod(shape[1:]))).reshape(shape[1:])
    return np.broadcast_to(own if mask is None else mask, shape)


class Concrete:
    """One binary concrete gate; `t` of the gate and of the penalty."""

    def __init__(self, log_alpha, t, l, u, *, cold=None, stale=None):
        self.a, self.l, self.u = (np.asarray(x, float) for x in (log_alpha, l, u))
        self.t = np.asarray(t if cold is None else cold, float)
        self.offset = (t if stale is None else stale) * np.log(-self.l / self.u)

    def raw(self, noise):
        z = (self.a + noise) / self.t
        return expit(-z) * self.l + expit(z) * self.u, (self.u - self.l) / self.t * bell(z)

    def at_test_time(self):
        return expit(-self.a) * self.l + expit(self.a) * self.u, (self.u - self.l) * bell(self.a)

    def open(self):
        return expit(self.a - self.offset), bell(self.a - self.offset)


class Gaussian:
    """One Gaussian gate."""

    def __init__(self, mu, std):
        self.mu, self.s = np.asarray(mu, float), np.asarray(std, float)

    def raw(self, noise):
        return self.mu + self.s * noise, np.ones_like(self.mu + noise)

    def at_test_time(self):
        return self.mu, np.ones_like(self.mu)

    def open(self):
        y = self.mu / self.s
        return ndtr(y), np.exp(-y * y / 2) / np.sqrt(2 * np.pi) / self.s


def parameter_of(options):
    return "log_alpha_param" if "log_alpha_param" in options else "mu"


def gate_of(options, **mistakes):
    if "mu" in options:
        return Gaussian(options["mu"], options["std"])
    names = ("log_alpha_param", "temperature", "lower_bound", "upper_bound")
    return Concrete(*(options[name] for name in names), **mistakes)


def refuse(options, x, mask, reg_reduction):
    """What the vectors want refused."""
    size = options[parameter_of(options)].size
    index = index_of(mask, x.shape)
    if reg_reduction not in {"sum", "mean", "none"} or (
        index.size and not 0 <= index.min() <= index.max() < size
    ):
        raise ValueError("no such layer")
    if mask is not None and set(np.ravel(mask)) != set(range(size)):
        raise ValueError("no such mask")


def clipped(raw, slope, clip=True):
    inside = (raw >= 0) & (raw <= 1)
    return (np.clip(raw, 0, 1), slope * inside) if clip else (raw, slope)


def sampled(gate, noise, *, clip=True, use=lambda n: n):
    raw = gate.at_test_time() if noise is None else gate.raw(np.asarray(use(noise), float))
    return clipped(*raw, clip)


def forward(
    x,
    noise,
    mask,
    reg_weight,
    reg_reduction,
    *,
    clip=True,
    use=lambda n: n,
    weight=True,
    reduction=None,
    spoil=lambda o: o,
    **options,
):
    names = {"cold", "stale"} & options.keys()
    gate = gate_of(spoil(options), **{name: options.pop(name) for name in names})
    refuse(options, x, mask, reg_reduction)
    z, _ = sampled(gate, noise, clip=clip, use=use)
    index = index_of(mask, x.shape)
    flat = index.reshape(len(x), -1) if len(x) else index.reshape(0, int(np.prod(x.shape[1:])))
    rows = np.broadcast_to(z, (len(x), z.shape[-1]))
    gated = x * np.take_along_axis(rows, flat, 1).reshape(x.shape)
    p = gate.open()[0] * (reg_weight if weight else 1.0)
    chosen = reg_reduction if reg_reduction == "none" else reduction or reg_reduction
    return {"gated": gated, "l0_reg": {"sum": p.sum(), "mean": p.mean(), "none": p}[chosen]}


def vjp(
    x,
    noise,
    mask,
    reg_weight,
    reg_reduction,
    d_gated,
    d_l0_reg,
    *,
    clip=True,
    use=lambda n: n,
    weight=True,
    cost=1.0,
    data=1.0,
    slope_clip=True,
    **options,
):
    names = {"cold", "stale"} & options.keys()
    gate = gate_of(options, **{name: options.pop(name) for name in names})
    refuse(options, x, mask, reg_reduction)
    z, dz = sampled(gate, noise, clip=clip, use=use)
    dz = dz if slope_clip or noise is None else sampled(gate, noise, clip=False, use=use)[1]
    index = index_of(mask, x.shape).reshape(len(x), int(np.prod(x.shape[1:])))
    size = options[parameter_of(options)].size
    spread = partial(np.take_along_axis, indices=index, axis=1)
    value, slope = (spread(np.broadcast_to(each, (len(x), size))).reshape(x.shape) for each in (z, dz))
    gradient = np.bincount(index.ravel(), (d_gated * x * slope).ravel().astype(float), size)
    share = (reg_weight if weight else 1.0) / (size if reg_reduction == "mean" else 1)
    penalty = cost * d_l0_reg * share * gate.open()[1]
    return {"input": d_gated * value, parameter_of(options): data * gradient + penalty}


RIGHT = {
    f"{name}.{method.__name__}": method
    for name in ("BinaryConcreteStochasticGates", "GaussianStochasticGates")
    for method in (forward, vjp)
}


def concrete_values(
    log_alpha_param, temperature, lower_bound, upper_bound, clamp, *, warm=False, ignore=False
):
    a = log_alpha_param / temperature if warm else log_alpha_param
    z = expit(-a) * lower_bound + expit(a) * upper_bound
    return np.clip(z, 0, 1) if clamp or ignore else z


BC, GAUSS = "BinaryConcreteStochasticGates", "GaussianStochasticGates"


def one_row(n):
    return n[:1] if n.ndim > 1 else n


ZOO = {
    "the batch shares noise": (f"{BC}.forward", partial(forward, use=one_row), "noise-shared"),
    "the batch shares noise, Gaussian": (f"{GAUSS}.forward", partial(forward, use=one_row), "noise-shared"),
    "uniform for its logit": (f"{BC}.forward", partial(forward, use=expit), "uniform-for-logit"),
    "uniform for its quantile": (f"{GAUSS}.vjp", partial(vjp, use=ndtr), "uniform-for-logit"),
    "reversed noise": (f"{GAUSS}.forward", partial(forward, use=np.negative), "noise-reversed"),
    "gate without temperature": (f"{BC}.forward", partial(forward, cold=1.0), "gate-without-temperature"),
    "gradient without temperature": (f"{BC}.vjp", partial(vjp, cold=1.0), "gate-without-temperature"),
    "penalty without temperature": (
        f"{BC}.forward",
        partial(forward, stale=1.0),
        "penalty-without-temperature",
    ),
    "penalty with stale temperature": (f"{BC}.forward", partial(forward, stale=2 / 3), "stale-offset"),
    "penalty's gradient with stale temperature": (f"{BC}.vjp", partial(vjp, stale=2 / 3), "stale-offset"),
    "weight ignored": (f"{GAUSS}.forward", partial(forward, weight=False), "weight-ignored"),
    "weight ignored in the gradient": (f"{BC}.vjp", partial(vjp, weight=False), "weight-ignored"),
    "sum for mean": (f"{BC}.forward", partial(forward, reduction="sum"), "reduction-ignored"),
    "mean for sum": (f"{GAUSS}.forward", partial(forward, reduction="mean"), "mean-for-sum"),
    "penalty's gradient missing": (f"{BC}.vjp", partial(vjp, cost=0.0), "penalty-gradient-missing"),
    "gate detached": (f"{GAUSS}.vjp", partial(vjp, data=0.0), "gate-detached"),
    "not clipped in training": (
        f"{BC}.forward",
        lambda noise, **o: forward(noise=noise, clip=noise is None, **o),
        "not-clipped",
    ),
    "gradient through the clip": (f"{GAUSS}.vjp", partial(vjp, slope_clip=False), "clip-gradient-ignored"),
    "gradient through the clip, concrete": (
        f"{BC}.vjp",
        partial(vjp, slope_clip=False),
        "clip-gradient-ignored",
    ),
    "mu from half": (
        f"{GAUSS}.forward",
        lambda mu, **o: forward(mu=mu + np.asarray(0.5, mu.dtype), **o),
        "mu-from-half",
    ),
    "variance for std": (
        f"{GAUSS}.forward",
        lambda std, **o: forward(std=np.square(std), **o),
        "variance-for-scale",
    ),
    "bounds mirrored": (
        f"{BC}.forward",
        lambda lower_bound, upper_bound, **o: forward(
            lower_bound=1 - upper_bound, upper_bound=1 - lower_bound, **o
        ),
        "bounds-mirrored",
    ),
    "median for rule": (f"{BC}.get_gate_values", partial(concrete_values, warm=True), "another-rule"),
    "rule for median": (f"{BC}.get_gate_values.median", concrete_values, "another-rule"),
    "always clamped": (f"{BC}.get_gate_values", partial(concrete_values, ignore=True), "clamp-ignored"),
    "averaged over the batch": (
        f"{GAUSS}.vjp",
        lambda x, d_gated, **o: vjp(x=x, d_gated=d_gated / max(len(x), 1), **o),
        None,
    ),
}
