"""The gumbel law."""

from .bases import Gumbel
from .location_scale import location_scale

LAW = location_scale("gumbel", Gumbel)
