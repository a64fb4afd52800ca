"""What a method is: a few hooks into the step loop. A hook that is not overridden does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from record.backbone import Backbone
from record.backbone.adapters import Interaction
from record.job import Job
from record.methods.losses import TokenMaps
from record.settings import GradientRule


@dataclass(frozen=True)
class Moment:
    """Where a trajectory stands: `step` of `steps` (0 is the noisiest), and its cumulative alpha."""

    step: int
    steps: int
    alpha: float

    def is_within(self, until: float, since: float = 0.0) -> bool:
        """Whether the step lies in the first `until` (0..1) of all steps, and behind the first `since`."""
        return round(since * self.steps) <= self.step < round(until * self.steps)


@dataclass(frozen=True)
class Strand:
    """One latent of a trajectory and the text it is denoised with.

    A strand that is not guided has a conditional row only: its latent follows the text alone. With
    `interactions` the adapter grounds its rows.
    """

    text: str
    is_guided: bool = True
    interactions: tuple[Interaction, ...] | None = None


@dataclass(frozen=True)
class Edits:
    """Attention edits of strand 0.

    `cross` says where the maps A' of equation 1 come from: strand 0's own queries with the
    intransitive prompt's keys, or strand 1's maps. `self_attention` injects strand 1's self-attention
    maps. `exclusion` is equation 3. Strand `held` has the same edits but exclusion; outside the job's
    box strand 0 takes its self-attention maps.
    """

    cross: Literal["off", "own_queries", "strand"] = "off"
    self_attention: bool = False
    exclusion: bool = False
    held: int | None = None


Loss = Callable[[TokenMaps, Job], Tensor]
"""A differentiable scalar of strand 0's maps."""


@dataclass(frozen=True)
class Term:
    """A named part of what is descended, and how much it counts; with a weight of 0 it costs nothing."""

    name: str
    loss: Loss
    weight: float = 1.0


@dataclass(frozen=True)
class Guidance:
    """One way to descend a loss before a step: up to `iterations` times, as long as it is not `enough`.

    The loss is the weighted sum of `terms`. `alpha` and `rule` are those of equation 5: as printed, the
    sum is descended; normalised, every term pulls by its weight, however steep it is. With `for_good`
    the first loss that is enough ends all guidance of the trajectory.
    """

    terms: tuple[Term, ...]
    alpha: float
    rule: GradientRule = "paper"
    iterations: int = 1
    enough: float = float("-inf")
    for_good: bool = False


class Method:
    """Plain sampling, and the hooks by which other methods differ from it.

    A method is stateless: any step of any trajectory can be planned on any replica. What the story
    must know of it stands in its Traits.
    """

    def check(self, job: Job, backbone: Backbone) -> None:
        """Raise SettingsError for a job that cannot be drawn with this checkpoint."""

    def strands(self, moment: Moment, job: Job) -> tuple[Strand, ...]:
        """The latents denoised side by side, all from the same noise; strand 0 becomes the picture."""
        return (Strand(job.prompt.text),)

    def edits(self, moment: Moment, job: Job) -> Edits:
        """Attention edits of strand 0 at this step."""
        return Edits()

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """The descents strand 0 makes before this step, one kind after the other."""
        return ()

    def inputs(self, latents: Tensor, moment: Moment, job: Job, backbone: Backbone) -> Tensor:
        """What each strand is denoised from; R x C x h x w."""
        return latents

    def fuse(self, latents: Tensor, moment: Moment, job: Job) -> Tensor:
        """What becomes of the strands after the step; R x C x h x w."""
        return latents
