"""Record jax.scipy.stats and jax.nn: ``python validation/jax/record.py``."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import jax
import jax_ways
import recording
from jax import nn
from jax.scipy import stats

CALLED = {
    "pdf": "pdf",
    "logpdf": "logpdf",
    "cdf": "cdf",
    "ccdf": "sf",
    "logcdf": "logcdf",
    "logccdf": "logsf",
    "icdf": "ppf",
    "iccdf": "isf",
}
LAWS = {"normal": stats.norm, "logistic": stats.logistic, "gumbel": stats.gumbel_r}


def called_with(function):
    """Call a function of jax.scipy.stats by position: the names of its first argument differ."""
    return lambda *, loc, scale, **first: function(*first.values(), loc, scale)


QUANTITIES = {
    f"{name}.{quantity}": called_with(getattr(law, called))
    for name, law in LAWS.items()
    for quantity, called in CALLED.items()
    if hasattr(law, called)
} | {
    "categorical.mean": lambda *, logits: nn.softmax(logits),
    "categorical.log_probs": lambda *, logits: nn.log_softmax(logits),
    "bernoulli.mean": lambda *, logits: nn.sigmoid(logits),
    "bernoulli.log_prob_one": lambda *, logits: nn.log_sigmoid(logits),
    "bernoulli.log_prob_zero": lambda *, logits: nn.log_sigmoid(-logits),
}
NOTES = {
    "normal, logistic, gumbel": "jax.scipy.stats.norm, logistic, gumbel_r: those of pdf, logpdf, cdf, sf, logcdf, logsf, ppf, "
    "isf that there are.",
    "bernoulli": "jax.nn.sigmoid(logits) for the mean, log_sigmoid(logits) and log_sigmoid(-logits) for the logarithms.",
    "categorical": "jax.nn.softmax(logits) for the mean, log_softmax(logits) for the logarithms.",
    "grad_*": "jax.grad. 64-bit types are enabled; nothing is compiled.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "jax",
        "version": jax.__version__,
        "licence": "Apache-2.0",
        "source": "https://github.com/jax-ml/jax",
        "command": "python validation/jax/record.py",
    },
    QUANTITIES,
    jax_ways.value,
    jax_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    recording.main(FRAMEWORK)
