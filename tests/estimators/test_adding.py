"""A new estimator is one small file and one row: this is the file, and what it gets for it."""

from __future__ import annotations

import numpy as np
import pytest

from stgref import estimators
from stgref.estimators.objectives import Quadratic
from stgref.estimators.registry import Registry
from stgref.estimators.table import row

# --- a new file, stgref/estimators/mean_baseline.py ------------------------------------------------------------------

from stgref.estimators import rules  # isort: skip
from stgref.estimators.estimator import estimator  # isort: skip
from stgref.estimators.exact import product  # isort: skip
from stgref.estimators.options import Eta  # isort: skip
from stgref.estimators.problem import Problem  # isort: skip
from stgref.estimators.sample import sample, score  # isort: skip
from stgref.numerics import sigmoid  # isort: skip
from stgref.numerics.namespace import Array, Namespace  # isort: skip


@estimator(
    exact=product(rules.samples),
    needs="f",
    evaluations="2",
    bias="unbiased",
    equation=r"(f(b) - \eta f(\theta))(b - \theta)",
    source="""S. Gu, S. Levine, I. Sutskever, A. Mnih, "MuProp", ICLR 2016, section 3.""",
)
def mean_baseline(xp: Namespace, f: Problem, phi: Array, noise: Array, *, eta: Eta = 1.0) -> Array:
    r"""Score function with the value at the mean as its baseline.

    .. math:: \hat g = (f(b) - \eta f(\theta))(b - \theta)
    """
    b, theta = sample(xp, phi, noise), sigmoid.expit(xp, phi)
    return (f(b) - eta * f(theta))[:, None] * score(xp, phi, b)


# --- its row is its name in `stgref.estimators.table.ROWS` -----------------------------------------------------------

F, PHI = Quadratic([0.45, 0.3]), np.asarray([0.3, -1.1])


def test_it_is_a_function_of_objective_logits_noise() -> None:
    noise = np.asarray([[1.0, 1.0], [-1.0, 2.0]])
    theta = 1.0 / (1.0 + np.exp(-PHI))
    b = (PHI + noise > 0.0).astype(float)
    wanted = (F(b) - F(theta))[:, None] * (b - theta)
    np.testing.assert_allclose(mean_baseline(F, PHI, noise), wanted, rtol=1e-14)


def test_it_has_noise_and_exact_moments_by_name() -> None:
    registry = Registry("estimators", [mean_baseline])
    noise = registry.find("draw_noise", "mean_baseline").draw_noise(100_000, PHI, rng=None)
    mean, covariance = registry.find("exact_moments", "mean_baseline").exact_moments(F, PHI)
    np.testing.assert_allclose(mean, estimators.exact_gradient(F, PHI), rtol=1e-13)
    average = np.mean(mean_baseline(F, PHI, noise), axis=0)
    # Six standard errors, in two coordinates: a false alarm in 2.5e8 runs.
    assert np.all(np.abs(average - mean) < 6.0 * np.sqrt(np.diag(covariance) / 100_000))


def test_it_checks_what_it_is_given() -> None:
    with pytest.raises(TypeError, match=r"estimators.mean_baseline: objective takes a callable"):
        mean_baseline(1.0, PHI, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"estimators.mean_baseline: eta must be finite"):
        mean_baseline(F, PHI, np.zeros((2, 2)), eta=np.inf)
    with pytest.raises(ValueError, match=r"estimators.mean_baseline: noise must have shape \(n, D=2\)"):
        mean_baseline(F, PHI, np.zeros((2, 3)))


def test_it_is_documented() -> None:
    assert row(mean_baseline).noise == "standard logistic (n, D)"
    for section in ("Parameters", "Returns", "Raises", "References", "eta : float, default 1.0"):
        assert section in (mean_baseline.__doc__ or "")
