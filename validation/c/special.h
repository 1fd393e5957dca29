/* The few functions that every law is made of, each accurate where its argument is far out, in the type `real`. */

#include <float.h>
#include <math.h>
#include <tgmath.h>

#define PI ((real)3.14159265358979323846)
#define SQRT_2 ((real)1.41421356237309504880)
#define SQRT_2PI ((real)2.50662827463100050242)
#define LN_2 ((real)0.69314718055994530942)
#define EULER ((real)0.57721566490153286061)

/* Below, e^x is not a normal number any more. */
#define UNDERFLOW (sizeof(real) == sizeof(float) ? (real)-87 : (real)-700)

static real greater(real a, real b) { return a > b ? a : b; }

/* 1 / (1 + e^-x). */
static real sigmoid(real x) { return x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }

/* log(1 + e^x). */
static real softplus(real x) { return greater(x, 0) + log1p(exp(-fabs(x))); }

static real log_sigmoid(real x) { return -softplus(-x); }

/* log(p / (1 - p)). */
static real logit(real p) { return log(p) - log1p(-p); }

/* c e^x, also where e^x alone underflows. */
static real scaled_exp(real x, real c)
{
    if (x > UNDERFLOW || c == 0) return c * exp(x);
    return copysign(exp(log(fabs(c)) + x), c);
}

/* c sigmoid(x) (1 - sigmoid(x)), the derivative of the sigmoid times c. */
static real bell(real x, real c)
{
    real e = exp(-fabs(x));
    return scaled_exp(-fabs(x), c) / ((1 + e) * (1 + e));
}

/* The logarithm of the same, for c = 1. */
static real log_bell(real x) { return -fabs(x) - 2 * log1p(exp(-fabs(x))); }

/* c phi(x), the standard normal density times c. */
static real phi(real x, real c) { return scaled_exp(-x * x / 2, c / SQRT_2PI); }

/* Phi(x), the standard normal distribution function. */
static real Phi(real x) { return erfc(-x / SQRT_2) / 2; }

/* e^(x^2) erfc(x) for x >= 1/sqrt(2) by its continued fraction, DLMF 7.9.1, from its far end. */
static real erfcx(real x)
{
    real tail = x;
    for (int n = 400; n > 0; n--) tail = x + (real)n / 2 / tail;
    return 1 / (sqrt(PI) * tail);
}

/* log Phi(x). */
static real log_Phi(real x)
{
    if (x < -1) return log(erfcx(-x / SQRT_2) / 2) - x * x / 2;
    return x < 1 ? log(Phi(x)) : log1p(-Phi(-x));
}

/* phi(x) / Phi(x), the derivative of log Phi, times c. */
static real hazard(real x, real c)
{
    return x < -1 ? c * sqrt(2 / PI) / erfcx(-x / SQRT_2) : phi(x, c) / Phi(x);
}
