// The few functions that every law is made of, each accurate where its argument is far out.

const { abs, exp, log, log1p, max, sign, sqrt, PI } = Math;

/** 1 / (1 + e^-x). */
export const sigmoid = (x) => (x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));

/** log sigmoid(x). */
export const logSigmoid = (x) => -softplus(-x);

/** log(1 + e^x). */
export const softplus = (x) => max(x, 0) + log1p(exp(-abs(x)));

/** log(p / (1 - p)). */
export const logit = (p) => log(p) - log1p(-p);

/** c e^x, also where e^x alone underflows. */
export const scaledExp = (x, c) => (x > -700 || c === 0 ? c * exp(x) : sign(c) * exp(log(abs(c)) + x));

/** c sigmoid(x) (1 - sigmoid(x)), the derivative of the sigmoid times c. */
export const bell = (x, c = 1) => scaledExp(-abs(x), c) / (1 + exp(-abs(x))) ** 2;

/** c phi(x), the standard normal density times c. */
export const phi = (x, c = 1) => scaledExp((-x * x) / 2, c / sqrt(2 * PI));

/** Phi(x), the standard normal distribution function. */
export const Phi = (x) => erfc(-x / sqrt(2)) / 2;

/** log Phi(x). */
export function logPhi(x) {
  if (x < -1) return log(erfcx(-x / sqrt(2)) / 2) - (x * x) / 2;
  return x < 1 ? log(Phi(x)) : log1p(-Phi(-x));
}

/** phi(x) / Phi(x), the derivative of log Phi, times c. */
export const hazard = (x, c = 1) =>
  x < -1 ? (c * sqrt(2 / PI)) / erfcx(-x / sqrt(2)) : phi(x, c) / Phi(x);

/** erfc(x) = 1 - erf(x); JavaScript has none. */
export function erfc(x) {
  if (x < -1) return 2 - erfc(-x);
  return x < 1 ? 1 - erf(x) : erfcx(x) * exp(-x * x);
}

/** erf(x) for |x| < 1 by its series of terms of one sign, DLMF 7.6.2. */
function erf(x) {
  let term = x;
  let sum = 0;
  for (let n = 0; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 3);
  }
  return ((2 * exp(-x * x)) / sqrt(PI)) * sum;
}

/** e^(x^2) erfc(x) for x >= 1/sqrt(2) by its continued fraction, DLMF 7.9.1, from its far end. */
function erfcx(x) {
  let tail = x;
  for (let n = 400; n > 0; n--) tail = x + n / 2 / tail;
  return 1 / (sqrt(PI) * tail);
}
