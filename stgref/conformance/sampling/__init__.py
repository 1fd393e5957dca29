"""Statistical checks of samplers of laws and of estimators, with one false-alarm budget for all of them."""

from stgref.conformance.sampling.judge import judge_samplers
from stgref.conformance.sampling.plan import SAMPLERS
from stgref.conformance.sampling.seeds import seed_of

__all__ = ["SAMPLERS", "judge_samplers", "seed_of"]
