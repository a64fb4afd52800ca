"""The methods that run on the engine's step loop, by name, in the order of tables and grids."""

from record.methods.attend_and_excite import AttendAndExcite
from record.methods.base import Edits, Guidance, Method, Moment, Strand
from record.methods.boxdiff import BoxDiff
from record.methods.interactdiffusion import InteractDiffusion
from record.methods.lmd import LMD
from record.methods.multidiffusion import MultiDiffusion
from record.methods.plain import Plain
from record.methods.reason_and_correct import Record

METHODS: dict[str, Method] = {
    "plain": Plain(),
    "attend_and_excite": AttendAndExcite(),
    "boxdiff": BoxDiff(),
    "multidiffusion": MultiDiffusion(),
    "lmd": LMD(),
    "interactdiffusion": InteractDiffusion(),
    "record": Record(),
}

__all__ = ["METHODS", "Edits", "Guidance", "Method", "Moment", "Plain", "Record", "Strand"]
