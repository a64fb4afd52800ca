"""From z_t to z_{t-1}: DDIM, vectorised over rows at different steps, then each method's fusion."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from record.backbone import Backbone
from record.engine.denoise import Prediction
from record.engine.trajectory import Trajectory


@torch.no_grad()
def update(
    backbone: Backbone, batch: Sequence[Trajectory], predictions: Sequence[Prediction]
) -> list[Trajectory]:
    """Every trajectory after its step."""
    counts = [len(t.latents) for t in batch]
    moved, originals = ddim_step(
        torch.cat([p.inputs for p in predictions]),
        torch.cat([p.predicted for p in predictions]),
        torch.cat([t.schedule.alphas[t.step].expand(len(t.latents)) for t in batch]),
        torch.cat([t.schedule.next_alphas[t.step].expand(len(t.latents)) for t in batch]),
        str(backbone.scheduler.config["prediction_type"]),
    )
    rows = zip(batch, predictions, torch.split(moved, counts), torch.split(originals, counts), strict=True)
    return [
        t.after(t.method.fuse(latents, t.moment, t.job), t.method.fuse(finished, t.moment, t.job)[0], p.maps)
        for t, p, latents, finished in rows
    ]


def ddim_step(
    latents: Tensor, predicted: Tensor, alphas: Tensor, following: Tensor, kind: str
) -> tuple[Tensor, Tensor]:
    """z_{t-1} and the predicted z_0 of DDIM (Song et al. 2021, eq. 12, eta 0), rows with own alphas (B).

    `kind` is the scheduler's prediction_type: epsilon, v_prediction or sample.
    """
    a, b = (x.to(latents).view(-1, 1, 1, 1) for x in (alphas, following))
    if kind == "v_prediction":
        original = a.sqrt() * latents - (1 - a).sqrt() * predicted
        noise = a.sqrt() * predicted + (1 - a).sqrt() * latents
    elif kind == "sample":
        original = predicted
        noise = (latents - a.sqrt() * predicted) / (1 - a).sqrt()
    else:
        original = (latents - (1 - a).sqrt() * predicted) / a.sqrt()
        noise = predicted
    return b.sqrt() * original + (1 - b).sqrt() * noise, original
