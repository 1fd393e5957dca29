"""What the pages of the laws say of other packages: computed there and here."""

import importlib
import tomllib
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import scipy.stats

import stgref
from stgref.explain import laws as explained

FOLDER = Path(__file__).parents[2] / "docs" / "laws"
DATA = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
VECTORS = ("concrete", "exp_concrete", "categorical")
CHECKS = [
    pytest.param(name, row, quantity, code, id=f"{name}-{row['package']}-{quantity}")
    for name, data in DATA.items()
    for row in data["elsewhere"]
    for quantity, code in row.get("check", {}).items()
]


def arguments(name):
    """Points inside the support, and parameters that are not the defaults."""
    if name in VECTORS:
        logits, x = np.array([0.3, -1.0, 0.8]), np.array([0.2, 0.5, 0.3])
        known = {"x": np.log(x) if name == "exp_concrete" else x, "logits": logits}
        return known if name == "categorical" else {**known, "temperature": np.float64(0.7)}
    values = {"loc": 0.7, "scale": 1.6, "log_alpha": -0.4, "temperature": 0.8, "lower": -0.2, "upper": 1.3}
    values |= {"mu": 0.3, "std": 0.6, "a": 1.7, "b": 2.4, "logits": -0.8}
    inside = DATA[name]["range"][0] >= 0.0
    x = np.array([0.15, 0.4, 0.9]) if inside else np.array([-1.3, 0.2, 2.9])
    return {"x": x, **{key: np.float64(values[key]) for key in explained.parameters(name)}}


def there(package, code, known):
    """What the other package computes."""
    names = {"np": np, "scipy": scipy}
    if package == "PyTorch":
        torch = pytest.importorskip("torch")
        names, known = {"torch": torch}, {key: torch.as_tensor(value) for key, value in known.items()}
    if package == "NumPyro":
        numpyro = pytest.importorskip("numpyro")
        importlib.import_module("numpyro.distributions")
        names = {"numpyro": numpyro}
    return np.asarray(eval(code, {**names, **known}))  # noqa: S307 (the repository's own)


@pytest.mark.parametrize(("name", "row", "quantity", "code"), CHECKS)
def test_the_same_law_elsewhere_has_the_same_numbers(name, row, quantity, code):
    known = arguments(name)
    call = dict(known)
    if quantity not in ("logpdf", "cdf"):
        del call["x"]
    here = getattr(getattr(stgref, name), quantity)(**call)
    found = there(row["package"], code.replace("CODE", row["code"]), known)
    digits = 2e-5 if row["package"] == "NumPyro" else 1e-6 if found.dtype == np.float32 else 1e-10
    np.testing.assert_allclose(found, here, rtol=digits)


def test_every_law_has_a_page_and_every_name_in_it_exists():
    assert set(DATA) == {*explained.LAWS, *VECTORS}
    for name, data in DATA.items():
        assert set(data["related"]) <= set(DATA) - {name}
        for curve in data.get("curves", ()):
            assert set(curve) <= set(explained.parameters(name))
