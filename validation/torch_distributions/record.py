"""Record torch.distributions: ``python validation/torch_distributions/record.py``."""

import sys
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parents[1]))

import recording
import torch
import torch_ways
from torch.distributions import (
    AffineTransform,
    Bernoulli,
    Gumbel,
    Normal,
    OneHotCategorical,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
    SigmoidTransform,
    TransformedDistribution,
    Uniform,
)
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
from torch.distributions.relaxed_categorical import ExpRelaxedCategorical


def logistic(*, loc, scale):
    """Make the logistic law as the documentation of `TransformedDistribution` does."""
    base = Uniform(torch.zeros_like(loc), torch.ones_like(loc))
    return TransformedDistribution(base, [SigmoidTransform().inv, AffineTransform(loc=loc, scale=scale)])


def sampled(*, noise, loc, scale):
    """Sample with noise that is given: torch draws it with `_standard_normal`."""
    with mock.patch("torch.distributions.normal._standard_normal", return_value=noise):
        return Normal(loc, scale).rsample()


def relaxed(law):
    """Make a relaxed Bernoulli law of the public parameters."""
    return lambda *, log_alpha, temperature: law(temperature, logits=log_alpha)


MOMENTS = {"mean": "mean", "variance": "variance", "entropy": "entropy"}
CALLED = {"logpdf": "log_prob", "cdf": "cdf", "icdf": "icdf"}
QUANTITIES = (
    recording.methods({"normal": Normal, "gumbel": Gumbel}, CALLED | MOMENTS)
    | recording.methods({"logistic": logistic}, CALLED)
    | recording.methods({"bernoulli": Bernoulli}, MOMENTS)
    | recording.methods({"binary_concrete": relaxed(RelaxedBernoulli)}, {"logpdf": "log_prob"})
    | recording.methods({"binary_concrete": relaxed(LogitRelaxedBernoulli)}, {"logpdf_logit": "log_prob"})
    | recording.methods({"concrete": RelaxedOneHotCategorical}, {"logpdf": "log_prob"})
    | recording.methods({"exp_concrete": ExpRelaxedCategorical}, {"logpdf": "log_prob"})
    | recording.methods({"categorical": OneHotCategorical}, {"mean": "mean", "entropy": "entropy"})
    | {
        "categorical.log_probs": lambda *, logits: OneHotCategorical(logits=logits).logits,
        "normal.transform": sampled,
        "bernoulli.log_prob_one": lambda *, logits: Bernoulli(logits=logits).log_prob(
            torch.ones_like(logits)
        ),
        "bernoulli.log_prob_zero": lambda *, logits: Bernoulli(logits=logits).log_prob(
            torch.zeros_like(logits)
        ),
    }
)
NOTES = {
    "normal, gumbel": "Normal, Gumbel: log_prob, cdf, icdf, mean, variance, entropy().",
    "normal.transform": "rsample(), with the case's noise in place of the draws of _standard_normal.",
    "logistic": "TransformedDistribution(Uniform(0, 1), [SigmoidTransform().inv, AffineTransform(loc, scale)]), which the "
    "documentation gives as the example of TransformedDistribution.",
    "bernoulli": "Bernoulli(logits=logits): mean, variance, entropy(), log_prob(1), log_prob(0).",
    "binary_concrete": "RelaxedBernoulli and LogitRelaxedBernoulli(temperature, logits=log_alpha): log_prob.",
    "concrete, exp_concrete": "RelaxedOneHotCategorical and ExpRelaxedCategorical(temperature, logits=logits): log_prob.",
    "categorical": "OneHotCategorical(logits=logits): mean, entropy(), and logits, which are normalised.",
    "grad_*": "torch.autograd.grad; 0 by an argument that it finds no use of.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "torch",
        "version": torch.__version__.partition("+")[0],
        "licence": "BSD-3-Clause",
        "source": "https://github.com/pytorch/pytorch",
        "build": torch.__version__,
        "command": "python validation/torch_distributions/record.py",
    },
    QUANTITIES,
    torch_ways.value,
    torch_ways.gradient,
    NOTES,
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    recording.main(FRAMEWORK)
