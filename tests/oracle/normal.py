"""The normal law."""

from .bases import Normal
from .location_scale import location_scale

LAW = location_scale("normal", Normal)
