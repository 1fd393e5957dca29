"""One number that all randomness of a run comes from."""

from typing import Any

import numpy as np

from stgref.numerics import noise


def seed_of(rng: Any) -> int:
    """Turn a source of randomness into a seed that can be reported.

    Parameters
    ----------
    rng : int, SeedSequence, Generator or BitGenerator, optional
        The source; an integer is its own seed, fresh entropy by default. A generator is advanced.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    TypeError, ValueError
        If it is none of these.
    """
    if rng is None:
        return _number(np.random.SeedSequence().generate_state(4))
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return int(rng)
    return _number(noise.generator(rng).integers(2**32, size=4))


def _number(words: Any) -> int:
    return sum(int(word) << (32 * place) for place, word in enumerate(words))
