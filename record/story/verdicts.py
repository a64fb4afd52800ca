"""What was seen in a picture, and which of several is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from record.geometry import Box
from record.story.cast import Chosen
from record.types import Candidate, Look, Verdict


@dataclass(frozen=True)
class Seen:
    """A picture and what was seen in it; `verdict` is None where nobody judged it."""

    candidate: Candidate
    look: Look
    verdict: Verdict | None = None

    @property
    def has_object(self) -> bool:
        """False where the object's map shows none, or the model sees none.

        A picture without a map, as of an images API, is taken to have it.
        """
        is_mapped = self.candidate.object_map is None or self.look.object_box is not None
        return is_mapped and (self.verdict is None or self.verdict.object_there)

    def acts_worse_than(self, other: Seen) -> bool:
        """Whether the model says that the action is wrong here and right in the other."""
        if self.verdict is None or other.verdict is None:
            return False
        return other.verdict.action_right and not self.verdict.action_right

    @property
    def chosen(self) -> Chosen:
        """The same, as a correction starts from it."""
        return Chosen(self.candidate, self.look)


def merit(verdict: Verdict) -> tuple[bool, bool, bool]:
    """What a verdict is worth: the action first, since it is what was asked for; then the object; then
    the person, whose faults are the smallest.
    """
    return verdict.action_right, verdict.object_there, verdict.person_whole


def best(candidate: Seen, corrections: Sequence[Seen], verdicts: Sequence[Verdict], wanted: Box) -> int:
    """The best of the candidate (0) and its corrections (1...), by `verdicts` in that order.

    Equal verdicts are told apart by the IoU of the box where the object is found with the `wanted` box:
    a correction that missed its own aim loses to one that hit it, and to the candidate if that is nearer.
    Where that is equal too, a correction wins over the candidate, for without a verdict against it the
    layout agent's wish stands, and the first over later ones, for it has the box as proposed.
    """

    def rank(index: int) -> tuple[tuple[bool, bool, bool], float, bool, int]:
        found = [candidate, *corrections][index].look.object_box
        iou = 0.0 if found is None else found.iou(wanted)
        return merit(verdicts[index]), iou, index > 0, -index

    return max(range(len(verdicts)), key=rank)


def why(verdicts: Sequence[Verdict], chosen: int, names: Sequence[str]) -> str:
    """Why the chosen one is the best, in words; `names` are the pictures'."""
    others = [merit(one) for index, one in enumerate(verdicts) if index != chosen]
    is_alone = all(merit(verdicts[chosen]) > other for other in others)
    how = "is the best" if is_alone else "is as good as any"
    return f"{names[chosen]} {how}: {words(verdicts[chosen])}"


def words(verdict: Verdict) -> str:
    """The three answers of a verdict in words."""
    return ", ".join(
        [
            f"action {'right' if verdict.action_right else 'wrong'}",
            f"object {'there' if verdict.object_there else 'missing'}",
            f"person {'whole' if verdict.person_whole else 'broken'}",
        ]
    )
