"""Arrays from the bytes of a file: memory is taken for bytes that are there, and for no more numbers than are allowed."""

from typing import IO

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.values import Array

MAX_NUMBERS = 100_000_000
"""In all arrays of a file. Their bytes become float64, so this bounds the memory that they take."""
_BLOCK = 1 << 20


class Budget:
    """Counts numbers before memory is taken for them."""

    def __init__(self) -> None:
        self.left = MAX_NUMBERS

    def take(self, count: int, where: str) -> None:
        """Allow one more array.

        Parameters
        ----------
        count : int
            How many numbers it has.
        where : str
            What to call it in an error message.

        Raises
        ------
        UnusableInputError
            If there are too many numbers with it.
        """
        self.left -= count
        if self.left < 0:
            raise UnusableInputError(f"{where}: more than {MAX_NUMBERS} numbers in one file")


def read_array(
    file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[np.generic], *, fortran: bool = False
) -> Array:
    """Read an array whose size was looked at.

    Parameters
    ----------
    file : binary file
        Its next bytes are the array's.
    shape : tuple of int
        The shape.
    dtype : numpy.dtype
        The dtype, of numbers.
    fortran : bool
        Whether the first axis varies fastest.

    Returns
    -------
    numpy.ndarray
        Of the file's dtype.

    Raises
    ------
    EOFError
        If the file ends before.
    """
    array = np.empty(shape, dtype, order="F" if fortran else "C")
    if array.size:
        _fill(file, array.reshape(-1, order="A").view("uint8").data)
    return array


def _fill(file: IO[bytes], memory: memoryview) -> None:
    """Read block by block, for a zip file makes a copy of every block."""
    done = 0
    while done < len(memory):
        block = file.read(min(_BLOCK, len(memory) - done))
        if not block:
            raise EOFError("it ends too early")
        memory[done : done + len(block)] = block
        done += len(block)
