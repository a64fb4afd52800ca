"""ReCorD (ACM MM 2024): intransitive edits for candidates; with a box, exclusion and guidance."""

from __future__ import annotations

from torch import Tensor

from record.backbone import Backbone
from record.job import Job
from record.methods.base import Edits, Guidance, Method, Moment, Strand
from record.methods.correction import correction


class ReasonAndCorrect(Method):
    """Section 3.2's edits in both passes; section 3.4's exclusion and box guidance in the second."""

    def strands(self, moment: Moment, job: Job) -> tuple[Strand, ...]:
        """The picture's latent, beside it the intransitive branch, and the candidate whose pose is held.

        The intransitive branch is there for as long as it is read, or a strand behind it is: a latent of
        its own has to come from the same noise, or from where the picture is when it stops being the same.
        """
        picture = Strand(job.prompt.intransitive if _is_intransitive(moment, job) else job.prompt.text)
        base = Strand(job.prompt.intransitive, is_guided=_has_own_latent(job))
        held = self.edits(moment, job).held
        is_beside = held == 2 if held is not None else _needs_base(moment, job)
        return picture, *((base,) if is_beside else ()), *((picture,) if held is not None else ())

    def edits(self, moment: Moment, job: Job) -> Edits:
        """Equations 1-2 and the self-attention maps early on; equation 3 while guided."""
        drawing, has_own_latent = job.drawing, _has_own_latent(job)
        is_first = _is_intransitive(moment, job)
        is_cross = drawing.cross_edit and moment.is_within(drawing.cross_edit_share) and not is_first
        is_self = drawing.self_edit and moment.is_within(drawing.self_edit_until, drawing.self_edit_from)
        is_held = job.box is not None and moment.is_within(drawing.hold_pose_share)
        return Edits(
            cross="off" if not is_cross else "strand" if has_own_latent else "own_queries",
            self_attention=is_self and not (is_first and _is_one(job)),
            exclusion=drawing.exclusion and _is_guided(moment, job) and not is_first,
            held=None if not is_held else 1 + _ever_needs_base(job),
        )

    def inputs(self, latents: Tensor, moment: Moment, job: Job, backbone: Backbone) -> Tensor:
        """In the one-row form the intransitive branch reads the picture's own latent, or the candidate's."""
        held = self.edits(moment, job).held
        if _has_own_latent(job) or len(latents) == 1 or held == 1:
            return latents
        return latents[[0, 0]] if held is None else latents[[0, held, held]]

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """Equation 5 in the guided part of the second pass."""
        return correction(moment, job)


def _has_own_latent(job: Job) -> bool:
    return job.drawing.base_branch == "two_rows"


def _is_intransitive(moment: Moment, job: Job) -> bool:
    return moment.is_within(job.drawing.intransitive_share)


def _is_one(job: Job) -> bool:
    """Whether the picture and the intransitive branch are the same as long as both are told y'."""
    return job.box is None or not _has_own_latent(job)


def _ends_of_base(job: Job) -> tuple[float, ...]:
    """Shares of the steps after which the edits that read a strand of y' end."""
    drawing = job.drawing
    is_cross = drawing.cross_edit and _has_own_latent(job)
    is_self = drawing.self_edit and drawing.self_edit_from < drawing.self_edit_until
    return (drawing.cross_edit_share if is_cross else 0.0), (drawing.self_edit_until if is_self else 0.0)


def _ever_needs_base(job: Job) -> bool:
    return max(_ends_of_base(job)) > 0


def _needs_base(moment: Moment, job: Job) -> bool:
    if _is_one(job) and _is_intransitive(moment, job):
        return False
    since = 0.0 if _has_own_latent(job) else job.drawing.self_edit_from
    return moment.is_within(max(_ends_of_base(job)), since)


def _is_guided(moment: Moment, job: Job) -> bool:
    return job.box is not None and moment.is_within(job.drawing.guided_share)
