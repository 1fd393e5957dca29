r"""Categorical variables as estimators use them: samples, their score, and what is carried back to their logits.

Where :math:`J(p) = \operatorname{diag}(p) - p p^T` is the Jacobian of the softmax, nothing is taken from 1: the kernels of
`stgref.categorical` and `stgref.concrete` keep the digits of the largest probability's complement.
"""

from __future__ import annotations

from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Family
from stgref.estimators.law import Law
from stgref.laws import categorical, concrete
from stgref.numerics import categories, noise
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace

FAMILY = Family(
    "estimators.categorical",
    {"logits": "D K"},
    "D K",
    {"logits": "Log probabilities of the K categories of independent variables, each row up to a constant."},
)


def gumbel(axes: str) -> Field:
    """An array of standard Gumbel noise."""
    return Field(axes, noise.gumbel, "standard Gumbel")


def outcomes(xp: Namespace, phi: Array) -> tuple[Array, Array]:
    """The one-hot points (K, K), and their probabilities (D, K)."""
    points = xp.eye(phi.shape[-1], dtype=phi.dtype, device=ns.device_of([phi]))
    return points, categorical.mean.kernel(xp, phi)


def sample(xp: Namespace, phi: Array, noise: Array) -> Array:
    r"""The sample :math:`b = \text{one-hot}(\operatorname{argmax}(\phi + \text{noise}))`."""
    return categorical.transform.kernel(xp, noise, phi)


def score(xp: Namespace, phi: Array, b: Array) -> Array:
    r"""Derivative of the log probability of b to the logits, :math:`b - p`, with :math:`p = \operatorname{softmax}(\phi)`."""
    w = categories.softmax_of(xp, phi)
    return xp.where(b > 0.5, categories.complement(xp, w), -w.p)


def grad_mean(xp: Namespace, phi: Array, given: Array) -> Array:
    r"""Derivative of :math:`\sum_k p_k g_k` to the logits, :math:`J(p)\, g`: :math:`p_k (g_k - \sum_j p_j g_j)`."""
    return categorical.vjp_mean.kernel(xp, given, phi).logits


def soften(xp: Namespace, z: Array, temperature: float, noise: Array | float = 0.0) -> Array:
    r"""The relaxed sample, :math:`\operatorname{softmax}((z + \text{noise}) / \tau)`."""
    return concrete.transform.kernel(xp, noise, z, temperature)


def soften_back(xp: Namespace, z: Array, temperature: float, c: Array, noise: Array | float = 0.0) -> Array:
    r"""A cotangent c of `soften`, carried back to the latent: :math:`\tfrac{1}{\tau} J(x)\, c` at the relaxed sample x."""
    return concrete.vjp_transform.kernel(xp, c, noise, z, temperature).logits


def remainder(xp: Namespace, phi: Array, b: Array, score: Array, given: Array, c: Array) -> Array:
    r"""A cotangent c, less what of it goes back to the logits through the latent given b, whose noise is fixed.

    With k the category of b, :math:`1 - w_j = e^{\tilde{z}_j - {\tilde z}_k}` is how much of a change of the largest latent passes
    to that of j. What goes back is :math:`p_j A + [j \ne k]\, w_j c_j` with :math:`A = c_k + \sum_{j \ne k} (1 - w_j) c_j`
    (`categorical.vjp_conditional_latent`, which has w in terms of the noise), and what remains :math:`d - p \sum_j d_j` with
    :math:`d_k = c_k` and :math:`d_j = (1 - w_j) c_j` for the others.
    """
    chosen = b > 0.5
    below = given - categories.pick(xp, chosen, given)
    return categories.balanced(xp, categories.softmax_of(xp, phi), xp.where(chosen, c, xp.exp(below) * c))


LAW = Law(
    Noise(gumbel("n D K")),
    outcomes,
    sample,
    score,
    grad_mean,
    categorical.conditional_latent.kernel,
    remainder,
)
"""Independent categorical variables."""
