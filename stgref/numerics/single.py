"""Which quantities NumPy computes in single precision, for single and half precision, with the bound kept: measured.

Single precision is otherwise computed in double precision and rounded once, which is safe and takes twice the time. Other
libraries always do that: their single precision exponentials and logarithms are others. A quantity is listed when its
worst error on all points of `tests/accuracy` is below six tenths of the bound.
"""

from __future__ import annotations

SINGLE = frozenset(
    f"{law}.{quantity}"
    for law, quantities in {
        "logistic": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf logccdf
            grad_logccdf icdf grad_icdf iccdf median grad_median mean grad_mean variance grad_variance entropy
        """,
        "normal": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf logccdf
            grad_logccdf icdf iccdf median grad_median mean grad_mean variance grad_variance entropy
        """,
        "gumbel": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf icdf iccdf
            median grad_median mean grad_mean variance grad_variance entropy
        """,
        "bernoulli": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf logccdf
            grad_logccdf left_cdf icdf grad_icdf iccdf mean grad_mean variance grad_variance median grad_median
            prob_zero grad_prob_zero prob_one grad_prob_one prob_active grad_prob_active log_prob_zero
            grad_log_prob_zero log_prob_one grad_log_prob_one log_prob_active grad_log_prob_active
            conditional_latent grad_conditional_latent
        """,
        "binary_concrete": """
            transform grad_transform logpdf grad_logpdf cdf ccdf logcdf grad_logcdf logccdf grad_logccdf icdf
            grad_icdf iccdf median grad_median transform_logit grad_transform_logit logpdf_logit
            grad_logpdf_logit
        """,
        "hard_concrete": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf logccdf
            grad_logccdf left_cdf icdf grad_icdf iccdf median grad_median prob_zero grad_prob_zero prob_one
            grad_prob_one prob_active grad_prob_active prob_interior grad_prob_interior log_prob_zero
            log_prob_one log_prob_active log_prob_interior
        """,
        "rectified_gaussian": """
            transform grad_transform pdf logpdf grad_logpdf cdf grad_cdf ccdf logcdf grad_logcdf logccdf
            grad_logccdf left_cdf icdf iccdf median grad_median prob_zero grad_prob_zero prob_one grad_prob_one
            prob_active grad_prob_active prob_interior grad_prob_interior log_prob_zero grad_log_prob_zero
            log_prob_one grad_log_prob_one log_prob_active grad_log_prob_active log_prob_interior
            grad_log_prob_interior grad_mean
        """,
    }.items()
    for quantity in quantities.split()
)
