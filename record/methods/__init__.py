"""The methods that run on the engine's step loop, by name."""

from record.methods.base import Method, StepPlan
from record.methods.plain import Plain
from record.methods.record import Record

METHODS: dict[str, Method] = {"plain": Plain(), "record": Record()}

__all__ = ["METHODS", "Method", "Plain", "Record", "StepPlan"]
