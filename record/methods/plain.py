"""Ordinary sampling: none of the hooks."""

from __future__ import annotations

from record.methods.base import StepPlan
from record.settings import Settings


class Plain:
    """Classifier-free guidance with DDIM and nothing else."""

    def plan(self, step: int, settings: Settings, has_box: bool) -> StepPlan:
        """Switch nothing on."""
        return StepPlan()
