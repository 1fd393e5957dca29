"""Tests across libraries, as the functions declare what they take: what they do not take must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stgref.numerics.libraries import Support
from tests.conftest import LIBRARIES, MORE_LIBRARIES, Library

EVERY = [*LIBRARIES, *MORE_LIBRARIES]
"""All that declarations are about; `numpy-readonly` is NumPy with arguments that cannot be written to."""


def across(*without: str) -> pytest.MarkDecorator:
    """Run a test on every library, apart from those it cannot be asked on."""
    modes = [mode for mode in EVERY if mode not in without]
    return pytest.mark.parametrize("xp", modes, indirect=True, scope="session")


def called(xp: Library, support: Support, name: str, f: Callable[..., Any], *args: Any) -> Any:
    """Return ``f(*args)`` on the library, or None where it was refused, as ``support`` declares."""
    if xp.name not in support.without:
        return xp.call(f, *args)
    with pytest.raises(TypeError) as refusal:
        xp.call(f, *args)
    message = str(refusal.value)
    assert message.startswith(f"{name}: not "), message
    assert support.reason in message, message
    assert support.instead in message, message
    return None
