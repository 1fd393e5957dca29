// node gates.mjs SETS OUTPUTS: the penalty of a hard concrete gate and its gradient, answered from the exported sets.

import { readFileSync, writeFileSync } from "node:fs";

const { abs, exp, log, sign } = Math;

const sigma = (x) => (x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));
/** c e^x, also where e^x alone underflows. */
const scaled = (x, c) => (x > -700 || c === 0 ? c * exp(x) : sign(c) * exp(log(abs(c)) + x));
/** c times the derivative of sigma. */
const bell = (x, c) => scaled(-abs(x), c) / (1 + exp(-abs(x))) ** 2;

const FUNCTIONS = {
  "hard_concrete.prob_active": (a, t, l, u) => ({ value: sigma(a - t * log(-l / u)) }),
  "hard_concrete.grad_prob_active": (a, t, l, u) => {
    const x = a - t * log(-l / u);
    return { log_alpha: bell(x, 1), temperature: bell(x, -log(-l / u)), lower: bell(x, -t / l), upper: bell(x, t / u) };
  },
};

function answer({ function: name, arguments: given }) {
  const [a, t, l, u] = ["log_alpha", "temperature", "lower", "upper"].map((key) => Number(given[key].decimal));
  if (!(t > 0 && l < 0 && u > 1)) return { error: "temperature, lower or upper out of range" };
  return FUNCTIONS[name](a, t, l, u);
}

const [sets, path] = process.argv.slice(2);
const { cases } = JSON.parse(readFileSync(`${sets}/hard_concrete.json`, "utf8"));
const mine = cases.filter((one) => one.function in FUNCTIONS && one.dtype === "float64");
const outputs = Object.fromEntries(mine.map((one) => [one.id, answer(one)]));
writeFileSync(path, JSON.stringify({ subject: "my gates in JavaScript", outputs }));
