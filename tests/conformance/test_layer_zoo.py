"""Wrong gate layers are caught and named, from all their cases; the plain layer without bugs passes."""

import pytest

from stgref.conformance import DEFECTS
from tests.conformance.layer_zoo import RIGHT, ZOO
from tests.conformance.vector_subjects import judged


def wrong(function, call):
    """Those that fail, aside from arguments that should be refused: the zoo refuses few."""
    checks = judged({function: call})
    return [check for check in checks if check.status == "fail" and ".outside." not in check.id]


@pytest.mark.parametrize("name", ZOO)
def test_a_wrong_layer_is_caught_and_named(name):
    function, call, cause = ZOO[name]
    found = wrong(function, call)
    assert {check.dtype for check in found} == {"float32", "float64"}
    assert {check.defect for check in found} == {cause}


@pytest.mark.parametrize("function", RIGHT)
def test_the_same_without_the_bug_passes(function):
    assert wrong(function, RIGHT[function]) == []


def test_names_are_known_and_most_have_one():
    named = [cause for *_, cause in ZOO.values() if cause]
    assert set(named) <= {defect.name for defect in DEFECTS}
    assert len(named) >= 0.8 * len(ZOO)
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)
    assert all(defect.description for defect in DEFECTS)
