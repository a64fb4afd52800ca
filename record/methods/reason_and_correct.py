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
        """The picture's latent, and beside it the intransitive branch for as long as it is read."""
        picture, edits = Strand(job.prompt.text), self.edits(moment, job)
        if edits.cross != "strand" and not edits.self_attention:
            return (picture,)
        return picture, Strand(job.prompt.intransitive, is_guided=_has_own_latent(job))

    def edits(self, moment: Moment, job: Job) -> Edits:
        """Equations 1-2 and the self-attention maps early on; equation 3 while guided."""
        drawing = job.drawing
        is_cross = drawing.cross_edit and moment.is_within(drawing.cross_edit_share)
        return Edits(
            cross="off" if not is_cross else "strand" if _has_own_latent(job) else "own_queries",
            self_attention=drawing.self_edit and moment.is_within(drawing.self_edit_share),
            exclusion=drawing.exclusion and _is_guided(moment, job),
        )

    def inputs(self, latents: Tensor, moment: Moment, job: Job, backbone: Backbone) -> Tensor:
        """In the one-row form the intransitive branch reads the picture's own latent."""
        is_borrowed = len(latents) == 2 and not _has_own_latent(job)
        return latents[[0, 0]] if is_borrowed else latents

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """Equation 5 in the guided part of the second pass."""
        return correction(moment, job)


def _has_own_latent(job: Job) -> bool:
    return job.drawing.base_branch == "two_rows"


def _is_guided(moment: Moment, job: Job) -> bool:
    return job.box is not None and moment.is_within(job.drawing.guided_share)
