"""Every quantity and every gradient of every law keeps the bound of DESIGN 9, in float64 and in float32.

``STGREF_DENSE=1`` visits many more points.
"""

import pytest

from tests.accuracy.check import DTYPES, FUNCTIONS, check


@pytest.mark.most(240)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_keeps_the_bound(function, dtype):
    rows = check(function, dtype)
    bad = [row for row in rows if not row.passed]
    assert not bad, "\n" + "\n".join(f"{row.line()}\n{row.details(5)}" for row in bad)
    assert all(row.points > 0 for row in rows)
