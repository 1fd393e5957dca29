"""What a gated dense or convolutional layer costs on average: its parameters, and its operations.

Gates of inputs and outputs are independent, so that the expectation of a product of numbers of open gates is the product
of their expectations, which `stgref.penalties.l0` gives. A layer in groups is a layer for each of its groups.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace

SOURCE = """
C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018, section 4
(expected FLOPs and parameters as a measure of a layer).
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to each argument."""

    n_in: Array
    n_out: Array
    kernel: Array
    bias: Array


class PartialsOfOperations(NamedTuple):
    """Partial derivatives with respect to each argument."""

    n_in: Array
    n_out: Array
    kernel: Array
    positions: Array
    bias: Array


def parameters(xp: Namespace, n_in: Array, n_out: Array, kernel: Array = 1.0, bias: Array = 1.0) -> Array:
    r"""Expected number of parameters, :math:`n_\text{out} (k\, n_\text{in} + b)`.

    For a dense layer k is 1; for a convolution it is the number of elements of its kernel, and the numbers are of channels.

    Examples
    --------
    Three of eight input channels and two outputs on average, kernels of 5 x 5:

    >>> from stgref import penalties
    >>> penalties.parameters(3.0, 2.0, 25.0)
    np.float64(152.0)
    """
    return n_out * (kernel * n_in + bias)


def grad_parameters(
    xp: Namespace, n_in: Array, n_out: Array, kernel: Array = 1.0, bias: Array = 1.0
) -> Partials:
    r"""Partial derivatives of `parameters`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_parameters(3.0, 2.0, 25.0).n_in
    np.float64(50.0)
    """
    return Partials(n_out * kernel, kernel * n_in + bias, n_out * n_in, n_out)


def flops(
    xp: Namespace,
    n_in: Array,
    n_out: Array,
    kernel: Array = 1.0,
    positions: Array = 1.0,
    bias: Array = 1.0,
) -> Array:
    r"""Expected number of floating-point operations for one example, :math:`m\, n_\text{out} (2 k\, n_\text{in} - 1 + b)`.

    At each of m positions (1 for a dense layer, the pixels of the output for a convolution), each output takes
    :math:`k\, n_\text{in}` multiplications and one addition less, and an addition more for the bias. With b = 1 it is twice
    the number of multiply-adds.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.flops(3.0, 2.0, 25.0, 576.0)
    np.float64(172800.0)
    """
    return positions * n_out * (2.0 * kernel * n_in - 1.0 + bias)


def grad_flops(
    xp: Namespace,
    n_in: Array,
    n_out: Array,
    kernel: Array = 1.0,
    positions: Array = 1.0,
    bias: Array = 1.0,
) -> PartialsOfOperations:
    r"""Partial derivatives of `flops`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_flops(3.0, 2.0, 25.0, 576.0).n_out
    np.float64(86400.0)
    """
    outputs, each = positions * n_out, 2.0 * kernel * n_in - 1.0 + bias
    return PartialsOfOperations(
        2.0 * outputs * kernel, positions * each, 2.0 * outputs * n_in, n_out * each, outputs
    )
