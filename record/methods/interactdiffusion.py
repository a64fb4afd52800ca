"""InteractDiffusion (CVPR 2024): a trained adapter is told the triplet and both boxes."""

from __future__ import annotations

from record.backbone import Backbone
from record.backbone.adapters import Interaction
from record.errors import SettingsError
from record.geometry import Box
from record.job import Job
from record.methods.base import Method, Moment, Strand


class InteractDiffusion(Method):
    """Grounding in the first `grounded_share` of the steps, then plain sampling.

    The published weights' own example grounds every step; their authors' older script the first
    nine tenths.
    """

    def check(self, job: Job, backbone: Backbone) -> None:
        """Refuse a checkpoint without adapter, and a job without both boxes."""
        if backbone.adapter is None:
            raise SettingsError(
                f"method={job.drawing.method!r} needs InteractDiffusion's weights: name their folder as "
                "`adapter`, in the diffusion section of serve_config.yaml or in ReCorD.from_pretrained",
                param="method",
            )
        for what, box in (("object's", job.box), ("person's", job.reference.person_box)):
            if box is None:
                raise SettingsError(
                    f"method={job.drawing.method!r} needs the {what} box: give it with the job",
                    param="box",
                )

    def strands(self, moment: Moment, job: Job) -> tuple[Strand, ...]:
        """The picture's latent alone, grounded in the one interaction early on."""
        is_grounded = moment.is_within(job.drawing.grounded_share)
        return (Strand(job.prompt.text, interactions=(_interaction(job),) if is_grounded else None),)


def _interaction(job: Job) -> Interaction:
    """Who does what with what in the words of the prompt, without articles and adjectives."""
    subject_box, object_box, triplet = job.reference.person_box, job.box, job.prompt.triplet
    assert isinstance(subject_box, Box) and isinstance(object_box, Box)
    action = f"{triplet.verb} {triplet.preposition}".strip()
    return Interaction(triplet.subject, action, triplet.object, subject_box, object_box)
