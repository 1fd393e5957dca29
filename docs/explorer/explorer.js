// The page: what the sliders hold, what is drawn of it, and what is said of it. The formulas are in formulas.js.
"use strict";

const { FUNCTIONS, ESTIMATORS } = formulas;
const { signed, grid, words, line, box, disc, curve, area, chart } = drawing;

// State -----------------------------------------------------------------------------------------------------------------

const controls = [...document.querySelectorAll("[data-name]")];
const DEFAULTS = {
  ...{ log_alpha: 0, temperature: 2 / 3, lower: -0.1, upper: 1.1, mu: 0.5, std: 0.5, seed: 1 },
  ...{ logits: 1, target: 0.45, relaxation: 0.5, draws: 10, first: "score_function", second: "relaxation" },
};
const state = { ...DEFAULTS };

/** A slider's value at a position, and back: the position is the value, or its decimal logarithm. */
const fromPosition = (control) => {
  if (control.tagName === "SELECT") return control.value;
  const value = control.dataset.scale === "log" ? 10 ** control.value : Number(control.value);
  return control.dataset.whole === undefined ? value : Math.round(value);
};
const toPosition = (control, value) => (control.dataset.scale === "log" ? Math.log10(value) : value);

/** Whether a control can be set to a value, as one from an address that somebody typed may not be. */
function takes(control, value) {
  if (control.tagName === "SELECT") return [...control.options].some((option) => option.value === value);
  const position = toPosition(control, value);
  return position >= Number(control.min) && position <= Number(control.max);
}

/** The state from the address; what is missing or makes no sense there is as at first. */
function readHash() {
  const given = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, DEFAULTS);
  for (const [name, text] of given) {
    const value = typeof DEFAULTS[name] === "number" ? Number(text.trim() || NaN) : text;
    const control = controls.find((each) => each.dataset.name === name);
    if (control ? takes(control, value) : name === "seed" && Number.isSafeInteger(value)) state[name] = value;
  }
}

function writeHash() {
  const changed = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
  const text = new URLSearchParams(changed.map(([name, value]) => [name, String(value)])).toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}

// Numbers ---------------------------------------------------------------------------------------------------------------

const GATES = 200;
const REPEATS = 200;
const MOST = 100;
const gate = () => [state.log_alpha, state.temperature, state.lower, state.upper];
const gaussian = () => [state.mu, state.std];

const drawn = { seed: null };
/** The random numbers of the seed, made once: gates and estimators all use the same. */
function noise() {
  if (drawn.seed !== state.seed) {
    const u = formulas.uniforms(state.seed, REPEATS * MOST);
    Object.assign(drawn, { seed: state.seed, logistic: u.map(formulas.logit) });
    drawn.normal = u.slice(0, GATES).map(formulas.normalQuantile);
  }
  return drawn;
}

const samples = {
  hard_concrete: () => noise().logistic.slice(0, GATES).map((n) => FUNCTIONS["hard_concrete.transform"](n, ...gate())),
  rectified_gaussian: () => noise().normal.map((n) => FUNCTIONS["rectified_gaussian.transform"](n, ...gaussian())),
};
const count = (list, value) => list.filter((z) => z === value).length;

/** Single estimates of an estimator, the averages of `draws` of them, and those averages' mean and standard deviation. */
function estimated(name) {
  const f = formulas.quadratic(state.target);
  const single = noise().logistic.map((n) => ESTIMATORS[name](f, state.logits, n, state.relaxation));
  const average = (list) => list.reduce((sum, g) => sum + g, 0) / list.length;
  const k = state.draws;
  const averages = Array.from({ length: REPEATS }, (_, i) => average(single.slice(i * k, (i + 1) * k)));
  const mean = average(averages);
  const spread = Math.sqrt(average(averages.map((g) => (g - mean) ** 2)));
  return { single, averages, mean, spread, bias: mean - exact() };
}
const exact = () => formulas.exactGradient(formulas.quadratic(state.target), state.logits);

/** A number by its name: a function of stgref, with the field of a gradient, or what was counted. */
function number(name, all) {
  const [law, what, field] = name.split(".");
  if (law in all) return all[law][what];
  const own = law === "hard_concrete" ? gate() : gaussian();
  if (name === "hard_concrete.grad_mean.log_alpha") return formulas.slopeOfHardConcreteMean(...own);
  const value = FUNCTIONS[`${law}.${what}`](...own);
  return field ? value[field] : value;
}

function counted() {
  const all = { first: estimated(state.first), second: estimated(state.second), exact: { gradient: exact() } };
  const gates = Object.entries(samples).map(([law, f]) => [law, f()]);
  all.zeros = Object.fromEntries(gates.map(([law, z]) => [law, count(z, 0)]));
  all.ones = Object.fromEntries(gates.map(([law, z]) => [law, count(z, 1)]));
  return all;
}

/** Four digits, three where they would be many. */
function shown(x) {
  const text = x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(2) : String(Number(x.toPrecision(4)));
  return signed(text);
}
const of = (name) => shown(number(name, latest));
let latest = {};

// Figures: each by its id, what to draw in a width, and how to say it ---------------------------------------------------------

const TALLEST = 4;
const highest = (values) => Math.max(1, Math.min(TALLEST, 1.1 * Math.max(...values)));

/** Density, atoms, mean, median and samples of a law. */
function law(name, own, width) {
  const density = grid(0.0025, 0.9975, 200).map((z) => [z, FUNCTIONS[`${name}.pdf`](z, ...own)]);
  const top = highest(density.map(([, y]) => y));
  const settings = { width, height: 300, x: [-0.07, 1.07], y: [-0.35 * top, top], ground: 0 };
  const labels = ["gate z", "density; probability of the bars"];
  return chart({ ...settings, labels }, ({ x, y }) => {
    const points = density.map(([z, value]) => [x(z), y(value)]);
    const atom = (z, chance, kind) => {
      const p = number(`${name}.${chance}`, latest);
      const how = `text-anchor="${z ? "end" : "start"}" class="strong"`;
      return box(x(z) - 5, y(p), 10, y(0) - y(p), kind) + words(x(z) + (z ? -9 : 9), y(0) - 6, shown(p), how);
    };
    const dots = samples[name]().map((z, i) => {
      const [aside, down] = scattered(i);
      return disc(x(z) + (z % 1 === 0 ? 14 * aside - 7 : 0), y(-top * (0.09 + 0.22 * down)), 2, "sample");
    });
    return [
      area(points, y(0), "inside"),
      curve(points, "edge"),
      atom(0, "prob_zero", "zero"),
      atom(1, "prob_one", "one"),
      line(x(-1), y(0), x(2), y(0), "axis"),
      line(x(number(`${name}.mean`, latest)), y(0) - 12, x(number(`${name}.mean`, latest)), y(0) + 6, "mean"),
      disc(x(number(`${name}.median`, latest)), y(0), 4, "median"),
      ...dots,
    ].join("");
  });
}
/** Points that fill a unit square evenly: multiples of powers of the root of x^3 = x + 1. */
const scattered = (i) => [(i * 0.7548776662466927) % 1, (i * 0.5698402909980532) % 1];

/** The stretched variable before it is clipped, and what becomes of its parts. */
function stretch(width) {
  const own = gate();
  const [, , l, u] = own;
  const parts = [[l, 0, "zero"], [0, 1, "inside"], [1, u, "one"]].map(([from, to, kind]) => {
    const inset = (u - l) * 1e-4;
    const xs = grid(from === l ? l + inset : from, to === u ? u - inset : to, 80);
    return [kind, xs.map((s) => [s, formulas.stretchedDensity(s, ...own)])];
  });
  const top = 1.25 * highest(parts.flatMap(([, points]) => points.map(([, y]) => y)));
  const labels = ["stretched, not yet clipped", "density"];
  return chart({ width, height: 280, x: [-1.05, 2.05], y: [0, top], labels }, ({ x, y }) =>
    [
      ...parts.map(([kind, points]) => area(points.map(([s, p]) => [x(s), y(p)]), y(0), kind)),
      ...[0, 1].map((end) => line(x(end), y(0), x(end), y(top), "limit")),
      words(x(-0.06), y(0.88 * top), of("hard_concrete.prob_zero"), 'text-anchor="end" class="strong"'),
      words(x(0.5), y(0.88 * top), of("hard_concrete.prob_interior"), 'text-anchor="middle" class="strong"'),
      words(x(1.06), y(0.88 * top), of("hard_concrete.prob_one"), 'class="strong"'),
    ].join(""),
  );
}

/** The gate and its derivative to log alpha, as functions of the noise. */
function path(width) {
  const own = gate();
  const x = [-8, 8];
  const at = grid(...x, 480).map((n) => [n, FUNCTIONS["hard_concrete.grad_transform"](n, ...own)]);
  const steepest = Math.max(...at.map(([, d]) => d.log_alpha), 0.01);
  const gates = noise().logistic.slice(0, GATES);
  const upper = { width, height: 200, x, y: [-0.08, 1.2], labels: ["noise", "gate z"] };
  const lower = { top: 200, width, height: 160, x, y: [0, 1.25 * steepest] };
  return (
    chart(upper, (to) =>
      [
        curve(at.map(([n, d]) => [to.x(n), to.y(d.value)]), "edge"),
        ...gates.map((n) => disc(to.x(n), to.y(FUNCTIONS["hard_concrete.transform"](n, ...own)), 2.5, "sample")),
      ].join(""),
    ) +
    chart({ ...lower, labels: ["noise", "its derivative to log α"] }, (to) =>
      curve(at.map(([n, d]) => [to.x(n), to.y(d.log_alpha)]), "slope"),
    )
  );
}

/** Penalty, its derivative and the mean along one parameter; `own` makes the law's parameters of it. */
function along(name, parameter, x, own, width) {
  const lines = {
    penalty: (p) => FUNCTIONS[`${name}.prob_active`](...own(p)),
    "mean-curve": (p) => FUNCTIONS[`${name}.mean`](...own(p)),
    slope: (p) => FUNCTIONS[`${name}.grad_prob_active`](...own(p))[parameter],
  };
  const here = state[parameter];
  const at = grid(...x, 160);
  const steepest = Math.max(...at.map(lines.slope));
  const labels = [parameter === "mu" ? "μ" : "log α", ""];
  return chart({ width, height: 260, x, y: [0, Math.max(1, Math.min(2, steepest)) * 1.05], labels }, (to) =>
    [
      line(to.x(here), to.y(0), to.x(here), to.y(3), "limit"),
      ...Object.entries(lines).map(([kind, f]) => curve(at.map((p) => [to.x(p), to.y(f(p))]), kind)),
      ...Object.entries(lines).map(([kind, f]) => disc(to.x(here), to.y(f(here)), 4.5, `now ${kind}`)),
    ].join(""),
  );
}

/** Histograms of the averages of two estimators above one another. */
function race(width) {
  const two = [latest.first, latest.second];
  const ends = two.flatMap(({ single }) => [single.reduce((a, b) => Math.min(a, b)), single.reduce((a, b) => Math.max(a, b))]);
  const [low, high] = [Math.min(...ends, exact()), Math.max(...ends, exact())];
  const pad = 0.03 * (high - low) || 1;
  const settings = { width, height: 300, x: [low - pad, high + pad], y: [0, 2.3], labels: ["estimate of the gradient", ""] };
  return chart({ ...settings, ground: 9 }, ({ x, y }) =>
    [
      ...two.map((each, i) => histogram(each, { x, y }, 1.2 - 1.2 * i, ["s0", "s1"][i])),
      ...two.map((_, i) => words(4, y(2.12 - 1.2 * i), titleOf(i ? "second" : "first"), `class="s${i}"`)),
      line(x(exact()), y(0), x(exact()), y(2.3), "exact"),
    ].join(""),
  );
}

const titleOf = (which) => document.querySelector(`[data-name=${which}] [value=${state[which]}]`).textContent;

function histogram({ averages, mean, spread }, { x, y }, ground, kind) {
  const [low, wide] = [Math.min(...averages.map(x)), 5];
  const bins = new Map();
  for (const g of averages) {
    const bin = Math.floor((x(g) - low) / wide + 1e-6);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const tallest = Math.max(...bins.values());
  const bars = [...bins].map(([bin, n]) => {
    const top = y(ground + (0.72 * n) / tallest);
    return box(low + bin * wide - wide / 2, top, wide - 1, y(ground) - top, kind);
  });
  const level = y(ground + 0.8);
  const whisker = line(x(mean - spread), level, x(mean + spread), level, `whisker ${kind}`);
  return bars.join("") + line(0, y(ground), 5000, y(ground), "axis") + whisker + disc(x(mean), level, 4, `now ${kind}`);
}

const FIGURES = {
  "figure-gate": {
    draw: (width) => law("hard_concrete", gate(), width),
    say: () => `Hard concrete gate at log alpha ${shown(state.log_alpha)}: ${lawInWords("hard_concrete")}`,
  },
  "figure-stretch": {
    draw: stretch,
    say: () =>
      `Density stretched to ${shown(state.lower)} and ${shown(state.upper)}: probability ${of("hard_concrete.prob_zero")} lies` +
      ` below 0, ${of("hard_concrete.prob_interior")} between, ${of("hard_concrete.prob_one")} above 1.`,
  },
  "figure-path": {
    draw: path,
    say: () =>
      `Gate as a function of its noise at temperature ${shown(state.temperature)}: it is clipped, with derivative 0, with` +
      ` probability ${shown(1 - number("hard_concrete.prob_interior", latest))}; the derivative to log alpha is` +
      ` ${of("hard_concrete.grad_mean.log_alpha")} on average.`,
  },
  "figure-penalty": {
    draw: (width) => along("hard_concrete", "log_alpha", [-8, 8], (a) => [a, ...gate().slice(1)], width),
    say: () =>
      `At log alpha ${shown(state.log_alpha)} the penalty is ${of("hard_concrete.prob_active")}, its derivative` +
      ` ${of("hard_concrete.grad_prob_active.log_alpha")}, and the mean of the gate ${of("hard_concrete.mean")}.`,
  },
  "figure-gaussian": {
    draw: (width) => law("rectified_gaussian", gaussian(), width),
    say: () =>
      `Gaussian gate at mu ${shown(state.mu)}, std ${shown(state.std)}: ${lawInWords("rectified_gaussian")}`,
  },
  "figure-gaussian-penalty": {
    draw: (width) => along("rectified_gaussian", "mu", [-2, 3], (mu) => [mu, state.std], width),
    say: () =>
      `At mu ${shown(state.mu)} the penalty is ${of("rectified_gaussian.prob_active")}, its derivative` +
      ` ${of("rectified_gaussian.grad_prob_active.mu")}, and the mean of the gate ${of("rectified_gaussian.mean")}.`,
  },
  "figure-estimators": {
    draw: race,
    say: () => {
      const one = (which) => `${titleOf(which)}: mean ${of(`${which}.mean`)}, spread ${of(`${which}.spread`)}`;
      return `The gradient is ${of("exact.gradient")}. ${one("first")}. ${one("second")}. Averages of ${state.draws}.`;
    },
  },
};

const lawInWords = (name) =>
  `P(z = 0) is ${of(`${name}.prob_zero`)}, P(z = 1) is ${of(`${name}.prob_one`)}, the mean ${of(`${name}.mean`)}, the median` +
  ` ${of(`${name}.median`)}. Of ${GATES} samples ${latest.zeros[name]} are 0 and ${latest.ones[name]} are 1.`;

// The page --------------------------------------------------------------------------------------------------------------

function show() {
  latest = counted();
  for (const control of controls) {
    const value = state[control.dataset.name];
    control.value = toPosition(control, value);
    if (control.type !== "range") continue;
    control.setAttribute("aria-valuetext", shown(value));
    control.parentElement.querySelector(".value").textContent = shown(value);
  }
  for (const each of document.querySelectorAll("[data-number]")) {
    const value = number(each.dataset.number, latest);
    each.value = value;
    each.textContent = shown(value);
  }
  for (const each of document.querySelectorAll("[data-title]")) each.textContent = titleOf(each.dataset.title);
  document.getElementById("seed").textContent = state.seed;
  Object.keys(FIGURES).forEach(draw);
}

function draw(id) {
  const svg = document.getElementById(id);
  const width = svg.clientWidth;
  svg.innerHTML = FIGURES[id].draw(width);
  svg.setAttribute("aria-label", FIGURES[id].say());
}

let waiting;
/** Say politely, once the hand rests, what the figure next to a control shows. */
function announce(control) {
  clearTimeout(waiting);
  const figure = control.closest("section").querySelector("svg[role=img]").id;
  waiting = setTimeout(() => {
    document.getElementById("status").textContent = FIGURES[figure].say();
  }, 500);
}

for (const control of controls) {
  control.addEventListener("input", () => {
    state[control.dataset.name] = fromPosition(control);
    show();
    announce(control);
  });
  control.addEventListener("change", writeHash);
}

function act(id, change, words) {
  document.getElementById(id).addEventListener("click", () => {
    change();
    writeHash();
    show();
    clearTimeout(waiting);
    document.getElementById("status").textContent = words();
  });
}
act("reset", () => Object.assign(state, DEFAULTS), () => "Everything is as at first.");
act("redraw", () => (state.seed += 1), () => `Random numbers no. ${state.seed}.`);

const start = () => {
  readHash();
  show();
};
addEventListener("hashchange", start);
addEventListener("resize", () => Object.keys(FIGURES).forEach(draw));
start();
