"""Functions, right and wrong, put to the vectors; and what is said of them."""

import warnings

import numpy as np

from stgref.conformance.causes import name_causes
from stgref.conformance.judge import judge
from stgref.conformance.recording import Failure, Recording
from stgref.conformance.vector_sets import cases

FACTOR = 4.0
DTYPES = ("float32", "float64")


def answered(call, case):
    """What a callable makes of a case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = case.call(call)
        except (ValueError, ArithmeticError) as error:
            return Failure(str(error))
    fields = made._asdict() if hasattr(made, "_asdict") else made
    fields = fields if isinstance(fields, dict) else {"value": fields}
    return {name: np.asarray(fields[name], case.dtype) for name in case.names if name in fields}


def judged(subject, dtypes=DTYPES):
    """The checks of a subject's functions, with causes named."""
    asked = {case.id: case for name in subject for dtype in dtypes for case in cases(name, dtype)}
    outputs = {name: answered(subject[case.function], case) for name, case in asked.items()}
    recording = Recording({"name": "somebody"}, asked, outputs)
    checks = [judge(asked[name], output, FACTOR) for name, output in outputs.items()]
    return name_causes(checks, recording, FACTOR)


def verdict(subject, dtypes=DTYPES):
    """The functions that fail by their numbers, and the causes named."""
    wrong = [check for check in judged(subject, dtypes) if check.status == "fail" and check.worst]
    return {check.function for check in wrong}, {check.defect for check in wrong}
