"""One UNet call for all rows of all trajectories: unconditional and conditional, edited and read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import torch
from torch import Tensor

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, SelfInjection, row_index
from record.backbone.edits import CrossEdit
from record.engine.call import Call, call_unet
from record.engine.trajectory import Trajectory
from record.methods import Strand
from record.methods.losses import box_mask


@dataclass(frozen=True)
class Prediction:
    """The guided prediction of every strand (R x C x h x w), and strand 0's maps where they count.

    `inputs` (R x C x h x w) are the latents the prediction was made from; `maps` is 3 x S x S: object,
    subject and verb.
    """

    inputs: Tensor
    predicted: Tensor
    maps: Tensor | None


@torch.no_grad()
def denoise(backbone: Backbone, batch: Sequence[Trajectory], call: Call = call_unet) -> list[Prediction]:
    """What the UNet predicts for every trajectory, in one call: unlike methods, steps and prompts mix."""
    inputs = [t.method.inputs(t.latents, t.moment, t.job, backbone) for t in batch]
    strands = [strand for t in batch for strand in t.strands]
    latents = torch.cat(inputs)
    times = torch.cat([t.timestep.expand(len(t.latents)) for t in batch])
    guided = [i for i, strand in enumerate(strands) if strand.is_guided]
    texts = [backbone.encode(strand.text, strand.interactions) for strand in strands]
    empty = [backbone.encode("", None if strands[i].interactions is None else ()) for i in guided]
    plan = _attention_plan(backbone, batch, len(guided))
    rows, read = call(
        backbone,
        plan,
        torch.cat([latents[guided], latents]),
        torch.cat([times[guided], times]),
        empty + texts,
    )
    predicted = _classifier_free(rows, guided, strands, batch)
    read_by = iter(() if read is None else read)
    split = torch.split(predicted, [len(t.latents) for t in batch])
    return [
        Prediction(given, rows, _word_maps(next(read_by), t) if t.is_read else None)
        for t, given, rows in zip(batch, inputs, split, strict=True)
    ]


def _classifier_free(
    rows: Tensor, guided: list[int], strands: Sequence[Strand], batch: Sequence[Trajectory]
) -> Tensor:
    """u + scale * (c - u) for guided strands, c for the others."""
    unconditional, conditional = rows[: len(guided)], rows[len(guided) :]
    scales = [t.job.drawing.guidance_scale for t in batch for _ in t.latents]
    scale = rows.new_tensor([scales[i] for i in guided]).view(-1, 1, 1, 1)
    mixed = unconditional + scale * (conditional[guided] - unconditional)
    if len(guided) == len(strands):
        return mixed
    return conditional.index_copy(0, row_index(tuple(guided), rows.device), mixed)


def _attention_plan(backbone: Backbone, batch: Sequence[Trajectory], offset: int) -> AttentionPlan:
    """Edits of a call whose conditional rows begin at `offset`; identity if nothing is on."""
    firsts = [offset + n for n in accumulate((len(t.latents) for t in batch), initial=0)][: len(batch)]
    placed = list(zip(batch, firsts, strict=True))
    injections = tuple(one for t, row in placed for one in _injections(backbone, t, row))
    edits = {row: edit for t, first in placed for row, edit in _cross_edits(backbone, t, first).items()}
    edits = {row: edit for row, edit in edits.items() if not edit.is_identity}
    reads = tuple(row for t, row in placed if t.is_read)
    return AttentionPlan(tuple(edits), tuple(edits.values()), injections, reads, backbone.map_size**2)


def _injections(backbone: Backbone, trajectory: Trajectory, first: int) -> Iterator[SelfInjection]:
    """Self-attention of the picture's row `first`, and of the candidate's that stays beside it.

    As long as both take it from the intransitive branch, the pose is held by that.
    """
    edits, job = trajectory.edits, trajectory.job
    pixels = (job.drawing.self_edit_resolution or backbone.map_size) ** 2
    beside = None if edits.held is None else first + edits.held
    if edits.self_attention:
        yield from (SelfInjection(row, first + 1, pixels) for row in (first, beside) if row is not None)
    elif beside is not None and job.box is not None:
        inside = box_mask(job.box, backbone.map_size, trajectory.latents).flatten()
        yield SelfInjection(first, beside, pixels, inside)


def _cross_edits(backbone: Backbone, trajectory: Trajectory, first: int) -> dict[int, CrossEdit]:
    """Cross-attention edits by row: the picture's, and without exclusion those of the candidate beside it."""
    edits, roles, job = trajectory.edits, trajectory.roles, trajectory.job
    edit = CrossEdit()
    if edits.cross != "off":
        is_own = edits.cross == "own_queries"
        edit = CrossEdit(
            intransitive=backbone.encode(job.prompt.intransitive).tokens if is_own else None,
            source=None if is_own else first + 1,
            shared=roles.places(job.drawing.special_tokens),
            renormalise=job.drawing.renormalise,
        )
    rows = {first: _excluding(edit, trajectory) if edits.exclusion else edit}
    return rows if edits.held is None else rows | {first + edits.held: edit}


def _excluding(edit: CrossEdit, trajectory: Trajectory) -> CrossEdit:
    """Equation 3 by the object's map of the step before, or where none was read by each head's own."""
    roles, claim = trajectory.roles, trajectory.object_map
    is_pooled = trajectory.job.drawing.exclusion_mask == "pooled" and claim is not None
    return replace(
        edit,
        owner=None if is_pooled else roles.object,
        excluded=roles.content & ~roles.object_phrase,
        claim=claim if is_pooled else None,
    )


def _word_maps(read: Tensor, trajectory: Trajectory) -> Tensor:
    """Object's, subject's and verb's maps (3 x S x S) of one row (pixels x tokens)."""
    size, roles = math.isqrt(len(read)), trajectory.roles
    named = torch.stack([roles.object, roles.subject, roles.verb]).to(read.dtype)
    return (named @ read.T / named.sum(-1, keepdim=True)).view(3, size, size)
