"""Which gate an element of the input goes through."""

from typing import Any

import numpy as np

from stgref.conformance.values import Array


class Sharing:
    """The mask of a layer, or its absence, as indices.

    Parameters
    ----------
    mask : numpy.ndarray or None
        Index of the gate of each element, aligned with the last axes of the input; None gives each element its own.
    shape : tuple of int
        Shape of the input; the first axis is the batch.
    """

    def __init__(self, mask: Any, shape: tuple[int, ...]) -> None:
        own = np.arange(int(np.prod(shape[1:]))).reshape(shape[1:])
        self.shape = shape
        self.index = np.broadcast_to(own if mask is None else mask, shape).reshape(shape[0], own.size)

    def spread(self, gates: Array) -> Array:
        """Take the numbers of the gates to the elements.

        Parameters
        ----------
        gates : numpy.ndarray
            Of shape (batch, gates), or (gates,) for the whole batch.

        Returns
        -------
        numpy.ndarray
            Of the input's shape.
        """
        rows = np.broadcast_to(gates, (len(self.index), gates.shape[-1]))
        return np.take_along_axis(rows, self.index, axis=1).reshape(self.shape)

    def collect(self, elements: Array, n_gates: int) -> Array:
        """Sum the numbers of the elements by gate, over the batch too.

        Parameters
        ----------
        elements : numpy.ndarray
            Of the input's shape.
        n_gates : int
            How many gates there are.

        Returns
        -------
        numpy.ndarray
            Of shape (gates,).
        """
        return np.bincount(self.index.ravel(), weights=elements.ravel(), minlength=n_gates)
