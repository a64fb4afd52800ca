"""What is seen in a candidate: the person's keypoints, mask and box, and the object's box."""

from __future__ import annotations

from pathlib import Path

from record.analysis.otsu import object_box
from record.analysis.pose import Pose, PoseEstimator
from record.types import Candidate, Look

__all__ = ["Analyser", "Pose", "PoseEstimator", "object_box"]

NO_PERSON = "no person was found"
NO_OBJECT = "the object was not seen: nowhere is its word attended to, so it has no box"


class Analyser:
    """Looks at candidates. Threads may share one."""

    def __init__(self, bundle: Path, *, people: int = 2, confidence: float = 0.5) -> None:
        """Load the pose model at `bundle`; CheckpointError where that cannot be done."""
        self._poses = PoseEstimator(bundle, people=people, confidence=confidence)

    def look(self, candidate: Candidate) -> Look:
        """The person and the object of one candidate; `note` says in words what was not found."""
        pose = self._poses.find(candidate.image)
        box = (
            None if candidate.object_map is None else object_box(candidate.object_map, candidate.subject_map)
        )
        missing = [note for note, found in ((NO_PERSON, pose), (NO_OBJECT, box)) if found is None]
        return Look(
            keypoints=pose.keypoints if pose else None,
            person_box=pose.person_box if pose else None,
            person_mask=pose.person_mask if pose else None,
            object_box=box,
            note="; ".join(missing),
        )
