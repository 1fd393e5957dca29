"""Wrong estimators, given objective, logits and noise, are caught and named; right ones written otherwise pass."""

import pytest

from stgref import estimators
from stgref.conformance import DEFECTS
from tests.conformance.estimator_zoo import RIGHT, ZOO
from tests.conformance.vector_subjects import judged, verdict


def wrong(checks):
    """Those that fail, aside from arguments that should be refused: the zoo refuses none."""
    return [check for check in checks if check.status == "fail" and ".outside." not in check.id]


@pytest.mark.parametrize("name", ZOO)
def test_a_wrong_estimator_is_caught_and_named(name):
    estimator, call, cause = ZOO[name]
    checks = wrong(judged({f"estimators.{estimator}": call}))
    assert {check.dtype for check in checks} == {"float32", "float64"}
    assert {check.defect for check in checks} == {cause}


@pytest.mark.parametrize("name", RIGHT)
def test_the_same_without_the_bug_passes(name):
    assert wrong(judged({f"estimators.{name}": RIGHT[name]})) == []


def test_names_are_known_and_most_have_one():
    named = [cause for *_, cause in ZOO.values() if cause]
    assert set(named) <= {defect.name for defect in DEFECTS}
    assert len(named) >= 0.8 * len(ZOO)


def test_an_innocent_estimator_is_never_blamed_for_another():
    estimator, call, cause = ZOO["DisARM without one half"]
    innocent = {f"estimators.{name}": getattr(estimators, name) for name in ("arm", "rebar", "rloo")}
    assert verdict({**innocent, f"estimators.{estimator}": call}) == ({f"estimators.{estimator}"}, {cause})
