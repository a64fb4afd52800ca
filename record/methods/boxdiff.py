"""BoxDiff (ICCV 2023): the object's attention is drawn into a given box, and nothing else is edited."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from record.guidance import TokenMaps, box_loss, step_size
from record.job import Job
from record.methods.base import Guidance, Method, Moment


class BoxDiff(Method):
    """Inner, outer and corner losses on the object's map while guided."""

    needs_box: ClassVar[bool] = True

    def guidance(self, moment: Moment, job: Job) -> Guidance | None:
        """One descent a step in the first `guided_share` of the steps."""
        settings = job.settings
        if not moment.is_within(settings.guided_share):
            return None
        guided_steps = round(settings.guided_share * moment.steps)
        return Guidance(step_size(settings.step_size, moment.step, guided_steps), settings.gradient_rule)

    def loss(self, maps: TokenMaps, job: Job) -> Tensor:
        """Equation 4 for the object's box."""
        assert job.box is not None
        return box_loss(maps.of(maps.roles.object), job.box)
