"""Record distrax: ``python validation/distrax/record.py``."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import distrax
import jax
import jax_ways
import recording

LAWS = {"normal": distrax.Normal, "logistic": distrax.Logistic, "gumbel": distrax.Gumbel}
CALLED = {
    "pdf": "prob",
    "logpdf": "log_prob",
    "cdf": "cdf",
    "ccdf": "survival_function",
    "logcdf": "log_cdf",
    "logccdf": "log_survival_function",
}
MOMENTS = {"mean": "mean", "variance": "variance", "entropy": "entropy"}
QUANTITIES = (
    recording.methods(LAWS, CALLED | MOMENTS | {"median": "median"})
    | recording.methods({"bernoulli": distrax.Bernoulli}, MOMENTS)
    | {
        "bernoulli.log_prob_one": lambda *, logits: distrax.Bernoulli(logits=logits).log_prob(1),
        "bernoulli.log_prob_zero": lambda *, logits: distrax.Bernoulli(logits=logits).log_prob(0),
        "bernoulli.prob_one": lambda *, logits: distrax.Bernoulli(logits=logits).prob(1),
        "bernoulli.prob_zero": lambda *, logits: distrax.Bernoulli(logits=logits).prob(0),
    }
)
NOTES = {
    "normal, logistic, gumbel": "Normal, Logistic, Gumbel: prob, log_prob, cdf, survival_function, log_cdf, "
    "log_survival_function, mean, variance, median, entropy.",
    "bernoulli": "Bernoulli(logits=logits): mean, variance, entropy, prob and log_prob of 1 and 0.",
    "grad_*": "jax.grad. 64-bit types are enabled; nothing is compiled.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "distrax",
        "version": metadata.version("distrax"),
        "licence": "Apache-2.0",
        "source": "https://github.com/google-deepmind/distrax",
        "jax": jax.__version__,
        "tfp": metadata.version("tfp-nightly"),
        "command": "python validation/distrax/record.py",
    },
    QUANTITIES,
    jax_ways.value,
    jax_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    recording.main(FRAMEWORK)
