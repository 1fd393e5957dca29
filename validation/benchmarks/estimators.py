"""Time gradient estimators of 200 Bernoulli logits, noise included, against jitted JAX and storchastic.

Write `estimators.json` and `estimators.md` next to this file. In each cell the subjects take turns in one process; a ratio
is the median over the turns of the subject's time by stgref's in the same turn. The objective is the mean of squares
(b - 0.499)^2 of M. K. Titsias, J. Shi, "Double control variates for gradient estimation in discrete latent variable
models", AISTATS 2022, section 5.1.
"""

import argparse
import datetime as dt
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine
from measuring import header, rounded, table, timed, version
from peak import peak

from stgref import estimators
from stgref.numerics import tiles

HERE = Path(__file__).parent
VARIABLES, TARGET = 200, 0.499
SAMPLES = (1000, 10000)
DTYPES = ("float32", "float64")
SECONDS = 2.0
"""How long the turns of one cell go on, but for three at least."""

TEMPERATURE, ETA, K, DRAWS = 0.5, 1.0, 2, 10
OBJECTIVE = estimators.objectives.MeanQuadratic(TARGET)
OPTIONS: dict[str, dict[str, Any]] = {
    "score_function": {},
    "rloo": {"k": K},
    "arm": {},
    "disarm": {},
    "rebar": {"temperature": TEMPERATURE, "eta": ETA},
    "relax": {"control_variate": estimators.Relaxed(OBJECTIVE, TEMPERATURE, ETA)},
    "straight_through": {"derivative": "sigmoid"},
    "gumbel_rao": {"temperature": TEMPERATURE, "k": DRAWS},
}
NOISE_OPTIONS = ("k",)

Step = Callable[[], Any]


def logits(dtype: str) -> np.ndarray:
    """The point at which gradients are taken."""
    return np.linspace(-2.0, 2.0, VARIABLES).astype(dtype)


def noise_of(name: str, phi: np.ndarray, n: int, rng: Any) -> Any:
    """Noise as stgref draws it."""
    options = {key: value for key, value in OPTIONS[name].items() if key in NOISE_OPTIONS}
    return estimators.draw_noise(name, n, phi, rng=rng, **options)


def ours(name: str, phi: np.ndarray, n: int) -> Step:
    """Estimates with stgref."""
    estimate, options, rng = getattr(estimators, name), OPTIONS[name], np.random.default_rng(0)
    return lambda: estimate(OBJECTIVE, phi, noise_of(name, phi, n, rng), **options)


def ours_given_noise(name: str, phi: np.ndarray, n: int) -> Step:
    """Estimates with stgref, of noise that was drawn before."""
    estimate, options, noise = getattr(estimators, name), OPTIONS[name], noise_of(name, phi, n, 0)
    return lambda: estimate(OBJECTIVE, phi, noise, **options)


def jax(name: str, phi: np.ndarray, n: int) -> Step:
    """Estimates with JAX: one sample as one would write it, vmapped over keys, all of it jitted."""
    import jax  # noqa: PLC0415 (a subject may be missing)

    jax.config.update("jax_enable_x64", True)
    jnp, draw, expit = jax.numpy, jax.random, jax.nn.sigmoid
    dtype, shape = phi.dtype, phi.shape

    def f(b: Any) -> Any:
        return jnp.mean((b - TARGET) ** 2)

    def relaxed(z: Any) -> Any:
        return ETA * f(expit(z / TEMPERATURE))

    def uniform(key: Any, *size: int) -> Any:
        return draw.uniform(key, size or shape, dtype, jnp.finfo(dtype).tiny)

    def bernoulli(key: Any, phi: Any) -> Any:
        return draw.bernoulli(key, expit(phi)).astype(dtype)

    def logit(u: Any) -> Any:
        return jnp.log(u) - jnp.log1p(-u)

    def conditional(v: Any, b: Any, phi: Any) -> Any:
        # The uniform noise that is left, given the sample.
        theta = expit(phi)
        return phi + logit(jnp.where(b > 0, v * theta + (1 - theta), v * (1 - theta)))

    def score_function(key: Any, phi: Any) -> Any:
        b = bernoulli(key, phi)
        return f(b) * (b - expit(phi))

    def rloo(key: Any, phi: Any) -> Any:
        b = jax.vmap(bernoulli, (0, None))(draw.split(key, K), phi)
        values = jax.vmap(f)(b)
        return (values - values.mean()) @ (b - expit(phi)) / (K - 1)

    def antithetic(u: Any, phi: Any) -> tuple[Any, Any]:
        return (u > expit(-phi)).astype(dtype), (u < expit(phi)).astype(dtype)

    def arm(key: Any, phi: Any) -> Any:
        u = uniform(key)
        b, other = antithetic(u, phi)
        return (f(b) - f(other)) * (u - 0.5)

    def disarm(key: Any, phi: Any) -> Any:
        b, other = antithetic(uniform(key), phi)
        return 0.5 * (f(b) - f(other)) * (b - other) * expit(jnp.abs(phi))

    def rebar(key: Any, phi: Any) -> Any:
        first, second = draw.split(key)
        u, v = logit(uniform(first)), uniform(second)
        b = (phi + u > 0).astype(dtype)
        pathwise = jax.grad(lambda phi: relaxed(phi + u))(phi)
        value, conditioned = jax.value_and_grad(lambda phi: relaxed(conditional(v, b, phi)))(phi)
        return (f(b) - value) * (b - expit(phi)) + pathwise - conditioned

    def straight_through(key: Any, phi: Any) -> Any:
        b = bernoulli(key, phi)

        def surrogate(phi: Any) -> Any:
            theta = expit(phi)
            return f(b + theta - jax.lax.stop_gradient(theta))

        return jax.grad(surrogate)(phi)

    def gumbel_rao(key: Any, phi: Any) -> Any:
        first, second = draw.split(key)
        b = bernoulli(first, phi)
        s = expit(conditional(uniform(second, DRAWS, *shape), b, phi) / TEMPERATURE)
        return jax.grad(f)(b) * jnp.mean(s * (1 - s), axis=0) / TEMPERATURE

    one = {
        "score_function": score_function,
        "rloo": rloo,
        "arm": arm,
        "disarm": disarm,
        "rebar": rebar,
        "relax": rebar,  # the same control variate
        "straight_through": straight_through,
        "gumbel_rao": gumbel_rao,
    }[name]

    @jax.jit
    def whole(key: Any, phi: Any) -> Any:
        key, now = draw.split(key)
        return key, jax.vmap(one, (0, None))(draw.split(now, n), phi)

    state, given = [draw.key(0)], jnp.asarray(phi)
    compiled = whole.lower(state[0], given).compile()

    def step() -> Any:
        state[0], result = jax.block_until_ready(compiled(state[0], given))
        return result

    # It keeps memory that it has had once: what it says itself is what a step takes.
    memory = compiled.memory_analysis()
    step.peak = (memory.temp_size_in_bytes + memory.output_size_in_bytes) / 2**20  # type: ignore[attr-defined]
    return step


def storchastic(name: str, phi: np.ndarray, n: int) -> Step:
    """The mean estimate with storchastic, which has no single ones."""
    import storch  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from storch import method  # noqa: PLC0415

    torch.set_num_threads(tiles.threads())
    torch.set_default_dtype(getattr(torch, phi.dtype.name))
    methods = {
        "score_function": lambda: method.ScoreFunction("b", n_samples=n, baseline_factory=None),
        "arm": lambda: method.ARM("b", n_samples=n),
        "disarm": lambda: method.DisARM("b", n_samples=n),
        "rebar": lambda: method.REBAR("b", n_samples=n),
        "relax": lambda: method.RELAX("b", n_samples=n, c_phi=_relaxed_torch(torch)),
    }
    if name not in methods:
        raise NotImplementedError("it has no such estimator")
    how, given = methods[name](), torch.from_numpy(phi).requires_grad_()

    def step() -> Any:
        given.grad = None
        b = how(torch.distributions.Bernoulli(logits=given))
        storch.add_cost(torch.mean((b - TARGET) ** 2, -1), "f")
        storch.backward()
        return given.grad

    return step


def _relaxed_torch(torch: Any) -> Callable[[Any], Any]:
    # storchastic's latents are relaxed samples already.
    return lambda s: ETA * torch.mean((s - TARGET) ** 2, -1)


SUBJECTS = {
    "stgref": ours,
    "stgref, given noise": ours_given_noise,
    "JAX jitted": jax,
    "storchastic": storchastic,
}
OTHERS = ("JAX jitted", "storchastic")


def steps(name: str, phi: np.ndarray, n: int) -> dict[str, Step]:
    """The subjects that work here, each after two steps; why the others do not is printed."""
    found = {}
    for subject, make in SUBJECTS.items():
        try:
            step = make(name, phi, n)
            step()
            step()
        except Exception as error:  # noqa: BLE001 (whatever a subject may raise)
            print(f"{subject}: {name}: left out: {type(error).__name__}: {str(error).splitlines()[:1]}")
        else:
            found[subject] = step
    return found


def cell(name: str, dtype: str, n: int) -> dict[str, Any]:
    """One row: medians in milliseconds, how many times as long as stgref each of the others took, and peaks in MiB."""
    subjects, turns = steps(name, logits(dtype), n), []
    end = time.perf_counter() + SECONDS
    while len(turns) < 3 or time.perf_counter() < end:
        turns.append({subject: timed(step) for subject, step in subjects.items()})
    row: dict[str, Any] = {"estimator": name, "dtype": dtype, "samples": n, "turns": len(turns)}
    medians = {subject: statistics.median(turn[subject] for turn in turns) for subject in subjects}
    row["stgref, samples / s"] = rounded(n / medians["stgref"])
    for subject in SUBJECTS:
        row[f"{subject} / ms"] = rounded(1e3 * medians[subject]) if subject in subjects else None
    for subject in OTHERS:
        ratios = [turn[subject] / turn["stgref"] for turn in turns] if subject in subjects else None
        row[f"{subject} / stgref"] = ratios and rounded(statistics.median(ratios))
    for subject in ("stgref", *OTHERS):
        most = memory(subjects[subject]) if subject in subjects else None
        row[f"{subject}, peak / MiB"] = most if most is None else rounded(most)
    return row


def memory(step: Step) -> float | None:
    """MiB that a step takes: as its maker says, or as the system counts it."""
    return getattr(step, "peak", None) or peak(step)


def rows(samples: tuple[int, ...], names: list[str]) -> Iterator[dict[str, Any]]:
    """All cells."""
    for name in names:
        for dtype in DTYPES:
            for n in samples:
                row = cell(name, dtype, n)
                print(row, flush=True)
                yield row


def markdown(document: dict[str, Any]) -> str:
    """Write the table."""
    return f"{header('How fast estimators are', document)}\n{table(document['rows'], 3)}"


def main() -> None:
    """Measure, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=list(OPTIONS), help="these estimators, printed, not written"
    )
    given = parser.parse_args()
    document = {
        "command": "python validation/benchmarks/estimators.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "threads": tiles.threads(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in ("stgref", "numpy", "jax", "torch", "storchastic")},
        },
        "rows": list(rows(SAMPLES, given.only or list(OPTIONS))),
    }
    document["load after"] = machine()["load before"]
    if not given.only:
        (HERE / "estimators.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (HERE / "estimators.md").write_text(markdown(document), encoding="utf-8")


if __name__ == "__main__":
    main()
