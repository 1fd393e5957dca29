/* The published formulas of seven laws, in the type `real`; `table` is the name of the list of them at the end.

   Maddison, Mnih, Teh, "The Concrete Distribution", 2017; Louizos, Welling, Kingma, "Learning Sparse Neural Networks
   through L0 Regularization", 2018; Yamada et al., "Feature Selection using Stochastic Gates", 2020.

   A function reads its arguments, gives its results in order, and returns NULL or what is wrong with the arguments. */

#include "special.h"
#include "table.h"

#include <stddef.h>

#define FUNCTION(name) static const char *name(const double *given, double *made)
#define VALUE(x) return made[0] = (x), NULL
#define REQUIRE(holds, words) \
    if (!(holds)) return words
#define ARGUMENT(name, place) real name = (real)given[place]

/* Laws of loc + scale n: from the functions of the standard law, at y = (x - loc) / scale; c is a factor. */

#define AT_X                                      \
    ARGUMENT(x, 0);                               \
    ARGUMENT(loc, 1);                             \
    ARGUMENT(scale, 2);                           \
    real y = (x - loc) / scale;                   \
    REQUIRE(scale > 0, "scale must be greater than 0")

#define AT_P                                         \
    ARGUMENT(p, 0);                                  \
    ARGUMENT(loc, 1);                                \
    ARGUMENT(scale, 2);                              \
    REQUIRE(p >= 0 && p <= 1, "p must be in [0, 1]"); \
    REQUIRE(scale > 0, "scale must be greater than 0")

#define OWN                \
    ARGUMENT(loc, 0);      \
    ARGUMENT(scale, 1);    \
    (void)loc;             \
    REQUIRE(scale > 0, "scale must be greater than 0")

#define GIVE3(a, b, c) return made[0] = (a), made[1] = (b), made[2] = (c), NULL

#define LOCATION_SCALE(law)                                                                                    \
    FUNCTION(law##_transform)                                                                                  \
    {                                                                                                          \
        ARGUMENT(noise, 0);                                                                                    \
        ARGUMENT(loc, 1);                                                                                      \
        ARGUMENT(scale, 2);                                                                                    \
        REQUIRE(scale > 0, "scale must be greater than 0");                                                    \
        VALUE(loc + scale * noise);                                                                            \
    }                                                                                                          \
    FUNCTION(law##_pdf) { AT_X; VALUE(law##_density(y, 1 / scale)); }                                          \
    FUNCTION(law##_logpdf) { AT_X; VALUE(law##_log_density(y) - log(scale)); }                                 \
    FUNCTION(law##_grad_logpdf)                                                                                \
    {                                                                                                          \
        AT_X;                                                                                                  \
        real slope = law##_score(y);                                                                           \
        GIVE3(slope / scale, -slope / scale, -(1 + y * slope) / scale);                                        \
    }                                                                                                          \
    FUNCTION(law##_cdf) { AT_X; VALUE(law##_below(y)); }                                                       \
    FUNCTION(law##_ccdf) { AT_X; VALUE(law##_above(y)); }                                                      \
    FUNCTION(law##_logcdf) { AT_X; VALUE(law##_log_below(y)); }                                                \
    FUNCTION(law##_logccdf) { AT_X; VALUE(law##_log_above(y)); }                                               \
    FUNCTION(law##_grad_cdf)                                                                                   \
    {                                                                                                          \
        AT_X;                                                                                                  \
        GIVE3(law##_density(y, 1 / scale), law##_density(y, -1 / scale), law##_density(y, -y / scale));        \
    }                                                                                                          \
    FUNCTION(law##_mean) { OWN; VALUE(loc + scale * law##_MEAN); }                                             \
    FUNCTION(law##_median) { OWN; VALUE(loc + scale * law##_MEDIAN); }                                         \
    FUNCTION(law##_variance) { OWN; VALUE(law##_VARIANCE * scale * scale); }                                   \
    FUNCTION(law##_entropy) { OWN; VALUE(law##_ENTROPY + log(scale)); }

#define logistic_MEAN 0
#define logistic_MEDIAN 0
#define logistic_VARIANCE (PI * PI / 3)
#define logistic_ENTROPY 2

static real logistic_density(real y, real c) { return bell(y, c); }
static real logistic_log_density(real y) { return log_bell(y); }
static real logistic_score(real y) { return -tanh(y / 2); }
static real logistic_below(real y) { return sigmoid(y); }
static real logistic_above(real y) { return sigmoid(-y); }
static real logistic_log_below(real y) { return log_sigmoid(y); }
static real logistic_log_above(real y) { return log_sigmoid(-y); }
LOCATION_SCALE(logistic)
FUNCTION(logistic_icdf) { AT_P; VALUE(loc + scale * logit(p)); }
FUNCTION(logistic_iccdf) { AT_P; VALUE(loc - scale * logit(p)); }

#define normal_MEAN 0
#define normal_MEDIAN 0
#define normal_VARIANCE 1
#define normal_ENTROPY ((1 + log(2 * PI)) / 2)

static real normal_density(real y, real c) { return phi(y, c); }
static real normal_log_density(real y) { return -y * y / 2 - log(2 * PI) / 2; }
static real normal_score(real y) { return -y; }
static real normal_below(real y) { return Phi(y); }
static real normal_above(real y) { return Phi(-y); }
static real normal_log_below(real y) { return log_Phi(y); }
static real normal_log_above(real y) { return log_Phi(-y); }
LOCATION_SCALE(normal)

/* Of maxima, with w = e^-y. */

#define gumbel_MEAN EULER
#define gumbel_MEDIAN (-log(LN_2))
#define gumbel_VARIANCE (PI * PI / 6)
#define gumbel_ENTROPY (1 + EULER)

static real gumbel_density(real y, real c) { return scaled_exp(-y - exp(-y), c); }
static real gumbel_log_density(real y) { return -y - exp(-y); }
static real gumbel_score(real y) { return expm1(-y); }
static real gumbel_below(real y) { return exp(-exp(-y)); }
static real gumbel_above(real y) { return -expm1(-exp(-y)); }
static real gumbel_log_below(real y) { return -exp(-y); }
static real gumbel_log_above(real y)
{
    real w = exp(-y);
    if (w > LN_2) return log1p(-exp(-w));
    return w > 0 ? log(-expm1(-w) / w) - y : -y;
}
LOCATION_SCALE(gumbel)
FUNCTION(gumbel_icdf) { AT_P; VALUE(loc - scale * log(-log(p))); }
FUNCTION(gumbel_iccdf) { AT_P; VALUE(loc - scale * log(-log1p(-p))); }

/* Bernoulli */

#define LOGITS ARGUMENT(logits, 0)
#define X_LOGITS   \
    ARGUMENT(x, 0); \
    ARGUMENT(logits, 1)

FUNCTION(bernoulli_transform)
{
    ARGUMENT(noise, 0);
    ARGUMENT(logits, 1);
    VALUE(logits + noise > 0);
}
FUNCTION(bernoulli_prob_one) { LOGITS; VALUE(sigmoid(logits)); }
FUNCTION(bernoulli_prob_zero) { LOGITS; VALUE(sigmoid(-logits)); }
FUNCTION(bernoulli_grad_prob_one) { LOGITS; VALUE(bell(logits, 1)); }
FUNCTION(bernoulli_grad_prob_zero) { LOGITS; VALUE(-bell(logits, 1)); }
FUNCTION(bernoulli_log_prob_one) { LOGITS; VALUE(log_sigmoid(logits)); }
FUNCTION(bernoulli_log_prob_zero) { LOGITS; VALUE(log_sigmoid(-logits)); }
FUNCTION(bernoulli_grad_log_prob_one) { LOGITS; VALUE(sigmoid(-logits)); }
FUNCTION(bernoulli_grad_log_prob_zero) { LOGITS; VALUE(-sigmoid(logits)); }
FUNCTION(bernoulli_grad_variance) { LOGITS; VALUE(bell(logits, -tanh(logits / 2))); }
FUNCTION(bernoulli_median) { LOGITS; VALUE(logits > 0); }
FUNCTION(bernoulli_entropy)
{
    LOGITS;
    real a = fabs(logits);
    VALUE(log1p(exp(-a)) + scaled_exp(-a, a) / (1 + exp(-a)));
}
FUNCTION(bernoulli_pdf) { X_LOGITS; VALUE(x == 0 ? sigmoid(-logits) : x == 1 ? sigmoid(logits) : 0); }
FUNCTION(bernoulli_logpdf)
{
    X_LOGITS;
    VALUE(x == 0 ? log_sigmoid(-logits) : x == 1 ? log_sigmoid(logits) : -(real)INFINITY);
}
FUNCTION(bernoulli_cdf) { X_LOGITS; VALUE(x < 0 ? 0 : x < 1 ? sigmoid(-logits) : 1); }
FUNCTION(bernoulli_ccdf) { X_LOGITS; VALUE(x < 0 ? 1 : x < 1 ? sigmoid(logits) : 0); }
FUNCTION(bernoulli_conditional_latent)
{
    ARGUMENT(noise, 0);
    ARGUMENT(sample, 1);
    ARGUMENT(logits, 2);
    REQUIRE(sample == 0 || sample == 1, "sample must be 0 or 1");
    real sign = 2 * sample - 1;
    VALUE(sign * softplus(sign * noise + softplus(sign * logits)));
}

/* Binary concrete: sigmoid((log_alpha + n) / t) */

#define CONCRETE(first)          \
    ARGUMENT(first, 0);          \
    ARGUMENT(log_alpha, 1);      \
    ARGUMENT(t, 2);              \
    REQUIRE(t > 0, "temperature must be greater than 0")

/* At x, the noise that leads there. */
#define CONCRETE_AT_X CONCRETE(x); real y = t * logit(x) - log_alpha

FUNCTION(binary_concrete_transform) { CONCRETE(noise); VALUE(sigmoid((log_alpha + noise) / t)); }
FUNCTION(binary_concrete_grad_transform)
{
    CONCRETE(noise);
    real z = (log_alpha + noise) / t;
    made[3] = sigmoid(z);
    GIVE3(bell(z, 1 / t), bell(z, 1 / t), bell(z, -z / t));
}
FUNCTION(binary_concrete_transform_logit) { CONCRETE(noise); VALUE((log_alpha + noise) / t); }
FUNCTION(binary_concrete_logpdf)
{
    CONCRETE_AT_X;
    VALUE(x <= 0 || x >= 1 ? -(real)INFINITY : log_bell(y) + log(t / x / (1 - x)));
}
FUNCTION(binary_concrete_logpdf_logit) { CONCRETE(x); VALUE(log_bell(t * x - log_alpha) + log(t)); }
FUNCTION(binary_concrete_cdf) { CONCRETE_AT_X; VALUE(x <= 0 ? 0 : x < 1 ? sigmoid(y) : 1); }
FUNCTION(binary_concrete_ccdf) { CONCRETE_AT_X; VALUE(x <= 0 ? 1 : x < 1 ? sigmoid(-y) : 0); }
FUNCTION(binary_concrete_icdf)
{
    CONCRETE(p);
    REQUIRE(p >= 0 && p <= 1, "p must be in [0, 1]");
    VALUE(sigmoid((log_alpha + logit(p)) / t));
}
FUNCTION(binary_concrete_median)
{
    ARGUMENT(log_alpha, 0);
    ARGUMENT(t, 1);
    REQUIRE(t > 0, "temperature must be greater than 0");
    VALUE(sigmoid(log_alpha / t));
}

/* Hard concrete: a binary concrete, stretched to (l, u) and clipped to [0, 1] */

#define HARD(place)                                     \
    ARGUMENT(log_alpha, place);                         \
    ARGUMENT(t, place + 1);                             \
    ARGUMENT(l, place + 2);                             \
    ARGUMENT(u, place + 3);                             \
    REQUIRE(t > 0, "temperature must be greater than 0"); \
    REQUIRE(l < 0, "lower must be less than 0");        \
    REQUIRE(u > 1, "upper must be greater than 1")

static real clip(real x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static real gate(real n, real log_alpha, real t, real l, real u)
{
    real z = (log_alpha + n) / t;
    return clip(sigmoid(-z) * l + sigmoid(z) * u);
}

static real noise_to(real x, real log_alpha, real t, real l, real u)
{
    return t * log((x - l) / (u - x)) - log_alpha;
}

/* The four derivatives of f(noise_to(end)); f(y, c) is c times the derivative of f at y. */
#define AT_END(name, f, end)                                           \
    FUNCTION(name)                                                     \
    {                                                                  \
        HARD(0);                                                       \
        real y = noise_to(end, log_alpha, t, l, u);                    \
        made[3] = f(y, -t / (u - end));                                \
        GIVE3(f(y, -1), f(y, log((end - l) / (u - end))), f(y, -t / (end - l))); \
    }

static real slope(real y, real c) { return bell(y, c); }
static real falling(real y, real c) { return bell(y, -c); }
static real log_slope(real y, real c) { return scaled_exp(-greater(y, 0), c) / (1 + exp(-fabs(y))); }
static real log_falling(real y, real c) { return scaled_exp(-greater(-y, 0), -c) / (1 + exp(-fabs(y))); }

FUNCTION(hard_concrete_transform)
{
    HARD(1);
    ARGUMENT(noise, 0);
    VALUE(gate(noise, log_alpha, t, l, u));
}
FUNCTION(hard_concrete_grad_transform)
{
    HARD(1);
    ARGUMENT(noise, 0);
    real z = (log_alpha + noise) / t, x = sigmoid(-z) * l + sigmoid(z) * u;
    real open = x >= 0 && x <= 1, width = open * (u - l);
    made[3] = open * sigmoid(-z);
    made[4] = open * sigmoid(z);
    made[5] = clip(x);
    GIVE3(bell(z, width / t), bell(z, width / t), bell(z, -width * z / t));
}
FUNCTION(hard_concrete_logpdf)
{
    HARD(1);
    ARGUMENT(x, 0);
    real y = noise_to(x, log_alpha, t, l, u);
    if (x < 0 || x > 1) VALUE(-(real)INFINITY);
    if (x == 0 || x == 1) VALUE(log_sigmoid(x == 0 ? y : -y));
    VALUE(log_bell(y) + log(t * (u - l) / (x - l) / (u - x)));
}
FUNCTION(hard_concrete_cdf)
{
    HARD(1);
    ARGUMENT(x, 0);
    VALUE(x < 0 ? 0 : x < 1 ? sigmoid(noise_to(x, log_alpha, t, l, u)) : 1);
}
FUNCTION(hard_concrete_ccdf)
{
    HARD(1);
    ARGUMENT(x, 0);
    VALUE(x < 0 ? 1 : x < 1 ? sigmoid(-noise_to(x, log_alpha, t, l, u)) : 0);
}
FUNCTION(hard_concrete_icdf)
{
    HARD(1);
    ARGUMENT(p, 0);
    REQUIRE(p >= 0 && p <= 1, "p must be in [0, 1]");
    VALUE(gate(logit(p), log_alpha, t, l, u));
}
FUNCTION(hard_concrete_median) { HARD(0); VALUE(gate(0, log_alpha, t, l, u)); }
FUNCTION(hard_concrete_prob_zero) { HARD(0); VALUE(sigmoid(noise_to(0, log_alpha, t, l, u))); }
FUNCTION(hard_concrete_prob_one) { HARD(0); VALUE(sigmoid(-noise_to(1, log_alpha, t, l, u))); }
FUNCTION(hard_concrete_prob_active) { HARD(0); VALUE(sigmoid(-noise_to(0, log_alpha, t, l, u))); }
FUNCTION(hard_concrete_log_prob_zero) { HARD(0); VALUE(log_sigmoid(noise_to(0, log_alpha, t, l, u))); }
FUNCTION(hard_concrete_log_prob_one) { HARD(0); VALUE(log_sigmoid(-noise_to(1, log_alpha, t, l, u))); }
FUNCTION(hard_concrete_log_prob_active) { HARD(0); VALUE(log_sigmoid(-noise_to(0, log_alpha, t, l, u))); }
AT_END(hard_concrete_grad_prob_zero, slope, 0)
AT_END(hard_concrete_grad_prob_one, falling, 1)
AT_END(hard_concrete_grad_prob_active, falling, 0)
AT_END(hard_concrete_grad_log_prob_zero, log_slope, 0)
AT_END(hard_concrete_grad_log_prob_one, log_falling, 1)
AT_END(hard_concrete_grad_log_prob_active, log_falling, 0)

/* Rectified Gaussian: clip(mu + std n) */

#define GAUSSIAN(place)           \
    ARGUMENT(mu, place);          \
    ARGUMENT(std, place + 1);     \
    REQUIRE(std > 0, "std must be greater than 0")

/* Both derivatives of f(y), y = sign (end - mu) / std; f(y, c) is c times the derivative of f. */
#define GAUSSIAN_AT_END(name, f, end, sign)             \
    FUNCTION(name)                                      \
    {                                                   \
        GAUSSIAN(0);                                    \
        real y = sign * (end - mu) / std;               \
        made[1] = f(y, -y / std);                       \
        VALUE(f(y, -sign / std));                       \
    }

FUNCTION(rectified_gaussian_transform) { GAUSSIAN(1); ARGUMENT(noise, 0); VALUE(clip(mu + std * noise)); }
FUNCTION(rectified_gaussian_grad_transform)
{
    GAUSSIAN(1);
    ARGUMENT(noise, 0);
    real x = mu + std * noise, open = x >= 0 && x <= 1;
    made[3] = clip(x);
    GIVE3(open * std, open, open * noise);
}
FUNCTION(rectified_gaussian_logpdf)
{
    GAUSSIAN(1);
    ARGUMENT(x, 0);
    real y = (x - mu) / std;
    if (x < 0 || x > 1) VALUE(-(real)INFINITY);
    if (x == 0 || x == 1) VALUE(log_Phi(x == 0 ? y : -y));
    VALUE(-y * y / 2 - log(std * SQRT_2PI));
}
FUNCTION(rectified_gaussian_cdf) { GAUSSIAN(1); ARGUMENT(x, 0); VALUE(x < 0 ? 0 : x < 1 ? Phi((x - mu) / std) : 1); }
FUNCTION(rectified_gaussian_ccdf) { GAUSSIAN(1); ARGUMENT(x, 0); VALUE(x < 0 ? 1 : x < 1 ? Phi((mu - x) / std) : 0); }
FUNCTION(rectified_gaussian_median) { GAUSSIAN(0); VALUE(clip(mu)); }
FUNCTION(rectified_gaussian_prob_zero) { GAUSSIAN(0); VALUE(Phi(-mu / std)); }
FUNCTION(rectified_gaussian_prob_one) { GAUSSIAN(0); VALUE(Phi((mu - 1) / std)); }
FUNCTION(rectified_gaussian_prob_active) { GAUSSIAN(0); VALUE(Phi(mu / std)); }
FUNCTION(rectified_gaussian_log_prob_zero) { GAUSSIAN(0); VALUE(log_Phi(-mu / std)); }
FUNCTION(rectified_gaussian_log_prob_one) { GAUSSIAN(0); VALUE(log_Phi((mu - 1) / std)); }
FUNCTION(rectified_gaussian_log_prob_active) { GAUSSIAN(0); VALUE(log_Phi(mu / std)); }
GAUSSIAN_AT_END(rectified_gaussian_grad_prob_zero, phi, 0, 1)
GAUSSIAN_AT_END(rectified_gaussian_grad_prob_one, phi, 1, -1)
GAUSSIAN_AT_END(rectified_gaussian_grad_prob_active, phi, 0, -1)
GAUSSIAN_AT_END(rectified_gaussian_grad_log_prob_zero, hazard, 0, 1)
GAUSSIAN_AT_END(rectified_gaussian_grad_log_prob_one, hazard, 1, -1)
GAUSSIAN_AT_END(rectified_gaussian_grad_log_prob_active, hazard, 0, -1)

#define LISTED(law, quantity) {#law "." #quantity, "value", law##_##quantity}
#define LISTED_GRADIENT(law, quantity, names) {#law ".grad_" #quantity, names, law##_grad_##quantity}
#define LISTED_LOCATION_SCALE(law)                                                                    \
    LISTED(law, transform), LISTED(law, pdf), LISTED(law, logpdf), LISTED(law, cdf), LISTED(law, ccdf), \
    LISTED(law, logcdf), LISTED(law, logccdf), LISTED(law, mean), LISTED(law, median),                \
    LISTED(law, variance), LISTED(law, entropy), LISTED_GRADIENT(law, logpdf, "x loc scale"),         \
    LISTED_GRADIENT(law, cdf, "x loc scale")
#define LISTED_PROBABILITIES(law, names)                                                              \
    LISTED(law, prob_zero), LISTED(law, prob_one), LISTED(law, log_prob_zero), LISTED(law, log_prob_one), \
    LISTED_GRADIENT(law, prob_zero, names), LISTED_GRADIENT(law, prob_one, names),                    \
    LISTED_GRADIENT(law, log_prob_zero, names), LISTED_GRADIENT(law, log_prob_one, names)
#define LISTED_ACTIVE(law, names)                                                                     \
    LISTED(law, prob_active), LISTED(law, log_prob_active), LISTED_GRADIENT(law, prob_active, names), \
    LISTED_GRADIENT(law, log_prob_active, names)

const struct entry table[] = {
    LISTED_LOCATION_SCALE(logistic), LISTED(logistic, icdf), LISTED(logistic, iccdf),
    LISTED_LOCATION_SCALE(normal),
    LISTED_LOCATION_SCALE(gumbel), LISTED(gumbel, icdf), LISTED(gumbel, iccdf),
    LISTED(bernoulli, transform), LISTED(bernoulli, pdf), LISTED(bernoulli, logpdf), LISTED(bernoulli, cdf),
    LISTED(bernoulli, ccdf), LISTED(bernoulli, median), LISTED(bernoulli, entropy),
    LISTED(bernoulli, conditional_latent), LISTED_PROBABILITIES(bernoulli, "logits"),
    LISTED_GRADIENT(bernoulli, variance, "logits"),
    {"bernoulli.mean", "value", bernoulli_prob_one},
    {"bernoulli.grad_mean", "logits", bernoulli_grad_prob_one},
    {"bernoulli.variance", "value", bernoulli_grad_prob_one},
    LISTED(binary_concrete, transform), LISTED(binary_concrete, transform_logit), LISTED(binary_concrete, logpdf),
    LISTED(binary_concrete, logpdf_logit), LISTED(binary_concrete, cdf), LISTED(binary_concrete, ccdf),
    LISTED(binary_concrete, icdf), LISTED(binary_concrete, median),
    LISTED_GRADIENT(binary_concrete, transform, "noise log_alpha temperature value"),
    LISTED(hard_concrete, transform), LISTED(hard_concrete, logpdf), LISTED(hard_concrete, cdf),
    LISTED(hard_concrete, ccdf), LISTED(hard_concrete, icdf), LISTED(hard_concrete, median),
    LISTED_GRADIENT(hard_concrete, transform, "noise log_alpha temperature lower upper value"),
    LISTED_PROBABILITIES(hard_concrete, "log_alpha temperature lower upper"),
    LISTED_ACTIVE(hard_concrete, "log_alpha temperature lower upper"),
    LISTED(rectified_gaussian, transform), LISTED(rectified_gaussian, logpdf), LISTED(rectified_gaussian, cdf),
    LISTED(rectified_gaussian, ccdf), LISTED(rectified_gaussian, median),
    LISTED_GRADIENT(rectified_gaussian, transform, "noise mu std value"),
    LISTED_PROBABILITIES(rectified_gaussian, "mu std"), LISTED_ACTIVE(rectified_gaussian, "mu std"),
    {NULL, NULL, NULL},
};
