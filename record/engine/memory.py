"""What a step costs in memory, so that a budget can say how many trajectories run at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil
import torch
from torch import Tensor, nn

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, controlled_attention
from record.engine.guide import ROWS_A_CALL
from record.engine.step import Trajectory

SHARE_OF_FREE = 0.8
"""Of the memory that is free when a budget is not given."""
GIB = 2**30


@dataclass(frozen=True)
class Footprint:
    """Bytes that each row of a UNet call takes, and each row of a guided one with its backward pass."""

    row: int
    guided_row: int

    @classmethod
    def measure(cls, backbone: Backbone) -> Footprint:
        """Measure one plain and one guided row; takes about one step's time."""
        if backbone.device.type == "cuda":
            return cls(*(_peak_on_cuda(backbone, is_guided) for is_guided in (False, True)))
        return cls(_largest_layer(backbone), _kept_for_backward(backbone))

    def fits(self, batch: Iterable[Trajectory], budget: int) -> bool:
        """Whether a step of the batch stays within `budget` bytes: its calls follow one another."""
        rows = guided = 0
        for trajectory in batch:
            rows += rows_of(trajectory)
            guided += bool(trajectory.guidance)
        return rows * self.row <= budget and min(guided, ROWS_A_CALL) * self.guided_row <= budget


def rows_of(trajectory: Trajectory) -> int:
    """Rows of its next step's UNet call: a strand with guidance takes two."""
    return sum(1 + strand.is_guided for strand in trajectory.strands)


def free_budget(device: torch.device) -> int:
    """Bytes a budget has by default: most of what is free now."""
    if device.type == "cuda":
        return int(SHARE_OF_FREE * torch.cuda.mem_get_info(device)[0])
    return int(SHARE_OF_FREE * psutil.virtual_memory().available)


@torch.compiler.set_stance("force_eager")  # what is counted here cannot be traced
def _call(backbone: Backbone, is_guided: bool) -> None:
    """One row, as a step or as its guidance makes it."""
    latents = backbone.initial_noise(0)[None].requires_grad_(is_guided)
    plan = AttentionPlan(reads=(0,), map_pixels=backbone.map_size**2)
    with torch.set_grad_enabled(is_guided), controlled_attention(backbone.unet, plan) as maps:
        backbone.denoise(latents, torch.tensor([500]), [backbone.encode("")])
        if is_guided:
            torch.autograd.grad(maps.mean().sum(), latents)


def _peak_on_cuda(backbone: Backbone, is_guided: bool) -> int:
    _call(backbone, is_guided)  # the first call also loads kernels and workspaces
    before = torch.cuda.memory_allocated(backbone.device)
    torch.cuda.reset_peak_memory_stats(backbone.device)
    _call(backbone, is_guided)
    return torch.cuda.max_memory_allocated(backbone.device) - before


def _kept_for_backward(backbone: Backbone) -> int:
    """Bytes autograd keeps of one guided row, weights aside."""
    weights = {p.untyped_storage().data_ptr() for p in backbone.unet.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        _call(backbone, True)
    return sum(kept.values())


def _largest_layer(backbone: Backbone) -> int:
    """Bytes of one row's largest layer, in and out, and of what the blocks hand across the UNet."""
    sizes: list[int] = []

    def note(module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        sizes.append(sum(t.nbytes for t in (*inputs, output) if isinstance(t, Tensor)))

    leaves = [m for m in backbone.unet.modules() if not list(m.children())]
    hooks = [m.register_forward_hook(note) for m in leaves]
    try:
        _call(backbone, False)
    finally:
        for hook in hooks:
            hook.remove()
    return 3 * max(sizes)
