"""Samplers written plainly, right and wrong."""

import numpy as np
from scipy.special import expit

import stgref
from stgref import estimators, noise
from stgref.conformance.sampling.judge import judge_sampler
from stgref.conformance.sampling.law_mistakes import base_of
from stgref.conformance.sampling.laws import LAWS
from stgref.conformance.sampling.plan import CASES, COUNT

NOISE = {"logistic": noise.logistic, "normal": noise.normal, "gumbel": noise.gumbel, "uniform": noise.uniform}


def law(name, *, change=lambda x: x, draw=None, parameters=lambda *p: p, after=lambda z: z):
    """A law's sampler; each option is a way to go wrong."""
    own = getattr(stgref, name)
    base = draw or NOISE[getattr(base_of(own), "__name__", "uniform").rpartition(".")[2]]

    def sample(shape, *params, rng):
        x = change(base(shape, rng=rng))
        return np.asarray(after(own.transform(x, *parameters(*params))), params[0].dtype)

    return sample


def categorical(*, change=lambda x: x, draw=noise.gumbel, sign=1):
    def sample(shape, logits, *, rng):
        return stgref.categorical.transform(change(draw(shape, rng=rng)), sign * logits).astype(logits.dtype)

    return sample


def estimator(name, *, change=lambda x: x, factor=1.0, spoil=lambda options: options):
    """An estimator's sampler, by its own noise; each option is a way to go wrong."""

    def sample(n, objective, logits, *, rng, **options):
        options = spoil(options)
        drawn = estimators.draw_noise(name, n, logits, rng=rng, **options)
        drawn = type(drawn)(*map(change, drawn)) if isinstance(drawn, tuple) else change(drawn)
        made = getattr(estimators, name)(objective, logits, drawn, **options)
        return np.asarray(made * (factor(options, logits) if callable(factor) else factor), logits.dtype)

    return sample


def passed_off(name, **changes):
    """Another estimator of the same mean."""

    def sample(n, objective, logits, *, rng, **options):
        options = {**options, **changes}
        drawn = estimators.draw_noise(name, n, logits, rng=rng, **options)
        return getattr(estimators, name)(objective, logits, drawn, **options)

    return sample


def row_by_row(n, objective, logits, *, rng, baseline=0.0, decay=0.99, includes_current=False):
    """The score function as written in papers, the moving average as a loop."""
    theta, c = expit(logits.astype("float64")), 0.0
    b = (rng.random((n, logits.size)) < theta).astype("float64")
    values, rows = objective(b), np.empty((n, logits.size))
    for i, value in enumerate(values):
        past, c = c, decay * c + (1 - decay) * value
        used = c if includes_current else past
        rows[i] = (value - (used if baseline == "moving_average" else baseline)) * (b[i] - theta)
    return rows.astype(logits.dtype)


def shared(x):
    """One variate for all columns; arrays without columns are left."""
    return np.broadcast_to(x[..., :1], x.shape).copy()


def one_row(x):
    return np.broadcast_to(x[:1], x.shape).copy()


def in_pairs(x):
    return np.repeat(x[::2], 2, axis=0)


def antithetic(x):
    """The second half mirrors the first: every column has the right law, but rows depend on each other."""
    x = x.copy()
    x[1::2] = -x[::2]
    return x


def seeded(right):
    return lambda *args, **options: right(*args, **{**options, "rng": np.random.default_rng(0)})


RIGHT = (
    {f"{name}.sample": law(name) for name in LAWS}
    | {"categorical.sample": categorical()}
    | {
        f"estimators.{name}.sample": estimator(name)
        for name in (row.name for row in estimators.table() if "." not in row.name)
    }
)


def spoiled(**changes):
    return lambda options: {**options, **changes}


def found(function, call, dtype="float64", name=None):
    """The checks of one sampler, in one case or all."""
    cases = [case for case in CASES if case.function == function and name in {None, case.name}]
    seed = np.random.SeedSequence().entropy
    checks = [judge_sampler(case, call, dtype, seed, 1e-6 / COUNT) for case in cases]
    return [check for each in checks for check in each]


def failing(checks):
    return {check.id.rpartition(".")[2] for check in checks if check.status == "fail"}
