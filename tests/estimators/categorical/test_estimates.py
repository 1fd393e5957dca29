"""Estimates of the categorical estimators, draw by draw: autograd, Monte Carlo, extremes, libraries and bad input."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy as np
import pytest

from stgref import estimators, noise
from stgref.estimators import categorical
from tests.estimators.categorical.oracle import Binary, Brute, Level, Polynomial, Table

LOGITS = np.random.default_rng(3).normal(size=(2, 3))
F = Polynomial((2, 3))
NAMES = [
    "score_function",
    "rloo",
    "straight_through",
    "reinmax",
    "measure_valued",
    "gumbel_softmax_st",
    "gumbel_rao",
    "relaxation",
    "rebar",
    "relax",
    "arsm",
]


def options_of(name, f=F, **options):
    return {"control_variate": categorical.Relaxed(f, 0.7)} | options if name == "relax" else options


def estimate(name, f, logits, draws, **options):
    return getattr(categorical, name)(f, logits, draws, **options_of(name, f, **options))


def drawn(name, n=20, logits=LOGITS, rng=0, **options):
    return categorical.draw_noise(name, n, logits, rng=rng, **options)


def fields(draws):
    return draws if isinstance(draws, tuple) else (draws,)


# The formulas, draw by draw -------------------------------------------------------------------------------------------


def sample_of(latent):
    return tuple(int(np.argmax(row)) for row in latent)


@pytest.mark.parametrize(
    ("name", "formula", "options"),
    [
        ("score_function", lambda b: b.score_function(0.3), {"baseline": 0.3}),
        ("straight_through", lambda b: b.identity, {}),
        (
            "straight_through",
            lambda b: b.straight_through(0.6),
            {"derivative": "sigmoid", "temperature": 0.6},
        ),
        ("reinmax", lambda b: b.reinmax(1.4), {"temperature": 1.4}),
        ("measure_valued", lambda b: b.measure_valued, {}),
    ],
)
def test_plain_noise_picks_the_largest(name, formula, options):
    draws = drawn(name)
    got = estimate(name, F, LOGITS, draws, **options)
    want = formula(Brute(F, LOGITS))
    for row, g in zip(draws, got, strict=True):
        assert g.ravel() == pytest.approx(want(sample_of(LOGITS + row)), rel=1e-12, abs=1e-13)


def test_rloo_draw_by_draw():
    draws = drawn("rloo", k=3)
    got = categorical.rloo(F, LOGITS, draws, k=3)
    want = Brute(F, LOGITS).rloo(3)
    for row, g in zip(draws, got, strict=True):
        samples = [sample_of(LOGITS + one) for one in row]
        assert g.ravel() == pytest.approx(want(*samples), rel=1e-12, abs=1e-13)


def test_moving_average_knows_past_rows_only():
    draws, brute, c = drawn("score_function"), Brute(F, LOGITS), 0.0
    got = categorical.score_function(F, LOGITS, draws, baseline="moving_average", decay=0.8)
    for row, g in zip(draws, got, strict=True):
        y = sample_of(LOGITS + row)
        assert g.ravel() == pytest.approx(brute.score_function(c)(y), rel=1e-12)
        c = 0.8 * c + 0.2 * brute.value(y)


def test_arsm_draw_by_draw():
    draws, brute = drawn("arsm"), Brute(F, LOGITS)
    got = categorical.arsm(F, LOGITS, draws)
    for log_pi, g in zip(draws.log_pi, got, strict=True):
        pi = np.exp(log_pi)
        table = np.zeros((3, 3))
        for m, j in itertools.product(range(3), repeat=2):
            swapped = pi.copy()
            swapped[:, [m, j]] = pi[:, [j, m]]
            table[m, j] = brute.value(sample_of(-(np.log(swapped) - LOGITS)))
        want = [
            sum((table[k, j] - table[:, j].mean()) * (1 / 3 - pi[i, j]) for j in range(3))
            for i in range(2)
            for k in range(3)
        ]
        assert g.ravel() == pytest.approx(want, rel=1e-12, abs=1e-13)


def test_arsm_of_two_categories_is_arm():
    """With u = pi_2, whose logit is the difference of the logarithms."""
    logits, f = LOGITS[:, :2], Polynomial((2, 2))
    draws = drawn("arsm", 30, logits)
    got = categorical.arsm(f, logits, draws)
    u = draws.log_pi[..., 1] - draws.log_pi[..., 0]
    binary = lambda b: f(np.stack([1.0 - b, b], axis=-1))  # noqa: E731
    want = estimators.arm(binary, logits[:, 1] - logits[:, 0], u)
    assert got[..., 1] == pytest.approx(want, rel=1e-12)
    assert got[..., 0] == pytest.approx(-want, rel=1e-12)


def counted(f, shape):
    """The number of points at which f was asked."""
    asked = []

    def objective(b):
        asked.append(math.prod(b.shape[:-2]))
        return f(b)

    return objective, asked


@pytest.mark.parametrize(("name", "evaluations"), [("measure_valued", 5), ("arsm", 4), ("score_function", 1)])
def test_evaluations_are_as_few_as_the_table_says(name, evaluations):
    """D (K - 1) + 1 and K (K - 1) / 2 + 1."""
    objective, asked = counted(F, (2, 3))
    estimate(name, objective, LOGITS, drawn(name, 7))
    assert sum(asked) == 7 * evaluations


# Autograd of others -----------------------------------------------------------------------------------------------------


def test_gumbel_softmax_as_torch_has_it():
    torch = pytest.importorskip("torch")
    draws = drawn("gumbel_softmax_st", 8)
    for hard, name in ((True, "gumbel_softmax_st"), (False, "relaxation")):
        logits = torch.tensor(LOGITS, requires_grad=True)
        got = estimate(name, F, LOGITS, draws, temperature=0.6)
        for row, g in zip(draws, got, strict=True):
            soft = torch.softmax((logits + torch.tensor(row)) / 0.6, dim=-1)
            y = soft
            if hard:  # as torch.nn.functional.gumbel_softmax(hard=True)
                index = soft.max(-1, keepdim=True)[1]
                y = torch.zeros_like(soft).scatter_(-1, index, 1.0) - soft.detach() + soft
            (want,) = torch.autograd.grad(F(y), logits)
            assert g == pytest.approx(want.numpy(), rel=1e-12, abs=1e-13)


def test_torch_functional_gumbel_softmax():
    """The function itself, with the noise that it drew worked out of the relaxed sample."""
    torch = pytest.importorskip("torch")
    logits = torch.tensor(LOGITS, requires_grad=True)
    for seed in range(5):
        torch.manual_seed(seed)
        relaxed = torch.nn.functional.gumbel_softmax(logits, tau=0.8).detach().numpy()
        torch.manual_seed(seed)
        hard = torch.nn.functional.gumbel_softmax(logits, tau=0.8, hard=True)
        (want,) = torch.autograd.grad(F(hard), logits)
        draws = (0.8 * np.log(relaxed) - LOGITS)[None]
        got = categorical.gumbel_softmax_st(F, LOGITS, draws, temperature=0.8)[0]
        assert got == pytest.approx(want.numpy(), rel=1e-9, abs=1e-11)


def test_straight_through_as_torch_has_it():
    torch = pytest.importorskip("torch")
    logits = torch.tensor(LOGITS, requires_grad=True)
    for seed in range(5):
        torch.manual_seed(seed)
        law = torch.distributions.OneHotCategoricalStraightThrough(logits=logits)
        y = law.rsample()
        (want,) = torch.autograd.grad(F(y), logits)
        draws = np.round(y.detach().numpy())[None] - LOGITS
        got = categorical.straight_through(F, LOGITS, draws, derivative="sigmoid")[0]
        assert got == pytest.approx(want.numpy(), rel=1e-12, abs=1e-13)


def latent_given(torch, phi, b, gumbel):
    """The latent given b, in torch, from the exponential variables that the noise is made of."""
    e = torch.exp(-torch.tensor(gumbel))
    b = torch.tensor(b)
    own = (b * e).sum(-1, keepdim=True)
    largest = torch.logsumexp(phi, -1, keepdim=True) - torch.log(own)
    below = -torch.log(e * torch.exp(-phi) + own * torch.exp(-torch.logsumexp(phi, -1, keepdim=True)))
    return torch.where(b > 0.5, largest, below)


@pytest.mark.parametrize("name", ["rebar", "relax"])
def test_rebar_and_relax_by_autograd(name):
    """The derivative of c(z) - c(z~) + (f(b) - c(z~)) log P(b), what is in the brackets held fixed."""
    torch = pytest.importorskip("torch")
    draws = drawn(name, 12)

    def c(z):
        return F(torch.softmax(z / 0.7, dim=-1)) if name == "rebar" else (0.2 * z**2 * torch.tanh(z)).sum()

    class Control:
        def __call__(self, z):
            return np.sum(0.2 * z**2 * np.tanh(z), axis=(-2, -1))

        def grad(self, z):
            return 0.4 * z * np.tanh(z) + 0.2 * z**2 / np.cosh(z) ** 2

    options = {"temperature": 0.7} if name == "rebar" else {"control_variate": Control()}
    got = getattr(categorical, name)(F, LOGITS, draws, **options)
    for latent, conditional, g in zip(*draws, got, strict=True):
        phi = torch.tensor(LOGITS, requires_grad=True)
        z = phi + torch.tensor(latent)
        b = np.eye(3)[list(sample_of(LOGITS + latent))]
        given = latent_given(torch, phi, b, conditional)
        log_p = (torch.log_softmax(phi, -1) * torch.tensor(b)).sum()
        surrogate = c(z) - c(given) + (F(torch.tensor(b)) - c(given)).detach() * log_p
        (want,) = torch.autograd.grad(surrogate, phi)
        assert g == pytest.approx(want.numpy(), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("name", ["rebar", "relax"])
def test_coupled_is_independent_with_the_noise_that_gives_the_latent(name):
    """Solved for: G_k = z_k - logsumexp, e^{-G_j} = e^{logits_j} (e^{-z_j} - e^{-z_k})."""
    draws = drawn(name, 12)
    z = LOGITS + draws.latent
    top = z.max(axis=-1, keepdims=True)
    lse = np.log(np.exp(LOGITS).sum(axis=-1, keepdims=True))
    with np.errstate(divide="ignore"):
        solved = np.where(z == top, z - lse, -np.log(np.exp(LOGITS) * (np.exp(-z) - np.exp(-top))))
    coupled = estimate(name, F, LOGITS, draws, coupling="coupled")
    independent = estimate(name, F, LOGITS, draws._replace(conditional=solved))
    assert coupled == pytest.approx(independent, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("name", ["rebar", "relax"])
def test_half_precision_is_rounded_once(name):
    """The control variate of REBAR is computed in more digits too."""
    draws = drawn(name, 4, LOGITS.astype("float16"))
    half = estimate(name, F, LOGITS.astype("float16"), draws)
    assert half.dtype == np.float16
    more = type(draws)(*(x.astype("float64") for x in draws))
    assert half == pytest.approx(
        estimate(name, F, LOGITS.astype("float16").astype("float64"), more), rel=0.03, abs=0.02
    )


def test_gumbel_rao_draw_by_draw():
    torch = pytest.importorskip("torch")
    draws = drawn("gumbel_rao", 6, k=4)
    got = categorical.gumbel_rao(F, LOGITS, draws, temperature=0.6, k=4)
    for latent, conditional, g in zip(*draws, got, strict=True):
        b = np.eye(3)[list(sample_of(LOGITS + latent))]
        slope, want = F.grad(b), np.zeros((2, 3))
        for one in conditional:
            given = latent_given(torch, torch.tensor(LOGITS), b, one).numpy()
            x = np.exp((given - given.max(axis=-1, keepdims=True)) / 0.6)
            x /= x.sum(axis=-1, keepdims=True)
            want += x * (slope - (x * slope).sum(axis=-1, keepdims=True)) / 0.6 / 4
        assert g == pytest.approx(want, rel=1e-11, abs=1e-13)


# Monte Carlo ------------------------------------------------------------------------------------------------------------

ROWS = 20_000
Z = 5.5
"""About 400 numbers, each beyond 5.5 standard errors with 4e-8: a false alarm in 60000 runs, if the seed were not fixed."""


@pytest.mark.parametrize(
    ("name", "shape", "options"),
    [
        ("score_function", (2, 3), {"baseline": "optimal"}),
        ("rloo", (2, 3), {"k": 3}),
        ("straight_through", (2, 3), {"derivative": "sigmoid"}),
        ("reinmax", (2, 3), {"temperature": 1.2}),
        ("measure_valued", (2, 3), {}),
        ("gumbel_softmax_st", (2, 3), {"temperature": 0.8}),
        ("gumbel_rao", (2, 3), {"temperature": 0.8, "k": 2}),
        ("relaxation", (1, 3), {"temperature": 0.8}),
        ("rebar", (1, 3), {}),
        ("rebar", (1, 3), {"coupling": "coupled"}),
        ("relax", (1, 2), {}),
        ("relax", (1, 2), {"control_variate": Level()}),
        ("relax", (1, 2), {"control_variate": Level(), "coupling": "coupled"}),
        ("arsm", (2, 3), {}),
    ],
)
def test_monte_carlo_agrees_with_the_exact_moments(name, shape, options):
    f, logits = Polynomial(shape), LOGITS[: shape[0], : shape[1]]
    options = options_of(name, f, **options)
    exact = categorical.exact_moments(name, f, logits, **options)
    draws = drawn(name, ROWS, logits, rng=11, **options)
    rows = getattr(categorical, name)(f, logits, draws, **options).reshape(ROWS, -1)
    size = rows.shape[1]
    centred = rows - exact.mean.ravel()
    products = (centred[:, :, None] * centred[:, None, :]).reshape(ROWS, -1)
    for found, wanted in (
        (rows, exact.mean.ravel()),
        (products, exact.covariance.reshape(size * size)),
    ):
        error = found.std(axis=0) / math.sqrt(ROWS)
        assert np.all(np.abs(found.mean(axis=0) - wanted) <= Z * error + 1e-12)


# Facts ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_estimates_of_a_variable_add_up_to_nothing(name):
    options = {"derivative": "sigmoid"} if name == "straight_through" else {}
    got = estimate(name, F, LOGITS, drawn(name, 200), **options)
    assert np.abs(got.sum(axis=-1)).max() <= 1e-13 * np.abs(got).max()


def test_the_table_lists_them():
    rows = {row.name: row for row in estimators.table()}
    assert [name for name in rows if name.startswith("categorical.")] == [
        f"categorical.{name}" for name in [e.__qualname__ for e in categorical.ROWS]
    ]
    assert {e.__qualname__ for e in categorical.ROWS} == set(NAMES)
    assert rows["categorical.rloo"].noise == "standard Gumbel (n, k, D, K)"
    assert rows["categorical.arsm"].needs == "f"


@pytest.mark.parametrize("name", NAMES)
def test_noise(name):
    rng = np.random.default_rng(5)
    first, second = drawn(name, 4, rng=5), drawn(name, 4, rng=rng)
    for a, b in zip(fields(first), fields(second), strict=True):
        assert np.array_equal(a, b)
        assert a.shape[0] == 4
        assert a.shape[-2:] == (2, 3)
    plain = (
        "score_function",
        "straight_through",
        "reinmax",
        "measure_valued",
        "gumbel_softmax_st",
        "relaxation",
    )
    if name in plain:
        assert np.array_equal(first, noise.gumbel((4, 2, 3), rng=5))


def test_arsm_noise_is_uniform_on_the_simplex():
    log_pi = drawn("arsm", 4000).log_pi
    assert np.exp(log_pi).sum(axis=-1) == pytest.approx(1.0, rel=1e-14)
    pi = np.exp(log_pi).reshape(-1, 3)
    # Beta(1, 2) margins: 2 / 3 / 12 / ... their mean 1/3 and variance 1/18, to 5 standard errors.
    assert pi.mean(axis=0) == pytest.approx(1 / 3, abs=5 * math.sqrt(1 / 18 / len(pi)))
    assert pi.var(axis=0) == pytest.approx(1 / 18, rel=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_public_functions_pickle(name):
    function = getattr(categorical, name)
    assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301


# Extremes ---------------------------------------------------------------------------------------------------------------

FAR = np.array([[-1e3, 0.0, 1e3], [1e3, 1e3, -1e3]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_far_logits(name, dtype):
    for far in (FAR, FAR / 20, np.zeros((2, 3)), FAR[:, :1]):
        f, logits = Polynomial(far.shape), far.astype(dtype)
        for n in (0, 5):
            draws = drawn(name, n, logits)
            got = estimate(name, f, logits, draws)
            assert got.dtype == dtype
            assert got.shape == (n, *logits.shape)
            assert np.all(np.isfinite(got))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("relax", "gumbel_softmax_st")])
def test_exact_moments_of_far_logits(name):
    smooth = name in ("relaxation", "rebar", "gumbel_rao")
    logits = FAR[:1, 1:] if smooth else FAR
    got = categorical.exact_moments(name, Polynomial(logits.shape), logits)
    assert np.all(np.isfinite(got.mean))
    assert np.all(np.isfinite(got.covariance))


def test_rare_categories_keep_their_digits():
    """p_3 = e^-60: the gradient to its logit is p_3 (f_3 - F), of which 1 - p would lose all digits."""
    logits = np.array([[60.0, 60.0, 0.0]])
    f = Table([1.0, 2.0, 5.0])
    p = math.exp(-60) / (2 + math.exp(-60))
    want = p * (5.0 - 1.5)
    assert categorical.exact_gradient(f, logits)[0, 2] == pytest.approx(want, rel=1e-14, abs=0)
    got = categorical.exact_moments("measure_valued", f, logits).mean[0, 2]
    assert got == pytest.approx(want, rel=1e-14, abs=0)
    sure = np.array([[0.0, -60.0]])
    got = categorical.score_function(Table([1.0, 3.0]), sure, np.zeros((1, 1, 2)))[0, 0]
    assert got == pytest.approx([math.exp(-60), -math.exp(-60)], rel=1e-14, abs=0)


@pytest.mark.parametrize("name", ["gumbel_softmax_st", "relaxation"])
@pytest.mark.parametrize("gap", [1.0, 30.0, 400.0])
def test_rare_latents_near_the_threshold_count(name, gap):
    """They make up the second moments where the likely ones have no slope left: the Bernoulli rule reaches there, too."""
    f = Polynomial((1, 2))
    got = categorical.exact_moments(name, f, np.array([[0.0, gap]]), temperature=0.3)
    want = estimators.exact_moments(name, Binary(f), np.array([gap]), temperature=0.3)
    assert got.mean[0, 1] == pytest.approx(want.mean[0], rel=1e-11, abs=0)
    assert got.covariance[0, 1, 0, 1] == pytest.approx(want.covariance[0, 0], rel=1e-10, abs=0)


# Libraries --------------------------------------------------------------------------------------------------------------


@pytest.mark.most(40)
@pytest.mark.parametrize(
    ("name", "dtype"), [*((name, "float64") for name in NAMES), ("rebar", "float32"), ("arsm", "float32")]
)
def test_libraries(xp, name, dtype):
    logits = LOGITS.astype(dtype)
    draws = drawn(name, 4, logits)
    want = estimate(name, F, logits, draws)

    def call(logits, *arrays):
        given = type(draws)(*arrays) if isinstance(draws, tuple) else arrays[0]
        return estimate(name, F, logits, given)

    got = xp.call(call, xp.asarray(logits), *(xp.asarray(a) for a in fields(draws)))
    xp.assert_own(got, dtype, (4, 2, 3))
    tolerance = 1e-13 if dtype == "float64" else 1e-6
    assert xp.to_numpy(got) == pytest.approx(want, rel=tolerance, abs=tolerance)


def test_libraries_draw_and_sum_up(xp):
    logits = xp.asarray(LOGITS)
    draws = categorical.draw_noise("rebar", 3, logits, rng=2)
    for got, want in zip(draws, drawn("rebar", 3, rng=2), strict=True):
        xp.assert_own(got, "float64", (3, 2, 3))
        assert np.array_equal(xp.to_numpy(got), want)
    gradient = xp.call(categorical.exact_gradient, F, logits)
    xp.assert_own(gradient, "float64", (2, 3))
    assert xp.to_numpy(gradient) == pytest.approx(categorical.exact_gradient(F, LOGITS), rel=1e-12)
    for name in ("score_function", "measure_valued"):
        got = categorical.exact_moments(name, F, logits)
        want = categorical.exact_moments(name, F, LOGITS)
        xp.assert_own(got.covariance, "float64", (2, 3, 2, 3))
        assert xp.to_numpy(got.covariance) == pytest.approx(want.covariance, rel=1e-11, abs=1e-14)


# Bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logits", "says"),
    [
        (np.zeros(3), r"logits must have shape \(D, K\), got \(3,\)"),
        (np.zeros((2, 0)), r"one category or more"),
        (np.array([[0.0, np.nan]]), r"logits must be finite"),
        (0.0, r"logits takes an array"),
    ],
)
def test_bad_logits(logits, says):
    for call in (
        lambda: categorical.score_function(F, logits, np.zeros((1, 2, 3))),
        lambda: categorical.exact_moments("rloo", F, logits),
        lambda: categorical.exact_gradient(F, logits),
        lambda: categorical.draw_noise("arsm", 2, logits),
    ):
        with pytest.raises(ValueError, match=says):
            call()


@pytest.mark.parametrize(
    ("name", "options", "error", "says"),
    [
        (
            "score_function",
            {"baseline": np.zeros(3)},
            ValueError,
            r"baseline must have shape \(\) or \(2,\) or \(2, 3\)",
        ),
        ("score_function", {"baseline": "best"}, ValueError, "baseline takes"),
        ("straight_through", {"derivative": "clipped"}, ValueError, '"identity", "sigmoid"'),
        ("reinmax", {"temperature": 0.0}, ValueError, "temperature"),
        ("arsm", {"k": 3}, TypeError, "no option k; it takes none"),
        ("rloo", {"k": 1}, ValueError, "k must be 2 or more"),
        ("rebar", {"coupling": "both"}, ValueError, "coupling takes"),
        ("relax", {"control_variate": 3.0}, TypeError, "control_variate takes a callable"),
    ],
)
def test_bad_options(name, options, error, says):
    with pytest.raises(error, match=says):
        categorical.exact_moments(name, F, LOGITS, **options)


@pytest.mark.parametrize("name", NAMES)
def test_bad_noise(name):
    draws = drawn(name, 4)
    cut = type(draws)(*(a[..., :2] for a in draws)) if isinstance(draws, tuple) else draws[..., :2]
    with pytest.raises(ValueError, match=r"noise.* must have shape \(n, .*K=3\)"):
        estimate(name, F, LOGITS, cut)
    if isinstance(draws, tuple):
        with pytest.raises(TypeError, match="as draw_noise makes it"):
            estimate(name, F, LOGITS, draws[0])


def test_bad_names():
    for call in (
        lambda: categorical.draw_noise("arm", 3, LOGITS),
        lambda: categorical.exact_moments("arm", F, LOGITS),
    ):
        with pytest.raises(
            ValueError, match="there is no estimator 'arm'; name takes one of score_function, rloo"
        ):
            call()


@pytest.mark.parametrize(
    "name", ["straight_through", "reinmax", "gumbel_softmax_st", "gumbel_rao", "relaxation", "rebar"]
)
def test_objectives_without_a_gradient(name):
    with pytest.raises(TypeError, match=r"with a method grad\(b\)"):
        estimate(name, lambda b: F(b), LOGITS, drawn(name))  # noqa: PLW0108 (no gradient)


def test_objectives_of_a_wrong_shape():
    with pytest.raises(ValueError, match=r"objective must return shape \(20,\)"):
        categorical.score_function(lambda b: b[..., 0], LOGITS, drawn("score_function"))


def test_control_variates_of_a_wrong_shape():
    class Wrong:
        def __call__(self, z):
            return z[..., 0]

        def grad(self, z):
            return z

    with pytest.raises(ValueError, match=r"control_variate must return shape \(20,\)"):
        categorical.relax(F, LOGITS, drawn("relax"), control_variate=Wrong())
