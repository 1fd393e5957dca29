// The formulas that the explorer draws, in doubles: pure functions, each written once.
//
// A classic script, so that the page opens from a disk too; Node gets the same by `import` or `require`. FUNCTIONS has the
// functions of the two laws by the names of stgref's, with its arguments in its order; of a gradient, the partial
// derivatives by name. `validation/javascript` runs them against the exported vectors.
//
// Louizos, Welling, Kingma, "Learning Sparse Neural Networks through L0 Regularization", 2018; Yamada et al., "Feature
// Selection using Stochastic Gates", 2020, with mu for their mu + 1/2; DLMF, chapter 7. Estimators: see ESTIMATORS.
"use strict";

const formulas = (() => {
  const { abs, cos, cosh, exp, expm1, log, log1p, max, min, sign, sinh, sqrt, tanh, LN2, PI } = Math;

  // Elementary functions, accurate where their argument is far out ------------------------------------------------------

  /** 1 / (1 + e^-x). */
  const sigmoid = (x) => (x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));

  /** log(1 + e^x). */
  const softplus = (x) => max(x, 0) + log1p(exp(-abs(x)));

  /** log sigmoid(x). */
  const logSigmoid = (x) => -softplus(-x);

  /** log(sigmoid(x) (1 - sigmoid(x))). */
  const logBell = (x) => -abs(x) - 2 * log1p(exp(-abs(x)));

  /** log(p / (1 - p)). */
  const logit = (p) => log(p) - log1p(-p);

  /** log(1 - e^-x) for x > 0. */
  const log1mexp = (x) => (x < LN2 ? log(-expm1(-x)) : log1p(-exp(-x)));

  /** c e^x, also where e^x alone underflows. */
  const scaledExp = (x, c) => (x > -700 || c === 0 ? c * exp(x) : sign(c) * exp(log(abs(c)) + x));

  /** c sigmoid(x) (1 - sigmoid(x)), the derivative of the sigmoid times c. */
  const bell = (x, c = 1) => scaledExp(-abs(x), c) / (1 + exp(-abs(x))) ** 2;

  /** c phi(x), the standard normal density times c. */
  const phi = (x, c = 1) => scaledExp((-x * x) / 2, c / sqrt(2 * PI));

  /** Phi(x), the standard normal distribution function. */
  const Phi = (x) => erfc(-x / sqrt(2)) / 2;

  /** log Phi(x). */
  function logPhi(x) {
    if (x < -1) return log(erfcx(-x / sqrt(2)) / 2) - (x * x) / 2;
    return x < 1 ? log(Phi(x)) : log1p(-Phi(-x));
  }

  /** phi(x) / Phi(x), the derivative of log Phi, times c. */
  const hazard = (x, c = 1) => (x < -1 ? (c * sqrt(2 / PI)) / erfcx(-x / sqrt(2)) : phi(x, c) / Phi(x));

  /** erfc(x) = 1 - erf(x); JavaScript has none. */
  function erfc(x) {
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

  /** The x with Phi(x) = p: Newton's method on log Phi, from Abramowitz and Stegun 26.2.23, whose error is 4.5e-4. */
  function normalQuantile(p) {
    if (p > 0.5) return -normalQuantile(1 - p);
    if (p === 0) return -Infinity;
    const goal = log(p);
    const s = sqrt(-2 * goal);
    const bent = (2.515517 + s * (0.802853 + s * 0.010328)) / (1 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
    let x = bent - s;
    for (let step = 0; step < 4; step++) x -= (logPhi(x) - goal) / hazard(x);
    return x;
  }

  // Quadrature ----------------------------------------------------------------------------------------------------------

  /** The Gauss-Legendre rule of n nodes on [0, 1], by Newton's method, DLMF 3.5(v): pairs of node and weight. */
  function gaussLegendre(n) {
    return Array.from({ length: n }, (_, i) => {
      let x = cos((PI * (i + 0.75)) / (n + 0.5));
      for (let step = 0; step < 5; step++) {
        const [p, slope] = legendre(n, x);
        x -= p / slope;
      }
      const slope = legendre(n, x)[1];
      return [(1 - x) / 2, 1 / ((1 - x * x) * slope * slope)];
    });
  }

  /** The Legendre polynomial of degree n and its derivative. */
  function legendre(n, x) {
    let [before, p] = [1, x];
    for (let k = 1; k < n; k++) [before, p] = [p, ((2 * k + 1) * x * p - k * before) / (k + 1)];
    return [p, (n * (x * p - before)) / (x * x - 1)];
  }

  const PLAIN = gaussLegendre(28);

  /** Crowded at 0 on all scales down to 1 / sinh(7.6): y = sinh(7.6 s) / sinh(7.6). See `stgref.numerics.quadrature`. */
  const GRADED = gaussLegendre(50).map(([s, w]) => [sinh(7.6 * s) / sinh(7.6), (7.6 * w * cosh(7.6 * s)) / sinh(7.6)]);

  // Standard noise: f(y, c) is c times the derivative that it is named after ------------------------------------------------

  const logistic = {
    cdf: sigmoid,
    ccdf: (y) => sigmoid(-y),
    logcdf: logSigmoid,
    logccdf: (y) => logSigmoid(-y),
    pdf: bell,
    logpdf: logBell,
    slopeOfLogcdf: (y, c) => scaledExp(-max(y, 0), c) / (1 + exp(-abs(y))),
    slopeOfLogccdf: (y, c) => scaledExp(min(y, 0), -c) / (1 + exp(-abs(y))),
    icdf: logit,
    iccdf: (p) => -logit(p),
    /** P(a < n < b), with the width b - a: sigmoid(b) - sigmoid(a) without the difference. */
    interior: (a, b, width) => exp(logSigmoid(b) + logSigmoid(-a)) * -expm1(-width),
    logInterior: (a, b, width) => logSigmoid(b) + logSigmoid(-a) + log1mexp(width),
  };

  const normal = {
    cdf: Phi,
    ccdf: (y) => Phi(-y),
    logcdf: logPhi,
    logccdf: (y) => logPhi(-y),
    pdf: phi,
    logpdf: (y) => (-y * y) / 2 - log(2 * PI) / 2,
    slopeOfLogcdf: hazard,
    slopeOfLogccdf: (y, c) => -hazard(-y, c),
    icdf: normalQuantile,
    iccdf: (p) => -normalQuantile(p),
    interior: (a, b, width) => overNormal(a, b, width, 1, () => 1),
    logInterior: (a, b, width) => logNormalInterior(a, b, width),
  };

  /** For |a| <= b: the pivot, which is the point of [a, b] nearest to 0, and the integral of f(n - pivot) phi(n) / phi(pivot). */
  function scaledNormal(a, b, width, f) {
    const pivot = max(a, 0);
    const right = min(a > 0 ? width : b, 96 / (pivot + sqrt(pivot * pivot + 96)));
    const left = min(max(-a, 0), sqrt(96));
    let sum = 0;
    for (const [x, w] of PLAIN)
      for (const [reach, d] of [[left, -left * x], [right, right * x]])
        sum += reach * w * f(d) * exp(-d * (pivot + d / 2));
    return [pivot, sum];
  }

  /** c times the integral of f(n - pivot) phi(n) over [a, b]. */
  function overNormal(a, b, width, c, f) {
    if (-a > b) return overNormal(-b, -a, width, c, f);
    const [pivot, sum] = scaledNormal(a, b, width, f);
    return phi(pivot, c * sum);
  }

  /** log P(a < n < b), from what is outside where that is less than half. */
  function logNormalInterior(a, b, width) {
    if (-a > b) return logNormalInterior(-b, -a, width);
    const outside = Phi(a) + Phi(-b);
    if (outside < 0.5) return log1p(-outside);
    const [pivot, sum] = scaledNormal(a, b, width, () => 1);
    return normal.logpdf(pivot) + log(sum);
  }

  // Clipped laws: z = clip(zbar(n)), with n = w(x) the noise at which zbar is x ---------------------------------------------

  const clip = (x) => min(max(x, 0), 1);
  const mapped = (partials, f) => Object.fromEntries(Object.entries(partials).map(([name, d]) => [name, f(d)]));

  /** The functions of a clipped law from those of its noise and of what is clipped. */
  function clipped(name, noise, law) {
    /** f(w(x)) inside [0, 1), and what is below and above. */
    const byRegion = (f, below, above) => (x, ...own) => (x < 0 ? below : x < 1 ? f(law.point(x, ...own)) : above);
    /** Derivatives of f(w(end)). */
    const atEnd = (f, end) => (...own) => {
      const y = law.point(end, ...own);
      return mapped(law.gradPoint(end, ...own), (d) => f(y, d));
    };
    const ends = (...own) => [law.point(0, ...own), law.point(1, ...own), law.width(...own)];
    const gate = (n, ...own) => clip(law.stretched(n, ...own));
    const gradGate = (n, ...own) => {
      const x = law.stretched(n, ...own);
      return { ...law.gradStretched(n, x >= 0 && x <= 1 ? 1 : 0, ...own), value: clip(x) };
    };
    const negative = (f) => (y, c) => f(y, -c);
    const functions = {
      transform: gate,
      grad_transform: gradGate,
      pdf: (x, ...own) => {
        if (x < 0 || x > 1) return 0;
        const y = law.point(x, ...own);
        if (x === 0 || x === 1) return x === 0 ? noise.cdf(y) : noise.ccdf(y);
        return noise.pdf(y, law.slope(x, ...own));
      },
      logpdf: (x, ...own) => {
        if (x < 0 || x > 1) return -Infinity;
        const y = law.point(x, ...own);
        if (x === 0 || x === 1) return x === 0 ? noise.logcdf(y) : noise.logccdf(y);
        return noise.logpdf(y) + log(law.slope(x, ...own));
      },
      cdf: byRegion(noise.cdf, 0, 1),
      ccdf: byRegion(noise.ccdf, 1, 0),
      logcdf: byRegion(noise.logcdf, -Infinity, 0),
      logccdf: byRegion(noise.logccdf, 0, -Infinity),
      left_cdf: (x, ...own) => (x <= 0 ? 0 : x <= 1 ? noise.cdf(law.point(x, ...own)) : 1),
      icdf: (p, ...own) => gate(noise.icdf(p), ...own),
      iccdf: (p, ...own) => gate(noise.iccdf(p), ...own),
      median: (...own) => gate(0, ...own),
      grad_median: (...own) => {
        const { noise: _, value: __, ...partials } = gradGate(0, ...own);
        return partials;
      },
      prob_zero: (...own) => noise.cdf(law.point(0, ...own)),
      prob_one: (...own) => noise.ccdf(law.point(1, ...own)),
      prob_active: (...own) => noise.ccdf(law.point(0, ...own)),
      prob_interior: (...own) => noise.interior(...ends(...own)),
      log_prob_zero: (...own) => noise.logcdf(law.point(0, ...own)),
      log_prob_one: (...own) => noise.logccdf(law.point(1, ...own)),
      log_prob_active: (...own) => noise.logccdf(law.point(0, ...own)),
      log_prob_interior: (...own) => noise.logInterior(...ends(...own)),
      grad_prob_zero: atEnd(noise.pdf, 0),
      grad_prob_one: atEnd(negative(noise.pdf), 1),
      grad_prob_active: atEnd(negative(noise.pdf), 0),
      grad_log_prob_zero: atEnd(noise.slopeOfLogcdf, 0),
      grad_log_prob_one: atEnd(noise.slopeOfLogccdf, 1),
      grad_log_prob_active: atEnd(noise.slopeOfLogccdf, 0),
      ...law.more,
    };
    return Object.fromEntries(Object.entries(functions).map(([key, f]) => [`${name}.${key}`, f]));
  }

  /** Hard concrete: zbar = l sigmoid(-v) + u sigmoid(v), v = (n + log_alpha) / t. */
  const hardConcrete = {
    stretched: (n, a, t, l, u) => sigmoid(-(n + a) / t) * l + sigmoid((n + a) / t) * u,
    gradStretched: (n, open, a, t, l, u) => {
      const v = (n + a) / t;
      const slope = bell(v, (open * (u - l)) / t);
      return {
        noise: slope,
        log_alpha: slope,
        temperature: bell(v, (-open * (u - l) * v) / t),
        lower: open * sigmoid(-v),
        upper: open * sigmoid(v),
      };
    },
    point: (x, a, t, l, u) => t * log((x - l) / (u - x)) - a,
    slope: (x, a, t, l, u) => (t * (u - l)) / (x - l) / (u - x),
    gradPoint: (x, a, t, l, u) => ({
      log_alpha: -1,
      temperature: log((x - l) / (u - x)),
      lower: -t / (x - l),
      upper: -t / (u - x),
    }),
    width: (a, t, l, u) => t * (log1p(-1 / l) + log1p(1 / (u - 1))),
    more: {
      mean: (...own) => meanOfHardConcrete(...own),
    },
  };

  /** The rectified Gaussian: zbar = mu + std n. */
  const rectifiedGaussian = {
    stretched: (n, mu, std) => mu + std * n,
    gradStretched: (n, open, mu, std) => ({ noise: open * std, mu: open, std: open * n }),
    point: (x, mu, std) => (x - mu) / std,
    slope: (x, mu, std) => 1 / std,
    gradPoint: (x, mu, std) => ({ mu: -1 / std, std: (mu - x) / std / std }),
    width: (mu, std) => 1 / std,
    more: {
      mean: (...own) => meanOfRectifiedGaussian(...own),
      grad_mean: (mu, std) => ({
        mu: normal.interior(-mu / std, (1 - mu) / std, 1 / std),
        std: densityDifference(mu, std),
      }),
    },
  };

  // Means ---------------------------------------------------------------------------------------------------------------

  /** E z = P(z = 1) + the integral of zbar sigmoid'(n) from w(0) to w(1); of 1 - z where z is nearly always 1. */
  function meanOfHardConcrete(a, t, l, u) {
    const { n1, zero, one, sum } = overNoise(a, t, l, u);
    if (n1 < 0) return 1 - (zero + sum((v) => sigmoid(v) * (1 - u) + sigmoid(-v) * (1 - l)));
    return one + sum((v) => sigmoid(v) * u + sigmoid(-v) * l);
  }

  /** The derivative of E z to log_alpha, the average of that of z: differentiation under the integral. */
  function slopeOfHardConcreteMean(a, t, l, u) {
    return overNoise(a, t, l, u).sum((v) => bell(v, (u - l) / t));
  }

  /** Integrals of functions of v over the noise between the clip points; how: see `stgref.laws.logistic_integral`. */
  function overNoise(a, t, l, u) {
    const [v0, v1] = [log(-l / u), log((1 - l) / (u - 1))];
    const [n0, n1] = [t * v0 - a, t * v1 - a];
    const inside = (n, v) => (n < n0 ? [n0, v0] : n > n1 ? [n1, v1] : [n, v]);
    // The poles of sigmoid'(n) and sigmoid(v) lie above and below n = 0 and n = -a: cut there, and halfway between.
    const [low, high] = [inside(0, a / t), inside(-a, 0)].sort((p, q) => p[0] - q[0]);
    const middle = min((t * (high[1] - low[1])) / 2, 3000 * min(t, 1));
    // Distances by v: the noise at v = 0, and at ends near it, is known to a rounding of log_alpha only.
    const pieces = [
      [low, t * (v0 - low[1])],
      [low, middle],
      [high, -middle],
      [high, t * (v1 - high[1])],
    ];
    const sum = (f) => {
      let total = 0;
      for (const [[n, v], reach] of pieces)
        for (const [y, w] of GRADED) total += bell(n + reach * y, abs(reach) * w * f(v + (reach * y) / t));
      return total;
    };
    return { n0, n1, zero: sigmoid(n0), one: sigmoid(-n1), sum };
  }

  /** E z = s (c - a) P(n > a) + s E[(n - c) 1(a < n < b)] + s (b - c) P(n > b), of 1 - z where mu > 1/2; c is the pivot. */
  function meanOfRectifiedGaussian(mu, std) {
    if (mu > 0.5) return 1 - meanOfRectifiedGaussian(1 - mu, std);
    const [a, b] = [-mu / std, (1 - mu) / std];
    const toB = a > 0 ? 1 : 1 - mu;
    return Phi(-a) * max(mu, 0) + overNormal(a, b, 1 / std, std, (d) => d) + Phi(-b) * toB;
  }

  /** phi(a) - phi(b) = phi(a) (1 - e^(-(b^2 - a^2) / 2)), with (b^2 - a^2) / 2 = (1/2 - mu) / std^2. */
  function densityDifference(mu, std) {
    const passed = (0.5 - mu) / std / std;
    return passed < 0 ? phi((1 - mu) / std, expm1(passed)) : phi(-mu / std, -expm1(-passed));
  }

  /** The density of zbar at x in (l, u), before it is clipped. */
  const stretchedDensity = (x, ...own) => logistic.pdf(hardConcrete.point(x, ...own), hardConcrete.slope(x, ...own));

  // Noise ---------------------------------------------------------------------------------------------------------------

  /** C. Wellons' 32-bit hash of low bias. */
  function mixed(x) {
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  }

  /** n numbers in (0, 1), the same for the same seed, and those of a smaller n first. */
  const uniforms = (seed, n) => Array.from({ length: n }, (_, i) => (mixed(mixed(seed) + i) + 0.5) / 2 ** 32);

  // Estimators of the derivative of E f(b) to phi, where b is 1 with probability sigmoid(phi) -------------------------------

  /** f(b) = (b - target)^2, the toy of Tucker et al., "REBAR", 2017. */
  const quadratic = (target) => ({ value: (b) => (b - target) ** 2, slope: (b) => 2 * (b - target) });

  /** The derivative itself. */
  const exactGradient = (f, phi) => bell(phi, f.value(1) - f.value(0));

  const draw = (phi, noise) => (phi + noise > 0 ? 1 : 0);

  /** By the names of `stgref.estimators`, each for one variable: (f, phi, standard logistic noise, temperature). */
  const ESTIMATORS = {
    /** Williams, 1992, theorem 1. */
    score_function: (f, phi, noise) => {
      const b = draw(phi, noise);
      return f.value(b) * (b === 1 ? sigmoid(-phi) : -sigmoid(phi));
    },
    /** Bengio, Leonard, Courville, 2013, section 4. */
    straight_through: (f, phi, noise) => f.slope(draw(phi, noise)),
    /** Maddison, Mnih, Teh, 2017: the pathwise derivative of a relaxed b. */
    relaxation: (f, phi, noise, t) => f.slope(sigmoid((phi + noise) / t)) * bell((phi + noise) / t, 1 / t),
    /** Jang, Gu, Poole, 2017, section 2.2: b forward, the relaxed b backward. */
    gumbel_softmax_st: (f, phi, noise, t) => f.slope(draw(phi, noise)) * bell((phi + noise) / t, 1 / t),
    /** Yin, Zhou, 2019, equation (8). */
    arm: (f, phi, noise) => (f.value(draw(phi, noise)) - f.value(draw(phi, -noise))) * (tanh(noise / 2) / 2),
    /** Dong, Mnih, Tucker, 2020, equation (7). */
    disarm: (f, phi, noise) => {
      const [b, other] = [draw(phi, noise), draw(phi, -noise)];
      return ((f.value(b) - f.value(other)) * (b - other) * sigmoid(abs(phi))) / 2;
    },
  };

  return {
    ...{ sigmoid, softplus, logSigmoid, logit, log1mexp, scaledExp, bell, phi, Phi, logPhi, hazard, erfc, normalQuantile },
    ...{ logistic, normal, slopeOfHardConcreteMean, stretchedDensity, uniforms, quadratic, exactGradient, ESTIMATORS },
    FUNCTIONS: {
      ...clipped("hard_concrete", logistic, hardConcrete),
      ...clipped("rectified_gaussian", normal, rectifiedGaussian),
    },
  };
})();

if (typeof module !== "undefined") module.exports = formulas;
