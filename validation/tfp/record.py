"""Record TensorFlow Probability on JAX: ``python validation/tfp/record.py``."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import jax
import jax_ways
import recording
import tensorflow_probability.substrates.jax as tfp

tfd = tfp.distributions
LAWS = {"normal": tfd.Normal, "logistic": tfd.Logistic, "gumbel": tfd.Gumbel}
CALLED = {
    "pdf": "prob",
    "logpdf": "log_prob",
    "cdf": "cdf",
    "ccdf": "survival_function",
    "logcdf": "log_cdf",
    "logccdf": "log_survival_function",
}
MOMENTS = {"mean": "mean", "variance": "variance", "entropy": "entropy"}


def relaxed(*, log_alpha, temperature):
    """Make a relaxed Bernoulli law of the public parameters."""
    return tfd.RelaxedBernoulli(temperature, logits=log_alpha)


QUANTITIES = (
    recording.methods(LAWS, CALLED | MOMENTS | {"icdf": "quantile"})
    | recording.methods({"binary_concrete": relaxed}, CALLED)
    | recording.methods({"bernoulli": tfd.Bernoulli}, MOMENTS)
    | recording.methods({"concrete": tfd.RelaxedOneHotCategorical}, {"pdf": "prob", "logpdf": "log_prob"})
    | recording.methods(
        {"exp_concrete": tfd.ExpRelaxedOneHotCategorical}, {"pdf": "prob", "logpdf": "log_prob"}
    )
    | recording.methods({"categorical": tfd.OneHotCategorical}, {"mean": "mean", "entropy": "entropy"})
    | {
        "bernoulli.log_prob_one": lambda *, logits: tfd.Bernoulli(logits=logits).log_prob(1),
        "bernoulli.log_prob_zero": lambda *, logits: tfd.Bernoulli(logits=logits).log_prob(0),
        "bernoulli.prob_one": lambda *, logits: tfd.Bernoulli(logits=logits).prob(1),
        "bernoulli.prob_zero": lambda *, logits: tfd.Bernoulli(logits=logits).prob(0),
    }
)
NOTES = {
    "normal, logistic, gumbel": "Normal, Logistic, Gumbel: prob, log_prob, cdf, survival_function, log_cdf, "
    "log_survival_function, quantile, mean, variance, entropy.",
    "binary_concrete": "RelaxedBernoulli(temperature, logits=log_alpha): the same, but quantile and moments.",
    "bernoulli": "Bernoulli(logits=logits): mean, variance, entropy, prob and log_prob of 1 and 0.",
    "concrete, exp_concrete": "RelaxedOneHotCategorical and ExpRelaxedOneHotCategorical(temperature, logits=logits): prob, log_prob.",
    "categorical": "OneHotCategorical(logits=logits): mean, entropy.",
    "grad_*": "jax.grad. 64-bit types are enabled; nothing is compiled.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "tfp",
        "version": metadata.version("tensorflow-probability"),
        "licence": "Apache-2.0",
        "source": "https://github.com/tensorflow/probability",
        "jax": jax.__version__,
        "command": "python validation/tfp/record.py",
    },
    QUANTITIES,
    jax_ways.value,
    jax_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    recording.main(FRAMEWORK)
