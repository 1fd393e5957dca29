"""State dicts: Captum's entries, and those it forgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import array_api_compat
import numpy as np

from stgref.gates.settings import Mask, Parameter, Setting, settings_of
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.libraries import READS
from stgref.numerics.namespace import Array
from stgref.numerics.transport import to_host


def save(gates: Any) -> dict[str, Any]:
    """Every setting of ``gates`` by name; arrays are copies, and a mask is there if the gates have one."""
    values = {name: getattr(gates, name) for name in settings_of(gates)}
    return {
        name: arguments.copied(value) if array_api_compat.is_array_api_obj(value) else value
        for name, value in values.items()
        if value is not None
    }


def load(gates: Any, state: Any) -> None:
    """Set ``gates`` to ``state`` if all of it is right, else raise and change nothing."""
    where = f"{type(gates).__name__}.load_state_dict"
    settings = settings_of(gates)
    _check_keys(where, gates, state, settings)
    READS.check(where, (*state.values(), gates.__dict__[gates.family.parameter]))
    new = {
        name: settings[name].check(gates, _own(where, gates, settings[name], state[name])) for name in state
    }
    gates.__dict__.update(new)


def _check_keys(where: str, gates: Any, state: Any, settings: dict[str, Setting]) -> None:
    if not isinstance(state, Mapping):
        raise TypeError(f"{where}: state takes a mapping from names to values, got {type(state).__name__}")
    needed = set(gates.family.trained) | ({"mask"} if gates.mask is not None else set())
    allowed = settings.keys() - ({"mask"} - needed)
    if missing := sorted(needed - state.keys()):
        raise ValueError(f"{where}: state lacks {', '.join(missing)}")
    if unknown := sorted(map(str, state.keys() - allowed)):
        raise ValueError(f"{where}: state takes {', '.join(sorted(allowed))}, got also {', '.join(unknown)}")


def _own(where: str, gates: Any, setting: Setting, value: Any) -> Any:
    """``value`` as ``setting`` takes it: in the gates' own library, on their device."""
    like = gates.__dict__[gates.family.parameter]
    if isinstance(setting, Parameter):
        return _widened(where, setting.name, _moved(where, setting.name, value, like), like)
    if isinstance(setting, Mask):
        value = _moved(where, setting.name, value, like)
        arguments.shape(where, setting.name, value, tuple(gates.mask.shape), "that of the gates' own mask")
        return value
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()  # `numpy.savez` makes arrays of numbers and words
    return _moved(where, setting.name, value, like) if array_api_compat.is_array_api_obj(value) else value


def _moved(where: str, name: str, value: Any, like: Array) -> Array:
    """An array of any library in the library of ``like``, on its device."""
    if ns.check_kind(where, name, value) != "array":
        value = arguments.from_list(where, name, value)
    xp, device = array_api_compat.array_namespace(like), ns.device_of([like])
    if array_api_compat.array_namespace(value) is not xp:
        host = to_host(where, name, value)
        if host.dtype.kind == "f":
            ns.floating_dtype(f"{where}: {name}", xp, host.dtype.name)
        return xp.asarray(host, device=device)
    same = ns.is_lazy(value) or array_api_compat.device(value) == device
    return value if same else array_api_compat.to_device(value, device)


def _widened(where: str, name: str, value: Array, like: Array) -> Array:
    """A trained parameter in the dtype of the gates', which must hold all of its digits."""
    xp = array_api_compat.array_namespace(like)
    if not xp.isdtype(value.dtype, "real floating") or xp.result_type(value.dtype, like.dtype) != like.dtype:
        raise TypeError(
            f"{where}: {name} takes floating numbers that {like.dtype} can hold, got {value.dtype}"
        )
    return xp.astype(value, like.dtype, copy=False)
