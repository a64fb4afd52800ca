"""ReCorD (ACM MM 2024): intransitive edits for candidates; with a box, exclusion and guidance."""

from __future__ import annotations

from record.methods.base import StepPlan
from record.settings import Settings


class Record:
    """Section 3.2's edits in both passes, section 3.4's exclusion and box guidance in the second."""

    def plan(self, step: int, settings: Settings, has_box: bool) -> StepPlan:
        """Equations 1-2 early on; equations 3-5 while the correction is guided."""
        steps = settings.steps
        guided_steps = round(settings.guided_share * steps) if has_box else 0
        is_guided = step < guided_steps
        return StepPlan(
            cross_edit=settings.cross_edit and step < round(settings.cross_edit_share * steps),
            self_edit=settings.self_edit and step < round(settings.self_edit_share * steps),
            exclusion=settings.exclusion and is_guided,
            guided_steps=guided_steps if is_guided else 0,
        )
