"""The explorer of the documentation: its formulas in Node, checked by the validator, and its page in Chromium."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from stgref import estimators, hard_concrete, rectified_gaussian
from stgref.conformance import validate
from tests import chromium
from tests.conformance import shipped

FOLDER = shipped.ROOT / "docs/explorer"
ADDRESS = chromium.address(FOLDER / "index.html")
SEED = 20261201

# --- the formulas ----------------------------------------------------------------------------------------------------

EVALUATE = """
const formulas = require(process.argv[1]);
const plain = (_, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(JSON.stringify(eval(line), plain));
});
"""


@pytest.fixture(scope="module")
def node():
    """Evaluate an expression about ``formulas``; numbers come and go by their shortest decimals, which are exact."""
    if shutil.which("node") is None:
        pytest.skip("needs node")
    command = ["node", "-e", EVALUATE, str(FOLDER / "formulas.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def evaluate(expression):
            process.stdin.write(expression.replace("\n", " ") + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield evaluate
        process.stdin.close()


def live(node, expression):
    """A function of rows of numbers as the validator calls it."""

    def f(*arguments):
        rows = json.dumps(np.stack([a.ravel() for a in arguments], axis=-1).tolist())
        found = node(f"{rows}.map((row) => ({expression})(...row))")
        shape = arguments[0].shape
        if not isinstance(found[0], dict):
            return np.array(found, dtype=float).reshape(shape)
        return {key: np.array([row[key] for row in found], dtype=float).reshape(shape) for key in found[0]}

    return f


def test_the_validator_passes_every_formula_over_the_whole_domain(node):
    names = node("Object.keys(formulas.FUNCTIONS)")
    subject = {name: live(node, f'formulas.FUNCTIONS["{name}"]') for name in names}
    slope = "(...own) => ({ log_alpha: formulas.slopeOfHardConcreteMean(...own) })"
    subject["hard_concrete.grad_mean"] = live(node, slope)
    report = validate(subject, tolerance=4, rng=SEED)
    assert [(check.id, check.diagnosis) for check in report.checks if check.status == "fail"] == []
    drawn = {c.function for c in report.checks if c.id.endswith("drawn") and c.status == "pass"}
    assert drawn == set(subject)
    assert f"{len(names)} functions" in (shipped.ROOT / "docs/explorer.md").read_text()


ESTIMATORS = {
    # name: whether it has a temperature
    "score_function": False,
    "straight_through": False,
    "relaxation": True,
    "gumbel_softmax_st": True,
    "arm": False,
    "disarm": False,
}


def theirs(name, target, phi, noise, temperature):
    options = {"temperature": temperature} if ESTIMATORS[name] else {}
    f = estimators.objectives.Quadratic(target)
    return getattr(estimators, name)(f, np.array([phi]), np.asarray(noise)[:, None], **options)[:, 0]


def test_estimators_are_those_of_stgref(node):
    assert list(ESTIMATORS) == node("Object.keys(formulas.ESTIMATORS)")
    noise = node(f"formulas.uniforms({SEED}, 200).map(formulas.logit)")
    for name in ESTIMATORS:
        for target, phi, temperature in [(0.45, 0.3, 0.5), (0.9, -2.5, 0.1), (0.0, 4.0, 3.0)]:
            call = f"formulas.ESTIMATORS.{name}(formulas.quadratic({target}), {phi}, n, {temperature})"
            mine = node(f"{json.dumps(noise)}.map((n) => {call})")
            np.testing.assert_allclose(
                mine, theirs(name, target, phi, noise, temperature), rtol=1e-13, atol=0
            )


def test_random_numbers_are_uniform_and_depend_on_the_seed(node):
    first, second = (np.array(node(f"formulas.uniforms({seed}, 20000)")) for seed in (1, 2))
    for u in (first, second):
        # The bound of Dvoretzky, Kiefer, Wolfowitz and Massart, at one false alarm in a million.
        distance = np.abs(np.sort(u) - (np.arange(u.size) + 0.5) / u.size).max()
        assert distance < np.sqrt(np.log(2e6) / (2 * u.size))
        assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / np.sqrt(u.size)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(first.size)
    assert not np.intersect1d(first, second).size
    assert node("formulas.uniforms(1, 9)") == first[:9].tolist()


# --- the page --------------------------------------------------------------------------------------------------------

LAWS = {
    "hard_concrete": (hard_concrete, ("log_alpha", "temperature", "lower", "upper")),
    "rectified_gaussian": (rectified_gaussian, ("mu", "std")),
}
KEYS = {"ArrowRight": 39, "Home": 36, "End": 35, "Enter": 13}
TOUR = "#log_alpha=-1.5&temperature=0.3&lower=-0.4&upper=1.3&mu=-0.2&std=0.7&seed=7&logits=2&target=0.3&relaxation=0.2&draws=4"


@pytest.fixture(scope="module")
def browser():
    if chromium.program() is None:
        pytest.skip("needs Chromium")
    page = chromium.Page(ADDRESS)
    yield page
    page.close()


@pytest.fixture
def page(browser):
    """The page as at first."""
    browser.resize(1200, 900)
    browser.open(ADDRESS)
    return browser


def press(page, key):
    page.press(key, KEYS[key])


def state(page):
    return page.evaluate("({ ...state })")


def numbers(page):
    """The numbers on the page, in full, by their names."""
    cells = page.evaluate(
        "[...document.querySelectorAll('data')].map((d) => [d.dataset.number, d.value, d.textContent])"
    )
    for _, value, text in cells:
        assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(float(value), rel=5.1e-3, abs=0)
    return {name: float(value) for name, value, _ in cells}


def expected(page):
    """The same by stgref."""
    own, found = state(page), {}
    u = np.array(page.evaluate(f"formulas.uniforms({own['seed']}, 20000)"))
    logistic = np.log(u) - np.log1p(-u)
    normal = np.array(page.evaluate("noise().normal"))
    for law, (module, names) in LAWS.items():
        parameters = [own[name] for name in names]
        for quantity in ("prob_zero", "prob_interior", "prob_one", "prob_active", "mean", "median"):
            found[f"{law}.{quantity}"] = getattr(module, quantity)(*parameters)
        for quantity in ("grad_prob_active", "grad_mean"):
            for field, value in getattr(module, quantity)(*parameters)._asdict().items():
                found[f"{law}.{quantity}.{field}"] = value
        z = module.transform((logistic if law == "hard_concrete" else normal)[:200], *parameters)
        found[f"zeros.{law}"], found[f"ones.{law}"] = np.sum(z == 0.0), np.sum(z == 1.0)
    found["exact.gradient"] = estimators.objectives.Quadratic(own["target"]).exact_gradient([own["logits"]])[
        0
    ]
    for which in ("first", "second"):
        noise = logistic[: 200 * own["draws"]]
        estimates = theirs(own[which], own["target"], own["logits"], noise, own["relaxation"])
        averages = estimates.reshape(200, own["draws"]).mean(axis=1)
        found[f"{which}.mean"], found[f"{which}.spread"] = averages.mean(), averages.std()
        found[f"{which}.bias"] = averages.mean() - found["exact.gradient"]
    return found


def agrees(page):
    shown, wanted = numbers(page), expected(page)
    for name, value in shown.items():
        assert value == pytest.approx(wanted[name], rel=1e-12, abs=1e-15), name
    return shown


def test_it_loads_from_a_disk_without_a_complaint_and_without_a_network(page):
    bad = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    assert [event for event in page.events if event.get("method") in bad] == []
    asked = [
        e["params"]["request"]["url"] for e in page.events if e.get("method") == "Network.requestWillBeSent"
    ]
    files = {"index.html", "explorer.css", "formulas.js", "drawing.js", "explorer.js"}
    assert {url for url in asked if not url.startswith("data:")} == {
        chromium.address(FOLDER / f) for f in files
    }


def test_its_numbers_are_those_of_stgref(page):
    first = agrees(page)
    assert first["hard_concrete.mean"] == pytest.approx(0.5, rel=1e-14)
    for first, second in [("straight_through", "disarm"), ("arm", "gumbel_softmax_st")]:
        page.open(ADDRESS + TOUR + f"&first={first}&second={second}")
        assert (state(page)["draws"], state(page)["first"]) == (4, first)
        agrees(page)


def test_every_slider_moves_by_keys_and_changes_what_is_shown(page):
    for i, name in enumerate(page.evaluate("controls.map((c) => c.type === 'range' && c.dataset.name)")):
        if not name:
            continue
        before, figure = (
            state(page),
            f"controls[{i}].closest('section').querySelector('svg[role=img]').innerHTML",
        )
        drawn = page.evaluate(figure)
        page.evaluate(f"controls[{i}].focus()")
        press(page, "ArrowRight")
        after = state(page)
        assert after[name] > before[name], name
        assert {key for key in after if after[key] != before[key]} == {name}
        assert page.evaluate(figure) != drawn, name
        assert page.evaluate(f"controls[{i}].getAttribute('aria-valuetext')") == page.evaluate(
            f"shown(state.{name})"
        )
        assert f"{name}=" in page.evaluate("location.hash")
    agrees(page)


def test_the_ends_of_every_slider_are_drawn(page):
    for key in ("Home", "End"):
        for i in page.evaluate("controls.map((c, i) => (c.type === 'range' ? i : -1)).filter((i) => i >= 0)"):
            page.evaluate(f"controls[{i}].focus()")
            press(page, key)
        agrees(page)
        assert "NaN" not in page.evaluate("document.body.innerHTML")
    page.open(ADDRESS + "#target=0.5&first=arm&second=disarm")  # Every estimate is 0.
    assert "NaN" not in page.evaluate("document.body.innerHTML")
    assert [e for e in page.events if e.get("method") == "Runtime.exceptionThrown"] == []


ANNOUNCED = """new Promise((done) => {
  const region = document.getElementById("status");
  for (const _ of [1, 2]) {
    controls[0].stepUp();
    controls[0].dispatchEvent(new Event("input"));
  }
  const from = performance.now();
  const tell = () => done([performance.now() - from, region.textContent]);
  new MutationObserver(tell).observe(region, { childList: true });
})"""


def test_a_move_is_announced_once_the_hand_rests(page):
    assert page.evaluate("document.getElementById('status').getAttribute('role')") == "status"
    assert page.evaluate("document.querySelectorAll('[aria-live], [role=alert], output').length") == 0
    waited, said = page.evaluate(ANNOUNCED)
    assert waited > 400
    assert state(page)["log_alpha"] == 0.2
    assert said == page.evaluate("document.getElementById('figure-gate').getAttribute('aria-label')")
    assert page.evaluate("shown(number('hard_concrete.prob_zero', latest))") in said


def test_every_control_and_figure_has_a_name(page):
    tree = page("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]
    ]
    names = {
        role: [name for r, name in named if r == role] for role in ("slider", "combobox", "button", "image")
    }
    assert {role: len(of) for role, of in names.items()} == {
        "slider": 11,
        "combobox": 2,
        "button": 2,
        "image": 7,
    }
    assert all(name.strip() for of in names.values() for name in of)
    for name in names["image"]:
        assert sum(character.isdigit() for character in name) > 3, name


def test_the_address_restores_and_nonsense_is_ignored(page):
    first = state(page)
    page.open(
        ADDRESS
        + "#log_alpha=1e9&temperature=-1&lower=x&mu=&std=NaN&logits=-99&seed=1.5&first=none&constructor=1&upper=1.2"
    )
    assert state(page) == first | {"upper": 1.2}
    page.evaluate("document.getElementById('reset').focus()")
    press(page, "Enter")
    assert (state(page), page.evaluate("location.hash")) == (first, "")
    before = numbers(page)
    page.evaluate("document.getElementById('redraw').click()")
    assert (state(page), page.evaluate("location.hash")) == (first | {"seed": 2}, "#seed=2")
    assert agrees(page)["zeros.hard_concrete"] != before["zeros.hard_concrete"]


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_is_wider_than_the_screen(page, width):
    page.resize(width, 800)
    page.open(ADDRESS + TOUR)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = "Math.max(...[...document.querySelectorAll('svg[role=img] text')].map((t) => t.getBoundingClientRect().right))"
    assert page.evaluate(right) <= width
