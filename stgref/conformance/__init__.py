"""Check somebody's implementation against stgref.

`validate` takes a recording of what an implementation returned, compares every number with stgref's, and reports what
is wrong, where, by how much, and, where a known wrong formula fits the numbers, why. `cases` yields exact answers for the
tests of an implementation.
"""

from stgref.conformance.defects import DEFECTS, Defect
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.files import load
from stgref.conformance.profile import PROFILES, Profile
from stgref.conformance.recording import Case, Failure, Recording
from stgref.conformance.report import Check, Report, Worst
from stgref.conformance.validation import validate
from stgref.conformance.vector import Vector
from stgref.conformance.vector_sets import cases

__all__ = [
    "DEFECTS",
    "PROFILES",
    "Case",
    "Check",
    "Defect",
    "Failure",
    "Profile",
    "Recording",
    "Report",
    "UnusableInputError",
    "Vector",
    "Worst",
    "cases",
    "load",
    "validate",
]
