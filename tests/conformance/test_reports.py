"""Reports in every format: complete, well formed, and safe from what a file says."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from stgref.conformance import plots, svg
from stgref.conformance.judge import judge
from stgref.conformance.junit import junit
from stgref.conformance.page import FEW, html
from stgref.conformance.recording import Failure, Recording
from stgref.conformance.report import Check, Report
from stgref.conformance.spread import POINTS, ULP, histogram, merged, thin
from stgref.conformance.summary import tables
from stgref.conformance.validation import validate
from stgref.conformance.vector_sets import all_cases
from stgref.conformance.writers import WRITERS, write
from tests.conformance import samplers, shipped
from tests.conformance.json_schema import complaints
from tests.conformance.test_shipped import off

ONE = "bc.prob_active.f64.bulk.default"
EVIL = "</title><script>alert(1)</script>&\"'\x00\x1b]\ud800￾"
SCHEMA = json.loads((resources.files("stgref.conformance") / "report.schema.json").read_text())
JUNIT = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname"},
    "failure": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
"""The elements that continuous integration knows, with the attributes that we give them."""


def evil():
    """A report in which every text is a stranger's."""
    output, _ = off(shipped.case(ONE), "value", 50)
    check = judge(shipped.case(ONE), output, 4.0)
    inputs = dict.fromkeys(check.worst.inputs, EVIL) | {EVIL: EVIL}
    worst = replace(check.worst, result=EVIL, inputs=inputs)
    check = replace(check, subject=EVIL, function=EVIL, id=EVIL, diagnosis=EVIL, expected=False, worst=worst)
    return Report(({"name": EVIL, EVIL: EVIL},), 4.0, (check,))


def infinite():
    """A report of infinite errors and strange arguments."""
    case = shipped.case(ONE)
    output = {"value": np.full(case.array("log_alpha").shape, np.inf)}
    return Report(({"name": "x"},), 4.0, (replace(judge(case, output, 4.0), expected=False),))


def sampled():
    subject = {"normal.sample": samplers.law("normal"), "bernoulli.sample": samplers.law("bernoulli")}
    subject["gumbel.sample"] = samplers.law("gumbel", change=lambda x: 1.1 * x)
    return validate(subject, rng=1)


def vectors():
    """A subject that is off by an eps everywhere, and by much once."""
    outputs = {
        name: Failure("no")
        if case.kind == "invalid"
        else {n: x * (1 + np.finfo(case.dtype).eps) for n, x in case.results.items()}
        for name, case in all_cases().items()
    }
    one = next(name for name in outputs if name.startswith("normal.cdf.f64.bulk"))
    outputs[one] = {"value": 2 * outputs[one]["value"]}
    with np.errstate(over="ignore"):
        return validate(Recording({"name": "x"}, all_cases(), outputs))


def several():
    """The shipped report twice, under two names."""
    one = shipped.report()
    again = tuple(replace(check, subject="other 1", expected=True) for check in one.checks)
    return Report((*one.subjects, {"name": "other", "version": "1"}), 4.0, one.checks + again)


REPORTS = {
    "several": several,
    "shipped": shipped.report,
    "evil": evil,
    "infinite": infinite,
    "sampled": sampled,
    "vectors": vectors,
    "nothing": lambda: Report(({"name": "x"},), 4.0, ()),
}


@pytest.fixture(scope="module", params=REPORTS)
def report(request):
    return REPORTS[request.param]()


def test_every_format_is_written_in_utf8(report, tmp_path):
    for suffix in WRITERS:
        write(report, tmp_path / f"r{suffix}")
        assert (tmp_path / f"r{suffix}").read_text(encoding="utf-8")


def test_json_keeps_its_schema(report):
    document = json.loads(report.to_json(), parse_constant=pytest.fail)
    assert list(complaints(document, SCHEMA)) == []
    assert len(document["checks"]) == len(report.checks)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "maybe"},
        {"count": -1},
        {"count": True},
        {"count": 1.5},
        {"expected": 1},
        {"extra": 1},
        {"worst": {"result": "value"}},
        {"worst": []},
        {"defect": 3},
        {"spread": {"argument": "x", "points": [["much", 1]], "ulp": []}},
    ],
    ids=str,
)
def test_the_schema_refuses_another_document(change):
    document = json.loads(shipped.report().to_json())
    document["checks"][0] |= change
    assert list(complaints(document, SCHEMA))


def test_junit_has_a_case_for_every_check_and_a_failure_for_every_surprise(report):
    root = ET.fromstring(junit(report).encode())  # noqa: S314  it was written here
    for element in root.iter():
        assert JUNIT[element.tag] >= element.attrib.keys()
    assert len(root.findall("./testsuite/testcase")) == len(report.checks)
    failures = root.findall("./testsuite/testcase/failure")
    assert len(failures) == sum(not check.expected for check in report.checks)
    assert (root.attrib["tests"], root.attrib["failures"]) == (str(len(report.checks)), str(len(failures)))
    for suite in root:
        for name, path in (("tests", "testcase"), ("failures", "*/failure"), ("skipped", "*/skipped")):
            assert int(suite.attrib[name]) == len(suite.findall(path))
    for failure in failures:
        assert failure.text
        assert failure.attrib["message"]


def test_junit_shows_expected_defects_as_passed_and_says_so():
    text = junit(shipped.report())
    assert "<failure" not in text
    said = {each.text for each in ET.fromstring(text).iter("system-out")}  # noqa: S314
    known = {check.diagnosis for check in shipped.report().checks if check.status == "fail"}
    assert {f"fail, as expected: {diagnosis}" for diagnosis in known} <= said
    broken = [replace(check, expected=check.status != "fail") for check in shipped.report().checks]
    root = ET.fromstring(junit(Report(({"name": "x"},), 4.0, tuple(broken))))  # noqa: S314
    assert len(root.findall(".//failure")) == sum(check.status == "fail" for check in broken) > 0
    assert "got    0x" in root.find(".//failure").text


class Page(HTMLParser):
    """What a browser would make of a page."""

    VOID = ("meta", "br")

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text, self.links = [], [], "", []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"} or name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if self.open[-1:] != ["style"] else ""


def test_the_page_needs_nothing_else(report):
    text = html(report)
    page = Page(text)
    assert not {"script", "link", "iframe", "img", "object", "embed"} & set(page.tags)
    assert set(page.links) <= {"#problems", "#errors", "#samples"}
    assert all(f'id="{link[1:]}"' in text for link in page.links)
    assert "url(" not in text
    assert "@import" not in text
    assert "nan" not in "".join(re.findall(r"<svg.*?</svg>", text))
    assert "\x00" not in text


def test_the_page_shows_the_verdict_the_functions_and_the_problems(report):
    text = Page(html(report)).text
    assert ("PASSED" if report.passed else "FAILED") in text
    for check in report.checks:
        if check.status != "skipped" and check.function.isprintable():
            assert check.function in text
        if not check.expected and check.worst and check.id.isprintable():
            assert check.id in text
            assert check.worst.got in text


def test_several_subjects_have_a_row_each(tmp_path):
    one = several()
    for suffix in (".md", ".html"):
        write(one, tmp_path / f"r{suffix}")
        text = (tmp_path / f"r{suffix}").read_text()
        assert "Subjects" in text
    (rows,) = [table.rows for table in tables(one) if table.title == "Subjects"]
    assert [row[0] for row in rows] == list(dict.fromkeys(check.subject for check in one.checks))
    assert sum(int(row[1]) for row in rows) == sum(check.count for check in one.checks)
    assert "Subjects" not in html(vectors())


def test_plots_are_drawn_where_there_is_something_to_draw():
    drawn = html(shipped.report()).count("<svg")
    functions = {(check.subject, check.function) for check in shipped.report().checks if check.worst}
    assert len(functions) < drawn <= 2 * len(functions)
    samples = sampled()
    curves = [check for check in samples.checks if check.statistics and check.statistics.curve]
    assert {check.id.rpartition(".")[2] for check in curves} == {"distribution"}
    assert html(samples).count("<svg") == 2 * len(curves) > 0


def test_many_problems_are_told_from_the_worst_on():
    check = shipped.report().checks[0]
    many = [
        replace(check, id=f"case-{i}", expected=False, worst=replace(check.worst, tolerances=float(i)))
        for i in range(100)
    ]
    text = html(Report(({"name": "x"},), 4.0, tuple(many)))
    assert text.count("<pre>") == FEW
    assert "case-99 " in text
    assert f"{100 - FEW} more" in text


def test_points_lie_where_their_numbers_are():
    x, y = np.array([-3.0, 0.0, 5.0]), np.array([1e-9, 1.0, 1e9])
    check = Check("", "f.g", "i", "float64", "pass", count=3, worst=shipped.report().checks[0].worst)
    spread = thin(x, y)
    assert spread == ((-3.0, 1e-9), (0.0, 1.0), (5.0, 1e9))
    drawn = plots.over_domain([replace(check, spread=_spread(spread))])
    right, wrong = re.findall(r'd="([^"]+)"', drawn)
    assert [tuple(map(float, p.split())) for p in re.findall(r"M([\d. ]+)h0", right)] == [
        (svg.LEFT + 4, svg.BOTTOM - 3),  # Below the scale: on its edge.
        (pytest.approx(svg.LEFT + 4 + 3 / 8 * (svg.RIGHT - svg.LEFT - 8), abs=0.06), _middle()),
    ]
    assert wrong == f"M{svg.RIGHT - 4:.1f} {svg.TOP + 3:.1f}h0"


def _spread(points):
    return replace(shipped.report().checks[0].spread, points=points)


def _middle():
    """The place of 1 on a scale from 1e-4 to 1e4."""
    return pytest.approx((svg.TOP + svg.BOTTOM) / 2, abs=0.06)


def test_axes_have_round_ticks_inside():
    for low, high in (
        (0, 1),
        (-3, 3),
        (-1e300, 1e300),
        (0, 1e-300),
        (5, 5),
        (0, 1e5),
        (-40, -30),
        (1e300, 1.7e308),
    ):
        axis = svg.Axis.over(np.array([low, high], "float64"), 0, 100)
        slack = 1e-9 * (axis.high - axis.low)
        assert 1 <= len(axis.ticks) <= 2 * svg.TICKS
        assert all(axis.low - slack <= tick <= axis.high + slack for tick in axis.ticks)
        places = [float(axis.place(tick)) for tick in axis.ticks]
        assert places == sorted(places)
        assert all(0 <= place <= 100 for place in places)


def test_errors_are_counted_by_their_size():
    assert histogram([0.0, 0.25, 0.5, 0.75, 1e300, np.inf]).tolist() == [1, 2, 1] + [0] * (len(ULP) - 3) + [2]
    for check in shipped.report().checks:
        assert check.spread is None or sum(check.spread.ulp) == check.count


def test_the_worst_of_every_part_is_kept_when_parts_are_merged():
    random = np.random.default_rng(0)
    x, y = random.normal(size=10_000), random.exponential(size=10_000)
    y[1234] = np.inf
    whole = thin(x, y)
    assert len(whole) == POINTS
    assert (x[1234], np.inf) in whole
    half = [_spread(thin(x[part], y[part])) for part in (slice(5000), slice(5000, None))]
    assert (x[1234], np.inf) in merged(half).points
    assert sum(merged(half).ulp) == 2 * sum(half[0].ulp)
