"""Record NumPyro's distributions: ``python validation/numpyro/record.py``."""

import sys
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parents[1]))

import jax
import jax_ways
import numpyro
import numpyro.distributions as dist
import recording


def relaxed(*, log_alpha, temperature):
    """Make a relaxed Bernoulli law of the public parameters."""
    return dist.RelaxedBernoulliLogits(temperature, log_alpha)


def sampled(make, draw):
    """Sample with noise that is given: NumPyro draws it with a function of `jax.random`."""

    def quantity(*, noise, **parameters):
        with mock.patch(f"jax.random.{draw}", return_value=noise):
            return make(**parameters).sample(jax.random.key(0))

    return quantity


CALLED = {"logpdf": "log_prob", "cdf": "cdf", "icdf": "icdf"}
MOMENTS = {"mean": "mean", "variance": "variance"}
ENTROPY = {"entropy": "entropy"}
QUANTITIES = (
    recording.methods({"normal": dist.Normal, "logistic": dist.Logistic}, CALLED | MOMENTS | ENTROPY)
    | recording.methods({"normal": dist.Normal}, {"logcdf": "log_cdf"})
    | recording.methods({"gumbel": dist.Gumbel}, CALLED | MOMENTS)
    | recording.methods({"binary_concrete": relaxed}, CALLED)
    | recording.methods({"bernoulli": dist.BernoulliLogits}, MOMENTS | ENTROPY)
    | {
        "normal.transform": sampled(dist.Normal, "normal"),
        "logistic.transform": sampled(dist.Logistic, "logistic"),
        "gumbel.transform": sampled(dist.Gumbel, "gumbel"),
        "binary_concrete.transform": sampled(relaxed, "logistic"),
        "bernoulli.log_prob_one": lambda *, logits: dist.BernoulliLogits(logits).log_prob(1),
        "bernoulli.log_prob_zero": lambda *, logits: dist.BernoulliLogits(logits).log_prob(0),
    }
)
NOTES = {
    "normal, logistic, gumbel": "Normal, Logistic, Gumbel: log_prob, cdf, icdf, mean, variance; entropy() but of Gumbel, log_cdf of Normal.",
    "binary_concrete": "RelaxedBernoulliLogits(temperature, logits=log_alpha): log_prob, cdf, icdf.",
    "*.transform": "sample(), with the case's noise in place of the draws of jax.random.normal, logistic or gumbel.",
    "bernoulli": "BernoulliLogits: mean, variance, entropy(), log_prob(1), log_prob(0).",
    "grad_*": "jax.grad. 64-bit types are enabled; nothing is compiled.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "numpyro",
        "version": numpyro.__version__,
        "licence": "Apache-2.0",
        "source": "https://github.com/pyro-ppl/numpyro",
        "jax": jax.__version__,
        "command": "python validation/numpyro/record.py",
    },
    QUANTITIES,
    jax_ways.value,
    jax_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    recording.main(FRAMEWORK)
