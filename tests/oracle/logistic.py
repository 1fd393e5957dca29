"""The logistic law."""

from .bases import Logistic
from .location_scale import location_scale

LAW = location_scale("logistic", Logistic)
