"""The methods that run on the engine's step loop, by name."""

from record.methods.base import Edits, Guidance, Method, Moment, Strand
from record.methods.boxdiff import BoxDiff
from record.methods.interactdiffusion import InteractDiffusion
from record.methods.plain import Plain
from record.methods.record import Record

METHODS: dict[str, Method] = {
    "plain": Plain(),
    "record": Record(),
    "boxdiff": BoxDiff(),
    "interactdiffusion": InteractDiffusion(),
}

__all__ = ["METHODS", "BoxDiff", "Edits", "Guidance", "Method", "Moment", "Plain", "Record", "Strand"]
