"""A hard concrete gate in JAX, checked."""

import jax
import jax.numpy as jnp

from stgref.conformance import validate

jax.config.update("jax_enable_x64", True)


@jax.jit
def gate(noise, log_alpha, temperature, lower, upper):
    v = (noise + log_alpha) / temperature
    return jnp.clip(upper * jax.nn.sigmoid(v) + lower * jax.nn.sigmoid(-v), 0, 1)


@jax.jit
def penalty(log_alpha, temperature, lower, upper):
    return jnp.exp(jax.nn.log_sigmoid(log_alpha - temperature * jnp.log(-lower / upper)))


def gradient(f, *names):
    """Its partial derivatives by `jax.grad`, by name."""
    partials = jax.jit(jax.grad(lambda *args: jnp.sum(f(*args)), argnums=tuple(range(len(names)))))
    return lambda *args: dict(zip(names, partials(*args), strict=True))


subject = {
    "hard_concrete.transform": gate,
    "hard_concrete.grad_transform": gradient(gate, "noise", "log_alpha", "temperature", "lower", "upper"),
    "hard_concrete.prob_active": penalty,
    "hard_concrete.grad_prob_active": gradient(penalty, "log_alpha", "temperature", "lower", "upper"),
}

# What is claimed: gates as they are in training.
domain = {"log_alpha": (-10, 10), "noise": (-8, 8), "temperature": (0.1, 2)}

report = validate(subject, domain=domain, rng=0, functions="hard_concrete.*")
print("passed" if report.passed else "failed")
for function in sorted({check.function for check in report.checks if check.status == "fail"}):
    print("   wrong:", function)
