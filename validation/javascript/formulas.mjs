// The published formulas of seven laws, by the names of the functions; of a gradient, the partial derivatives by name.
//
// Maddison, Mnih, Teh, "The Concrete Distribution", 2017; Louizos, Welling, Kingma, "Learning Sparse Neural Networks
// through L0 Regularization", 2018; Yamada et al., "Feature Selection using Stochastic Gates", 2020.

import formulas from "../../docs/explorer/formulas.js";

const { bell, logistic: standardLogistic, logit, logSigmoid, normal: standardNormal, scaledExp, sigmoid, softplus } = formulas;
const { abs, exp, expm1, log, log1p, max, min, LN2, PI } = Math;
const EULER = 0.5772156649015329;

const require = (holds, words) => {
  if (!holds) throw new RangeError(words);
};
const positive = (name) => (x) => require(x > 0, `${name} must be greater than 0`);

// Laws of loc + scale n -------------------------------------------------------------------------------------------------

/** The functions of a law from those of its standard form at y = (x - loc) / scale. */
function locationScale(name, standard) {
  const y = (x, loc, scale) => (x - loc) / scale;
  const at = (f) => (x, loc, scale) => f(y(x, loc, scale));
  /** The chain rule: y changes by 1/scale, -1/scale and -y/scale; f(y, c) is c times the derivative. */
  const chain = (f) => (x, loc, scale) => {
    const t = y(x, loc, scale);
    return { x: f(t, 1 / scale), loc: f(t, -1 / scale), scale: f(t, -t / scale) };
  };
  const s = standard;
  return {
    [`${name}.transform`]: (noise, loc, scale) => loc + scale * noise,
    [`${name}.grad_transform`]: (noise, loc, scale) => ({ noise: scale, loc: 1, scale: noise, value: loc + scale * noise }),
    [`${name}.pdf`]: (x, loc, scale) => s.pdf(y(x, loc, scale), 1 / scale),
    [`${name}.logpdf`]: (x, loc, scale) => s.logpdf(y(x, loc, scale)) - log(scale),
    [`${name}.grad_logpdf`]: (x, loc, scale) => {
      const t = y(x, loc, scale);
      const slope = s.score(t) / scale;
      return { x: slope, loc: -slope, scale: -(1 + t * s.score(t)) / scale };
    },
    [`${name}.cdf`]: at(s.cdf),
    [`${name}.ccdf`]: at(s.ccdf),
    [`${name}.logcdf`]: at(s.logcdf),
    [`${name}.logccdf`]: at(s.logccdf),
    [`${name}.grad_cdf`]: chain(s.pdf),
    [`${name}.grad_logcdf`]: chain(s.slopeOfLogcdf),
    [`${name}.grad_logccdf`]: chain(s.slopeOfLogccdf),
    [`${name}.icdf`]: (p, loc, scale) => loc + scale * s.icdf(p),
    [`${name}.iccdf`]: (p, loc, scale) => loc + scale * s.iccdf(p),
    [`${name}.mean`]: (loc, scale) => loc + scale * s.mean,
    [`${name}.median`]: (loc, scale) => loc + scale * s.median,
    [`${name}.variance`]: (loc, scale) => s.variance * scale * scale,
    [`${name}.entropy`]: (loc, scale) => s.entropy + log(scale),
    [`${name}.grad_mean`]: () => ({ loc: 1, scale: s.mean }),
    [`${name}.grad_median`]: () => ({ loc: 1, scale: s.median }),
    [`${name}.grad_variance`]: (loc, scale) => ({ loc: 0, scale: 2 * s.variance * scale }),
  };
}

const logistic = locationScale("logistic", {
  ...standardLogistic,
  score: (y) => -Math.tanh(y / 2),
  mean: 0,
  median: 0,
  variance: PI ** 2 / 3,
  entropy: 2,
});

const normal = locationScale("normal", {
  ...standardNormal,
  score: (y) => -y,
  mean: 0,
  median: 0,
  variance: 1,
  entropy: (1 + log(2 * PI)) / 2,
});

/** Of maxima, with w = e^-y. */
const gumbel = locationScale("gumbel", {
  pdf: (y, c = 1) => scaledExp(-y - exp(-y), c),
  logpdf: (y) => -y - exp(-y),
  score: (y) => expm1(-y),
  cdf: (y) => exp(-exp(-y)),
  ccdf: (y) => -expm1(-exp(-y)),
  logcdf: (y) => -exp(-y),
  logccdf: (y) => {
    const w = exp(-y);
    if (w > LN2) return log1p(-exp(-w));
    return w > 0 ? log(-expm1(-w) / w) - y : -y;
  },
  slopeOfLogcdf: (y, c) => scaledExp(-y, c),
  slopeOfLogccdf: (y, c) => {
    const w = exp(-y);
    if (w > 1) return scaledExp(-y - w, c) / expm1(-w);
    return w > 0 ? (-c * w) / expm1(w) : -c;
  },
  icdf: (p) => -log(-log(p)),
  iccdf: (p) => -log(-log1p(-p)),
  mean: EULER,
  median: -log(LN2),
  variance: PI ** 2 / 6,
  entropy: 1 + EULER,
});

// Bernoulli -------------------------------------------------------------------------------------------------------------

const one = { value: sigmoid, log: logSigmoid, slope: (x) => bell(x), logSlope: (x) => sigmoid(-x) };

const bernoulli = {
  "bernoulli.transform": (noise, logits) => (logits + noise > 0 ? 1 : 0),
  "bernoulli.mean": sigmoid,
  "bernoulli.grad_mean": (logits) => ({ logits: bell(logits) }),
  "bernoulli.variance": (logits) => bell(logits),
  "bernoulli.grad_variance": (logits) => ({ logits: bell(logits, -Math.tanh(logits / 2)) }),
  "bernoulli.median": (logits) => (logits > 0 ? 1 : 0),
  "bernoulli.entropy": (logits) => {
    const a = abs(logits);
    return log1p(exp(-a)) + scaledExp(-a, a) / (1 + exp(-a));
  },
  "bernoulli.prob_zero": (logits) => sigmoid(-logits),
  "bernoulli.grad_prob_zero": (logits) => ({ logits: -bell(logits) }),
  "bernoulli.log_prob_zero": (logits) => logSigmoid(-logits),
  "bernoulli.grad_log_prob_zero": (logits) => ({ logits: -sigmoid(logits) }),
  "bernoulli.prob_one": one.value,
  "bernoulli.grad_prob_one": (logits) => ({ logits: one.slope(logits) }),
  "bernoulli.log_prob_one": one.log,
  "bernoulli.grad_log_prob_one": (logits) => ({ logits: one.logSlope(logits) }),
  "bernoulli.prob_active": one.value,
  "bernoulli.grad_prob_active": (logits) => ({ logits: one.slope(logits) }),
  "bernoulli.log_prob_active": one.log,
  "bernoulli.grad_log_prob_active": (logits) => ({ logits: one.logSlope(logits) }),
  "bernoulli.pdf": (x, logits) => (x === 0 ? sigmoid(-logits) : x === 1 ? sigmoid(logits) : 0),
  "bernoulli.logpdf": (x, logits) => (x === 0 ? logSigmoid(-logits) : x === 1 ? logSigmoid(logits) : -Infinity),
  "bernoulli.cdf": (x, logits) => (x < 0 ? 0 : x < 1 ? sigmoid(-logits) : 1),
  "bernoulli.ccdf": (x, logits) => (x < 0 ? 1 : x < 1 ? sigmoid(logits) : 0),
  "bernoulli.left_cdf": (x, logits) => (x <= 0 ? 0 : x <= 1 ? sigmoid(-logits) : 1),
  "bernoulli.conditional_latent": (noise, sample, logits) => {
    require(sample === 0 || sample === 1, "sample must be 0 or 1");
    const sign = 2 * sample - 1;
    return sign * softplus(sign * noise + softplus(sign * logits));
  },
};

// Binary concrete: sigmoid((log_alpha + n) / t) ---------------------------------------------------------------------------

/** At x, the logistic noise that leads there. */
const noiseAt = (x, logAlpha, t) => t * logit(x) - logAlpha;
const within = (x, below, inside, above) => (x <= 0 ? below : x >= 1 ? above : inside());

const binaryConcrete = {
  "binary_concrete.transform": (noise, logAlpha, t) => sigmoid((logAlpha + noise) / t),
  "binary_concrete.grad_transform": (noise, logAlpha, t) => {
    const z = (logAlpha + noise) / t;
    const slope = bell(z, 1 / t);
    return { noise: slope, log_alpha: slope, temperature: bell(z, -z / t), value: sigmoid(z) };
  },
  "binary_concrete.transform_logit": (noise, logAlpha, t) => (logAlpha + noise) / t,
  "binary_concrete.grad_transform_logit": (noise, logAlpha, t) => ({
    noise: 1 / t,
    log_alpha: 1 / t,
    temperature: -(logAlpha + noise) / t / t,
  }),
  "binary_concrete.pdf": (x, logAlpha, t) =>
    within(x, 0, () => bell(noiseAt(x, logAlpha, t), t / x / (1 - x)), 0),
  "binary_concrete.logpdf": (x, logAlpha, t) =>
    within(x, -Infinity, () => standardLogistic.logpdf(noiseAt(x, logAlpha, t)) + log(t / x / (1 - x)), -Infinity),
  "binary_concrete.logpdf_logit": (x, logAlpha, t) => standardLogistic.logpdf(t * x - logAlpha) + log(t),
  "binary_concrete.cdf": (x, logAlpha, t) => within(x, 0, () => sigmoid(noiseAt(x, logAlpha, t)), 1),
  "binary_concrete.ccdf": (x, logAlpha, t) => within(x, 1, () => sigmoid(-noiseAt(x, logAlpha, t)), 0),
  "binary_concrete.logcdf": (x, logAlpha, t) => within(x, -Infinity, () => logSigmoid(noiseAt(x, logAlpha, t)), 0),
  "binary_concrete.logccdf": (x, logAlpha, t) => within(x, 0, () => logSigmoid(-noiseAt(x, logAlpha, t)), -Infinity),
  "binary_concrete.icdf": (p, logAlpha, t) => sigmoid((logAlpha + logit(p)) / t),
  "binary_concrete.iccdf": (p, logAlpha, t) => sigmoid((logAlpha - logit(p)) / t),
  "binary_concrete.median": (logAlpha, t) => sigmoid(logAlpha / t),
  "binary_concrete.grad_median": (logAlpha, t) => ({
    log_alpha: bell(logAlpha / t, 1 / t),
    temperature: bell(logAlpha / t, -logAlpha / t / t),
  }),
};

export const FUNCTIONS = {
  ...logistic,
  ...normal,
  ...gumbel,
  ...bernoulli,
  ...binaryConcrete,
  ...formulas.FUNCTIONS,
};

/** What every argument of a name must be; a RangeError where it is not. */
export const DOMAIN = {
  scale: positive("scale"),
  std: positive("std"),
  temperature: positive("temperature"),
  lower: (x) => require(x < 0, "lower must be less than 0"),
  upper: (x) => require(x > 1, "upper must be greater than 1"),
  p: (x) => require(x >= 0 && x <= 1, "p must be in [0, 1]"),
};
