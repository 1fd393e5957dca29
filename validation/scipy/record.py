"""Record SciPy's distributions and special functions: ``python validation/scipy/record.py``."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import numpy as np
import recording
import scipy
from scipy import special, stats

CALLED = {
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
LAWS = {"normal": stats.norm, "logistic": stats.logistic, "gumbel": stats.gumbel_r}
QUANTITIES = recording.methods(LAWS, CALLED) | {
    "categorical.mean": lambda *, logits: special.softmax(logits, axis=-1),
    "categorical.log_probs": lambda *, logits: special.log_softmax(logits, axis=-1),
    "bernoulli.mean": lambda *, logits: special.expit(logits),
    "bernoulli.log_prob_one": lambda *, logits: special.log_expit(logits),
    "bernoulli.log_prob_zero": lambda *, logits: special.log_expit(-logits),
}
NOTES = {
    "normal, logistic, gumbel": "scipy.stats.norm, logistic, gumbel_r: pdf, logpdf, cdf, sf, logcdf, logsf, ppf, isf, mean, "
    "var, median, entropy, with loc and scale.",
    "bernoulli": "scipy.special.expit(logits) for the mean, log_expit(logits) and log_expit(-logits) for the logarithms.",
    "categorical": "scipy.special.softmax(logits, axis=-1) for the mean, log_softmax for the logarithms.",
}

FRAMEWORK = recording.Framework(
    {
        "name": "scipy",
        "version": scipy.__version__,
        "licence": "BSD-3-Clause",
        "source": "https://github.com/scipy/scipy",
        "numpy": np.__version__,
        "command": "python validation/scipy/record.py",
    },
    QUANTITIES,
    lambda quantity, arguments: {"value": quantity(**arguments)},
    notes=NOTES,
)

if __name__ == "__main__":
    recording.main(FRAMEWORK)
