"""One estimate from explicit uniforms, formula by formula as in the papers (section 2 of the reference).

Every function takes the `Problem` first, then its uniforms, each a sequence of D numbers in (0, 1) (or k of those), then
its options, and returns D numbers. ``b_i = 1[u_i > 1 - theta_i]`` throughout, so u = sigma(logistic noise).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .problem import Number, Problem

Vector = Sequence[Any]


def bits(p: Problem, u: Vector) -> list[int]:
    return [int(u[i] > p.q[i]) for i in range(p.size)]


def latent(p: Problem, u: Vector) -> list[Number]:
    return [p.phi[i] + p.logit(u[i]) for i in range(p.size)]


# Score functions -----------------------------------------------------------------------------------------------------


def optimal_baseline(p: Problem) -> list[Number]:
    """c_i* = E[f (b_i - theta_i)^2] / E[(b_i - theta_i)^2], Bengio, Leonard and Courville."""
    return [
        sum(w * p.f(*b) * (b[i] - p.theta[i]) ** 2 for w, b in p.bits())
        / sum(w * (b[i] - p.theta[i]) ** 2 for w, b in p.bits())
        for i in range(p.size)
    ]


def score_function(p: Problem, u: Vector, *, baseline: Any = 0.0) -> list[Number]:
    """(f(b) - c)(b - theta)."""
    if baseline == "optimal":
        c = optimal_baseline(p)
    else:
        c = list(baseline) if isinstance(baseline, Sequence) else [baseline] * p.size
    b = bits(p, u)
    return [(p.f(*b) - c[i]) * (b[i] - p.theta[i]) for i in range(p.size)]


def moving_average(p: Problem, rows: Sequence[Vector], *, decay: float) -> list[list[Number]]:
    """Row by row with c_0 = 0; a row is centred by what was known before it."""
    c, estimates = p.m.mpf(0), []
    for u in rows:
        b = bits(p, u)
        estimates.append([(p.f(*b) - c) * (b[i] - p.theta[i]) for i in range(p.size)])
        c = decay * c + (1 - p.m.mpf(decay)) * p.f(*b)
    return estimates


def leave_one_out(p: Problem, samples: Sequence[Vector], values: Sequence[Number]) -> list[Number]:
    """mean_k (f_k - mean_{j != k} f_j)(b_k - theta)."""
    k = len(samples)
    total = [p.m.mpf(0)] * p.size
    for a in range(k):
        others = sum(values[j] for j in range(k) if j != a) / (k - 1)
        for i in range(p.size):
            total[i] += (values[a] - others) * (samples[a][i] - p.theta[i]) / k
    return total


def rloo(p: Problem, u: Sequence[Vector]) -> list[Number]:
    samples = [bits(p, row) for row in u]
    return leave_one_out(p, samples, [p.f(*b) for b in samples])


def double_cv_of(p: Problem, samples: Sequence[Vector], alpha: float) -> list[Number]:
    k = len(samples)
    gradients = [p.df(*b) for b in samples]
    values = []
    for a, b in enumerate(samples):
        value = p.f(*b)
        for i in range(p.size):
            others = sum(gradients[j][i] for j in range(k) if j != a) / (k - 1)
            value += alpha * others * (b[i] - p.theta[i])
        values.append(value)
    centred = leave_one_out(p, samples, values)
    return [
        centred[i] - alpha * sum(g[i] for g in gradients) / k * p.theta[i] * p.q[i] for i in range(p.size)
    ]


def double_cv(p: Problem, u: Sequence[Vector], *, alpha: float) -> list[Number]:
    """Titsias and Shi: f_k + alpha gbar_{-k} . (b_k - theta), leave-one-out, minus alpha gbar s2."""
    return double_cv_of(p, [bits(p, row) for row in u], alpha)


def vimco_of(p: Problem, samples: Sequence[Vector], average: str) -> list[Number]:
    k, m = len(samples), p.m
    l = [p.f(*b) for b in samples]
    bound = m.log(sum(m.exp(x) for x in l) / k)
    total = [m.mpf(0)] * p.size
    for a in range(k):
        rest = [l[j] for j in range(k) if j != a]
        if average == "geometric":
            stand_in = sum(rest) / (k - 1)
        else:
            stand_in = m.log(sum(m.exp(x) for x in rest) / (k - 1))
        without = m.log((sum(m.exp(x) for x in rest) + m.exp(stand_in)) / k)
        for i in range(p.size):
            total[i] += (bound - without) * (samples[a][i] - p.theta[i])
    return total


def vimco(p: Problem, u: Sequence[Vector], *, average: str = "geometric") -> list[Number]:
    """sum_k (Lhat - Lhat^[-k]) (b_k - theta), the objective being the log weight."""
    return vimco_of(p, [bits(p, row) for row in u], average)


# Antithetic pairs and tuples -----------------------------------------------------------------------------------------


def arm(p: Problem, u: Vector) -> list[Number]:
    """(f(1[u > 1 - theta]) - f(1[u < theta]))(u - 1/2)."""
    first = [int(u[i] > p.q[i]) for i in range(p.size)]
    second = [int(u[i] < p.theta[i]) for i in range(p.size)]
    difference = p.f(*first) - p.f(*second)
    return [difference * (u[i] - p.m.mpf("0.5")) for i in range(p.size)]


def disarm(p: Problem, u: Vector) -> list[Number]:
    """(1/2)(f(b) - f(b~)) (-1)^b~_i 1[b_i != b~_i] sigma(|phi_i|)."""
    first = [int(u[i] > p.q[i]) for i in range(p.size)]
    second = [int(u[i] < p.theta[i]) for i in range(p.size)]
    difference = p.f(*first) - p.f(*second)
    return [
        difference / 2 * (-1) ** second[i] * (first[i] != second[i]) * p.sigmoid(abs(p.phi[i]))
        for i in range(p.size)
    ]


def arms_debias(p: Problem, i: int, k: int) -> Number:
    """s2 / (theta - P(b_1 = b_2 = 1)), the copula reflected for theta > 1/2 (the fraction is even in phi)."""
    small = min(p.theta[i], p.q[i])
    both = max(p.m.mpf(0), 2 * small ** (p.m.mpf(1) / (k - 1)) - 1) ** (k - 1)
    return p.theta[i] * p.q[i] / (small - both)


def arms_of(p: Problem, samples: Sequence[Vector]) -> list[Number]:
    k = len(samples)
    values = [p.f(*b) for b in samples]
    mean = sum(values) / k
    return [
        arms_debias(p, i, k)
        / (k - 1)
        * sum((values[a] - mean) * (samples[a][i] - p.theta[i]) for a in range(k))
        for i in range(p.size)
    ]


def arms(p: Problem, d: Sequence[Vector]) -> list[Number]:
    """Dirichlet copula u = (1 - d)^(k - 1), d (k rows of D) from Dir(1, ..., 1) down each column; b = 1[u < theta].

    For theta > 1/2 the reflected copula: b = 1[1 - u < theta].
    """
    k = len(d)
    samples = []
    for row in d:
        u = [(1 - x) ** (k - 1) for x in row]
        samples.append(
            [int(u[i] < p.theta[i]) if p.phi[i] <= 0 else int(1 - u[i] < p.theta[i]) for i in range(p.size)]
        )
    return arms_of(p, samples)


# Derivatives of the objective ----------------------------------------------------------------------------------------


def straight_through_of(
    p: Problem, b: Vector, *, derivative: str = "identity", temperature: float = 1.0
) -> list[Number]:
    def factor(phi: Number) -> Number:
        if derivative == "identity":
            return 1
        if derivative == "clipped":
            return int(abs(phi) <= 1)
        t = p.sigmoid(phi / temperature)
        return t * (1 - t) / temperature

    return [factor(p.phi[i]) * p.df(*b)[i] for i in range(p.size)]


def straight_through(p: Problem, u: Vector, **options: Any) -> list[Number]:
    """f'(b) times 1, sigma'(phi / tau) / tau, or 1[|phi| <= 1]."""
    return straight_through_of(p, bits(p, u), **options)


def reinmax_of(p: Problem, b: Vector, *, temperature: float = 1.0) -> list[Number]:
    """2 J((p_tau + y) / 2) grad f - (1/2) J(p) grad f with two categories (0, 1) and grad f = (0, f')."""
    estimate = []
    for i in range(p.size):
        warm = [p.sigmoid(-p.phi[i] / temperature), p.sigmoid(p.phi[i] / temperature)]
        plain = [p.q[i], p.theta[i]]
        y = [1 - b[i], b[i]]
        middle = [(warm[c] + y[c]) / p.m.mpf(2) for c in range(2)]
        gradient = [p.m.mpf(0), p.df(*b)[i]]

        def jacobian(pi: Vector, gradient: Vector = gradient) -> Number:
            """Last component of (diag(pi) - pi pi^T) grad."""
            return pi[1] * (gradient[1] - sum(pi[c] * gradient[c] for c in range(2)))

        estimate.append(2 * jacobian(middle) - jacobian(plain) / 2)
    return estimate


def reinmax(p: Problem, u: Vector, **options: Any) -> list[Number]:
    return reinmax_of(p, bits(p, u), **options)


def muprop_of(p: Problem, b: Vector) -> list[Number]:
    centre = p.df(*p.theta)
    linear = sum(centre[i] * (b[i] - p.theta[i]) for i in range(p.size))
    rest = p.f(*b) - p.f(*p.theta) - linear
    return [rest * (b[i] - p.theta[i]) + centre[i] * p.s2[i] for i in range(p.size)]


def muprop(p: Problem, u: Vector) -> list[Number]:
    """[f(b) - f(theta) - grad f(theta) . (b - theta)](b - theta) + grad f(theta) s2."""
    return muprop_of(p, bits(p, u))


def measure_valued_of(p: Problem, b: Vector) -> list[Number]:
    estimate = []
    for i in range(p.size):
        on, off = list(b), list(b)
        on[i], off[i] = 1, 0
        estimate.append(p.s2[i] * (p.f(*on) - p.f(*off)))
    return estimate


def measure_valued(p: Problem, u: Vector) -> list[Number]:
    """s2 (f(b with b_i = 1) - f(b with b_i = 0))."""
    return measure_valued_of(p, bits(p, u))


def finite_difference(p: Problem, u: Vector, *, step: float) -> list[Number]:
    """(f(b at phi_i + h) - f(b at phi_i - h)) / (2 h), the other coordinates and the noise unchanged."""
    estimate = []
    for i in range(p.size):
        up, down = list(p.logits), list(p.logits)
        up[i], down[i] = p.phi[i] + step, p.phi[i] - step
        ahead = bits(Problem(p.function, p.slopes, tuple(up), p.m), u)
        behind = bits(Problem(p.function, p.slopes, tuple(down), p.m), u)
        estimate.append((p.f(*ahead) - p.f(*behind)) / (2 * p.m.mpf(step)))
    return estimate


def sts(p: Problem, u: Vector) -> list[Number]:
    """h = b sqrt(theta) with b of probability sqrt(theta); only the smooth factor is differentiated."""
    root = [p.m.sqrt(t) for t in p.theta]
    b = [int(u[i] > 1 - root[i]) for i in range(p.size)]
    slope = p.df(*[b[i] * root[i] for i in range(p.size)])
    return [slope[i] * b[i] * root[i] * p.q[i] / 2 for i in range(p.size)]


def noisy_rectifier(p: Problem, u: Vector) -> list[Number]:
    """h = max(0, phi + L): 1[phi + L > 0] f'(h)."""
    z = latent(p, u)
    slope = p.df(*[max(p.m.mpf(0), x) for x in z])
    return [slope[i] * (z[i] > 0) for i in range(p.size)]


def multiplicative_noise(p: Problem, u: Vector, *, rate: float) -> list[Number]:
    """h = m theta with dropout noise m = 1[u > rate] / (1 - rate): m s2 f'(h)."""
    m = [int(x > rate) / (1 - p.m.mpf(rate)) for x in u]
    slope = p.df(*[x * t for x, t in zip(m, p.theta, strict=True)])
    return [x * s2 * g for x, s2, g in zip(m, p.s2, slope, strict=True)]


# Relaxations ---------------------------------------------------------------------------------------------------------


def relaxation(p: Problem, u: Vector, *, temperature: float) -> list[Number]:
    x = [p.sigmoid(z / temperature) for z in latent(p, u)]
    return [p.df(*x)[i] * x[i] * (1 - x[i]) / temperature for i in range(p.size)]


def gumbel_softmax_st(p: Problem, u: Vector, *, temperature: float) -> list[Number]:
    x = [p.sigmoid(z / temperature) for z in latent(p, u)]
    slope = p.df(*bits(p, u))
    return [slope[i] * x[i] * (1 - x[i]) / temperature for i in range(p.size)]


def conditional_latent(p: Problem, b: Vector, v: Vector) -> list[Number]:
    """z given b: the uniform squeezed into the part of (0, 1) where it gives b."""
    z = []
    for i in range(p.size):
        u = p.q[i] + v[i] * p.theta[i] if b[i] else v[i] * p.q[i]
        z.append(p.phi[i] + p.logit(u))
    return z


def conditional_slope(p: Problem, b: Vector, v: Vector) -> list[Number]:
    """d z~ / d phi with v fixed, by the chain rule through the squeezed uniform."""
    slopes = []
    for i in range(p.size):
        theta, q = p.theta[i], p.q[i]
        u = q + v[i] * theta if b[i] else v[i] * q
        du = (v[i] - 1) * theta * q if b[i] else -v[i] * theta * q
        slopes.append(1 + du / (u * (1 - u)))
    return slopes


def coupled_uniform(p: Problem, u: Vector) -> list[Number]:
    """The v whose conditional latent is the latent of u itself."""
    b = bits(p, u)
    return [(u[i] - p.q[i]) / p.theta[i] if b[i] else u[i] / p.q[i] for i in range(p.size)]


def gumbel_rao(p: Problem, u: Vector, v: Sequence[Vector], *, temperature: float) -> list[Number]:
    """f'(b) mean_k s_k (1 - s_k) / tau, s_k from k conditional draws."""
    b = bits(p, u)
    slope = p.df(*b)
    total = [p.m.mpf(0)] * p.size
    for row in v:
        for i, z in enumerate(conditional_latent(p, b, row)):
            s = p.sigmoid(z / temperature)
            total[i] += slope[i] * s * (1 - s) / temperature / len(v)
    return total


def control_variate(
    p: Problem,
    u: Vector,
    v: Vector | None,
    c: Callable[..., Number],
    dc: Callable[..., Sequence[Number]],
) -> list[Number]:
    """[f(b) - c(z~)](b - theta) + d c(z)/d phi - d c(z~)/d phi; ``v=None`` is the coupled z~."""
    b, z = bits(p, u), latent(p, u)
    if v is None:
        v = coupled_uniform(p, u)
    other, slope = conditional_latent(p, b, v), conditional_slope(p, b, v)
    return [
        (p.f(*b) - c(*other)) * (b[i] - p.theta[i]) + dc(*z)[i] - dc(*other)[i] * slope[i]
        for i in range(p.size)
    ]


def rebar(p: Problem, u: Vector, v: Vector | None, *, temperature: float, eta: float) -> list[Number]:
    """RELAX with c(z) = eta f(sigma(z / tau))."""

    def soft(z: Vector) -> list[Number]:
        return [p.sigmoid(x / temperature) for x in z]

    def c(*z: Number) -> Number:
        return eta * p.f(*soft(z))

    def dc(*z: Number) -> list[Number]:
        s = soft(z)
        return [eta * g * x * (1 - x) / temperature for g, x in zip(p.df(*s), s, strict=True)]

    return control_variate(p, u, v, c, dc)


def relax(p: Problem, u: Vector, v: Vector | None, *, c: Any, dc: Any) -> list[Number]:
    return control_variate(p, u, v, c, dc)
