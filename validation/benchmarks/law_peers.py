"""What other packages compute of the quantities of the laws, each under the quantity's name.

A peer takes the quantity's arguments, arrays of its own library and Python floats, and returns its result. Compositions
that everybody writes, such as a sigmoid of a quotient, count as a package's own: it is the package that computes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from stgref.numerics import tiles

Peer = Callable[..., Any]


class Library(NamedTuple):
    """A package: how an argument becomes its own, what waits for a result, and its peers by quantity."""

    name: str
    own: Callable[[Any], Any]
    done: Callable[[Any], Any]
    peers: dict[str, Peer]


SCIPY_NAMES = {
    "pdf": "pdf",
    "logpdf": "logpdf",
    "cdf": "cdf",
    "ccdf": "sf",
    "logcdf": "logcdf",
    "logccdf": "logsf",
    "icdf": "ppf",
    "iccdf": "isf",
    "mean": "mean",
    "variance": "var",
    "median": "median",
    "entropy": "entropy",
}


def scipy() -> list[Library]:
    """The distributions of `scipy.stats`, and the functions of `scipy.special`."""
    stats, special = importlib.import_module("scipy.stats"), importlib.import_module("scipy.special")
    laws = {"logistic": stats.logistic, "normal": stats.norm, "gumbel": stats.gumbel_r}
    of_stats = {
        f"{law}.{ours}": getattr(distribution, theirs)
        for law, distribution in laws.items()
        for ours, theirs in SCIPY_NAMES.items()
    }
    return [
        Library("scipy.stats", lambda x: x, lambda x: x, of_stats),
        Library("scipy.special", lambda x: x, lambda x: x, of_special(special)),
    ]


def of_special(special: Any) -> dict[str, Peer]:
    """Compositions of the functions of `scipy.special`, which torch has under the same names but for ``log_expit``."""
    expit, ndtr, log_ndtr, log_expit = special.expit, special.ndtr, special.log_ndtr, special.log_expit
    return {
        "logistic.cdf": lambda x, loc, scale: expit((x - loc) / scale),
        "logistic.ccdf": lambda x, loc, scale: expit((loc - x) / scale),
        "logistic.logcdf": lambda x, loc, scale: log_expit((x - loc) / scale),
        "logistic.logccdf": lambda x, loc, scale: log_expit((loc - x) / scale),
        "logistic.icdf": lambda p, loc, scale: loc + scale * special.logit(p),
        "normal.cdf": lambda x, loc, scale: ndtr((x - loc) / scale),
        "normal.ccdf": lambda x, loc, scale: ndtr((loc - x) / scale),
        "normal.logcdf": lambda x, loc, scale: log_ndtr((x - loc) / scale),
        "normal.logccdf": lambda x, loc, scale: log_ndtr((loc - x) / scale),
        "normal.icdf": lambda p, loc, scale: loc + scale * special.ndtri(p),
        "bernoulli.mean": expit,
        "bernoulli.prob_one": expit,
        "bernoulli.prob_zero": lambda logits: expit(-logits),
        "bernoulli.log_prob_one": log_expit,
        "bernoulli.log_prob_zero": lambda logits: log_expit(-logits),
        "binary_concrete.transform": lambda noise, a, t: expit((noise + a) / t),
        "binary_concrete.cdf": lambda x, a, t: expit(t * special.logit(x) - a),
        "binary_concrete.icdf": lambda p, a, t: expit((special.logit(p) + a) / t),
        "rectified_gaussian.prob_zero": lambda mu, std: ndtr(-mu / std),
        "rectified_gaussian.prob_active": lambda mu, std: ndtr(mu / std),
        "rectified_gaussian.log_prob_zero": lambda mu, std: log_ndtr(-mu / std),
        "rectified_gaussian.log_prob_active": lambda mu, std: log_ndtr(mu / std),
    }


def torch() -> list[Library]:
    """`torch.distributions`, and compositions of torch's functions, with as many threads as stgref has."""
    library = importlib.import_module("torch")
    library.set_num_threads(tiles.threads())
    functional = library.nn.functional

    class Special:
        """The functions by SciPy's names."""

        expit, logit, ndtr, log_ndtr, ndtri = (
            getattr(library.special, name) for name in ("expit", "logit", "ndtr", "log_ndtr", "ndtri")
        )
        log_expit = functional.logsigmoid

    def clamped(z: Any) -> Any:
        return z.clamp(0.0, 1.0)

    sigmoid = library.sigmoid
    compositions = {
        **of_special(Special),
        **{
            f"{law}.transform": (lambda n, loc, scale: loc + scale * n)
            for law in ("logistic", "normal", "gumbel")
        },
        "hard_concrete.transform": lambda n, a, t, l, u: clamped(sigmoid((n + a) / t) * (u - l) + l),
        "rectified_gaussian.transform": lambda n, mu, std: clamped(mu + std * n),
    }
    gradients = {
        f"{name.partition('.')[0]}.grad_transform": autograd(library, compositions[name])
        for name in compositions
        if name.endswith(".transform")
    }
    return [
        Library("torch", _to_torch, lambda x: x, compositions | gradients),
        Library(
            "torch.distributions", _to_torch, lambda x: x, of_distributions(library.distributions, library)
        ),
    ]


def _to_torch(x: Any) -> Any:
    return importlib.import_module("torch").from_numpy(x) if isinstance(x, np.ndarray) else x


def autograd(library: Any, function: Peer) -> Peer:
    """The value, and the derivative of its sum to the array arguments."""

    def both(*arguments: Any) -> Any:
        leaves = [a.detach().requires_grad_() if isinstance(a, library.Tensor) else a for a in arguments]
        value = function(*leaves)
        wanted = [a for a in leaves if isinstance(a, library.Tensor)]
        return value, library.autograd.grad(value, wanted, library.ones_like(value))

    return both


def of_distributions(distributions: Any, library: Any) -> dict[str, Peer]:
    """The methods of `torch.distributions`, made anew at each call, as a training loop does."""

    def scaled(law: Any) -> Callable[..., Any]:
        return lambda loc, scale: law(loc, library.as_tensor(scale, dtype=loc.dtype), validate_args=False)

    normal, gumbel = scaled(distributions.Normal), scaled(distributions.Gumbel)
    peers: dict[str, Peer] = {}
    for name, law in (("normal", normal), ("gumbel", gumbel)):
        peers |= {
            f"{name}.logpdf": lambda x, loc, scale, law=law: law(loc, scale).log_prob(x),
            f"{name}.cdf": lambda x, loc, scale, law=law: law(loc, scale).cdf(x),
            f"{name}.icdf": lambda p, loc, scale, law=law: law(loc, scale).icdf(p),
            f"{name}.mean": lambda loc, scale, law=law: law(loc, scale).mean,
            f"{name}.variance": lambda loc, scale, law=law: law(loc, scale).variance,
            f"{name}.entropy": lambda loc, scale, law=law: law(loc, scale).entropy(),
        }

    def coin(logits: Any) -> Any:
        return distributions.Bernoulli(logits=logits, validate_args=False)

    def relaxed(a: Any, t: float) -> Any:
        return distributions.RelaxedBernoulli(
            library.as_tensor(t, dtype=a.dtype), logits=a, validate_args=False
        )

    return peers | {
        "bernoulli.logpdf": lambda x, logits: coin(logits).log_prob(x),
        "bernoulli.mean": lambda logits: coin(logits).mean,
        "bernoulli.variance": lambda logits: coin(logits).variance,
        "bernoulli.entropy": lambda logits: coin(logits).entropy(),
        "binary_concrete.logpdf": lambda x, a, t: relaxed(a, t).log_prob(x),
    }


def numpyro() -> list[Library]:
    """`numpyro.distributions`, jitted."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    d = importlib.import_module("numpyro.distributions")
    peers: dict[str, Peer] = {}
    for name, law in (("logistic", d.Logistic), ("normal", d.Normal), ("gumbel", d.Gumbel)):
        peers |= {
            f"{name}.logpdf": jax.jit(lambda x, loc, scale, law=law: law(loc, scale).log_prob(x)),
            f"{name}.cdf": jax.jit(lambda x, loc, scale, law=law: law(loc, scale).cdf(x)),
            f"{name}.icdf": jax.jit(lambda p, loc, scale, law=law: law(loc, scale).icdf(p)),
            f"{name}.mean": jax.jit(lambda loc, scale, law=law: law(loc, scale).mean),
            f"{name}.variance": jax.jit(lambda loc, scale, law=law: law(loc, scale).variance),
        }
    peers |= {
        "normal.entropy": jax.jit(lambda loc, scale: d.Normal(loc, scale).entropy()),
        "bernoulli.logpdf": jax.jit(lambda x, logits: d.BernoulliLogits(logits).log_prob(x)),
        "bernoulli.mean": jax.jit(lambda logits: d.BernoulliLogits(logits).mean),
        "bernoulli.variance": jax.jit(lambda logits: d.BernoulliLogits(logits).variance),
        "bernoulli.entropy": jax.jit(lambda logits: d.BernoulliLogits(logits).entropy()),
        "binary_concrete.logpdf": jax.jit(lambda x, a, t: d.RelaxedBernoulliLogits(t, a).log_prob(x)),
    }
    own = lambda x: jax.numpy.asarray(x) if isinstance(x, np.ndarray) else x  # noqa: E731
    return [Library("numpyro", own, jax.block_until_ready, peers)]


def libraries() -> list[Library]:
    """Those that are installed."""
    found = []
    for make in (scipy, torch, numpyro):
        try:
            found += make()
        except ImportError as error:
            print(f"left out: {error}")
    return found
