"""optax's Monte Carlo estimators of Gaussian expectations (until 0.2.6), its own samples against the exact moments.

Its parameters are the means and the logarithms of the standard deviations.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import optax
    from optax import monte_carlo

from stgref.estimators import gaussian
from validation.estimators import rows, sampling
from validation.estimators.objectives import PAIR
from validation.estimators.rows import Row

SEED, SAMPLES = 20, 300_000
MU, STD = np.array([0.5, -0.25]), np.array([0.5, 1.25])


def objective(x: Any) -> Any:
    """`PAIR` at one point."""
    return jnp.sum(jnp.asarray(PAIR.weight) * (x - jnp.asarray(PAIR.t)) ** 2) + PAIR.product * jnp.prod(x)


def found() -> Iterator[Row]:
    """All rows."""
    cases: list[tuple[str, Callable[..., Any], dict[str, Any], str, dict[str, Any]]] = [
        ("pathwise_jacobians", monte_carlo.pathwise_jacobians, {}, "pathwise", {}),
        ("score_function_jacobians", monte_carlo.score_function_jacobians, {}, "score_function", {}),
    ]
    for coupled in (True, False):
        coupling = {"coupling": "coupled" if coupled else "independent"}
        function = monte_carlo.measure_valued_jacobians
        name = f"measure_valued_jacobians(coupling={coupled})"
        cases.append((name, function, {"coupling": coupled}, "measure_valued", coupling))
    params = [jnp.asarray(MU), jnp.asarray(np.log(STD))]
    for subject, function, given, name, options in cases:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            law = optax._src.utils.multi_normal  # noqa: SLF001 (the estimators know it by identity)
            jacobians = function(objective, params, law, jax.random.key(SEED), SAMPLES, **given)
        exact = gaussian.exact_moments(name, PAIR, MU, STD, **options)
        for what, jacobian, moments, scale in zip(
            ("means", "log standard deviations"), jacobians, exact, (1.0, STD), strict=True
        ):
            variance = scale**2 * np.diag(moments.covariance)
            numbers = sampling.judge(np.asarray(jacobian), scale * moments.mean, variance)
            reference = f"gaussian.{name}" + (f"(coupling={options['coupling']!r})" if options else "")
            yield Row(
                "optax",
                version("optax"),
                subject,
                reference.replace("'", '"'),
                f"pair, {what}",
                rows.SAMPLING,
                sampling.verdict(numbers),
                numbers,
            )
