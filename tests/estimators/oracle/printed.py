"""Constants as the reference prints them (sections 4.2, 5.1 and 5.2)."""

from __future__ import annotations

TRUE = (0.067181526233, 0.225239161265)
VALUE = 0.7401590166482248
BASELINES = (0.699242740483, 1.341839248482)

CANONICAL = [
    ("score_function", {}, TRUE, (0.18022277033, 0.359473566325)),
    ("score_function", {"baseline": VALUE}, TRUE, (0.061106480998, 0.089939471213)),
    ("score_function", {"baseline": "optimal"}, TRUE, (0.060697223155, 0.022107995793)),
    ("rloo", {"k": 2}, TRUE, (0.070904946169, 0.099534757912)),
    ("rloo", {"k": 3}, TRUE, (0.033819395556, 0.048168164506)),
    ("measure_valued", {}, TRUE, (0.005486627472, 0.004205333505)),
    ("muprop", {}, TRUE, (0.142883964806, 0.241201810892)),
    ("double_cv", {"k": 2, "alpha": -0.3}, TRUE, (0.065095721759, 0.117016092787)),
    ("disarm", {}, TRUE, (0.049320262127, 0.064043641774)),
    ("arms", {"k": 2}, TRUE, (0.049320262127, 0.064043641774)),
    ("arm", {}, TRUE, (0.059477515418, 0.068371769573)),
    ("reinmax", {"temperature": 1.0}, TRUE, (0.061826735728, 0.322675506208)),
    (
        "straight_through",
        {"derivative": "sigmoid"},
        (0.103577710188, 0.037674337902),
        (0.063921811421, 0.109454657588),
    ),
]
"""Estimator, options, mean, variance for `objectives.Canonical`."""

CANONICAL_REBAR = [
    (0.5, 1.0, (0.06719868, 0.22491208)),
    (1.0, 1.0, (0.0791917, 0.21640302)),
    (1.0, 0.3, (0.14178678, 0.3052133)),
    (2.0, 1.0, (0.094136, 0.22451482)),
]
"""Temperature, eta, variance with independent coupling."""

TOY = [
    (0.45, 0.025, {"score_function": 0.015939063, "rloo": 6.25e-4, "arm": 2.0833e-4, "disarm": 0.0}),
    (0.49, 0.005, {"score_function": 0.015637502, "rloo": 2.5e-5, "arm": 8.333e-6, "disarm": 0.0}),
    (0.499, 5e-4, {"score_function": 0.015625125, "rloo": 2.5e-7, "arm": 8.333e-8, "disarm": 0.0}),
]
"""t, gradient, variances at phi = 0 for (b - t)^2."""

TOY_REBAR = [
    (0.45, 0.5, "independent", 0.022653117),
    (0.45, 0.5, "coupled", 0.024067107),
    (0.45, 2.0, "independent", 0.016671408),
    (0.45, 2.0, "coupled", 0.01606133),
    (0.49, 0.5, "independent", 0.022304608),
    (0.49, 0.5, "coupled", 0.023524629),
    (0.49, 2.0, "independent", 0.016630602),
    (0.49, 2.0, "coupled", 0.015997777),
    (0.499, 0.5, "independent", 0.022290232),
    (0.499, 0.5, "coupled", 0.023502252),
    (0.499, 2.0, "independent", 0.016628918),
    (0.499, 2.0, "coupled", 0.015995155),
]
"""t, temperature, coupling, variance at phi = 0, eta = 1."""

TOY_AT_TWO = [
    ("score_function", {}, 0.0048271916, 6e-11),
    ("rloo", {"k": 2}, 0.0004147314, 6e-11),
    ("arm", {}, 0.00035497668, 6e-12),
    ("disarm", {}, 0.00035215369, 6e-12),
    ("rebar", {"temperature": 1.0, "eta": 1.0, "coupling": "independent"}, 0.0067124856, 6e-11),
    ("rebar", {"temperature": 1.0, "eta": 1.0, "coupling": "coupled"}, 0.0056777252, 6e-11),
]
"""Variances at phi = 2, t = .45, and half of their last digit; the gradient is .01049935854."""

TOY_RELAXATIONS = [
    (0.0, "relaxation", {"temperature": 1.0}, 0.0166666667, 0.0048174603),
    (0.0, "gumbel_softmax_st", {"temperature": 1.0}, 0.0166666667, 0.0333888889),
    (0.0, "gumbel_rao", {"temperature": 1.0}, 0.0166666667, 0.0277777778),
    (1.5, "relaxation", {"temperature": 1.0}, 0.0518547929, 0.0030389882),
    (1.5, "gumbel_softmax_st", {"temperature": 1.0}, 0.0792148636, 0.0203442148),
    (1.5, "gumbel_rao", {"temperature": 1.0}, 0.0792148636, 0.0135703983),
    (0.0, "relaxation", {"temperature": 0.5}, 0.0214601837, 0.0142444633),
    (0.0, "gumbel_softmax_st", {"temperature": 0.5}, 0.0214601837, 0.0779336851),
    (0.0, "gumbel_rao", {"temperature": 0.5}, 0.0214601837, 0.0460539483),
    (1.5, "relaxation", {"temperature": 0.5}, 0.0498904788, 0.0094447149),
    (1.5, "gumbel_softmax_st", {"temperature": 0.5}, 0.0667686964, 0.0486710309),
    (1.5, "gumbel_rao", {"temperature": 0.5}, 0.0667686964, 0.0207811354),
    (0.0, "gumbel_softmax_st", {"temperature": 0.1}, 0.0247989229, 0.4188716472),
    (0.0, "gumbel_rao", {"temperature": 0.1}, 0.0247989229, 0.0614986578),
    (1.5, "gumbel_softmax_st", {"temperature": 0.1}, 0.0279360006, 0.2532362437),
    (1.5, "gumbel_rao", {"temperature": 0.1}, 0.0279360006, 0.0296230562),
    (0.0, "straight_through", {"derivative": "sigmoid"}, 0.025, 0.0625),
    (1.5, "straight_through", {"derivative": "sigmoid"}, 0.1096448580, 0.0132708510),
    (0.0, "reinmax", {"temperature": 1.0}, 0.025, 0.0625),
    (1.5, "reinmax", {"temperature": 1.0}, 0.0149146452, 0.0327005219),
]
"""phi, estimator, options, mean, variance for t = .45; Gumbel-Rao in the limit of many conditional draws."""

ARMS = {
    0.1: {2: 0.0324, 3: 0.0189, 4: 0.01215, 6: 0.00597784},
    0.3: {2: 0.0294, 3: 0.00643453, 4: 0.00232265, 6: 0.00201096},
    0.5: {2: 0.0, 3: 0.00093366, 4: 0.00151951, 6: 0.00083111},
    0.8: {2: 0.0384, 3: 0.01706667, 4: 0.00774694, 6: 0.00348939},
}
"""Variance over (f(1) - f(0))^2 by probability and number of samples."""

RLOO = {2: 0.0609, 3: 0.0259, 4: 0.01575, 6: 0.00854}
"""The same for RLOO at probability .3."""
