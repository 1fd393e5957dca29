"""Bias and variance of gradient estimators, with confidence intervals, from a laptop to a cluster.

`run` draws estimates and returns a `Study`: for each estimator and coordinate its bias, variance and mean-squared error, beside
the exact values where there are any. `sweep` does so over a grid. What is kept is of constant size, and no bit of it depends on who computes.
"""

from stgref.study import optim, plots, schedules
from stgref.study.errors import StudyError
from stgref.study.exact import exact_records
from stgref.study.result import Result
from stgref.study.running import run
from stgref.study.studied import Study
from stgref.study.sweeping import Sweep, sweep
from stgref.study.train import Band, Training, train

__all__ = [
    "Band",
    "Result",
    "Study",
    "StudyError",
    "Sweep",
    "Training",
    "exact_records",
    "optim",
    "plots",
    "run",
    "schedules",
    "sweep",
    "train",
]
