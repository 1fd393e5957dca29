// node run.mjs SETS OUTPUTS: answer the cases of the exported sets, and write the answers.
//
// float64 throughout; the answer to a float32 case, whose arguments are exact in float64, is rounded once at the end.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOMAIN, FUNCTIONS } from "./formulas.mjs";

/** The number that a "hex" of C99 stands for. */
function fromHex(text) {
  const special = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  if (text in special) return special[text];
  const [, sign, whole, fraction = "", exponent] = /^(-?)0x([01])\.?([0-9a-f]*)p([+-]\d+)$/.exec(text);
  const digits = Number(BigInt(`0x${whole}${fraction}`));
  // In two steps: 2^-1074 is a number, but its intermediate powers may not be.
  const power = Number(exponent) - 4 * fraction.length;
  const half = Math.trunc(power / 2);
  return (sign ? -1 : 1) * digits * 2 ** half * 2 ** (power - half);
}

/** JSON has no infinity and no NaN. */
function encode(x) {
  if (Number.isNaN(x)) return "nan";
  return Number.isFinite(x) ? x : x > 0 ? "inf" : "-inf";
}

function answer({ function: name, dtype, arguments: given }) {
  const args = Object.entries(given).map(([key, number]) => [key, fromHex(number.hex)]);
  try {
    for (const [key, x] of args) DOMAIN[key]?.(x);
    const made = FUNCTIONS[name](...args.map(([, x]) => x));
    const round = dtype === "float32" ? Math.fround : (x) => x;
    const results = typeof made === "number" ? { value: made } : made;
    return Object.fromEntries(Object.entries(results).map(([key, x]) => [key, encode(round(x))]));
  } catch (error) {
    if (error instanceof RangeError) return { error: error.message };
    throw error;
  }
}

const [sets, path] = process.argv.slice(2);
const outputs = {};
for (const file of readdirSync(sets).filter((name) => name.endsWith(".json"))) {
  const { cases = [] } = JSON.parse(readFileSync(join(sets, file), "utf8"));
  for (const one of cases) if (one.function in FUNCTIONS) outputs[one.id] = answer(one);
}
writeFileSync(path, JSON.stringify({ subject: `JavaScript, Node ${process.version}`, outputs }));
