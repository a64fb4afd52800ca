"""UNet calls replayed from CUDA graphs, for devices that finish a kernel before the next is launched.

A graph is bound to the shapes of its call: how many rows, and which of them are edited or read how. What
the tensors hold is copied in before every replay. Guided forwards, which need gradients, stay outside.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from record.backbone import Backbone, Conditioning
from record.backbone.attention import AttentionPlan, SelfInjection
from record.backbone.edits import CrossEdit
from record.engine.call import Answer, call_unet

for _kind in (AttentionPlan, CrossEdit, SelfInjection, Conditioning):
    pytree.register_dataclass(_kind)

AFTER = 3
"""Calls of a shape that are made before it is captured: capturing takes as long as several calls."""
KEPT = 24
"""Graphs that are kept; the one unused for longest goes first."""
WARM_UPS = 2

Capture = Callable[[Callable[[], Answer]], Callable[[], Answer]]
"""From a call on fixed tensors to the same call replayed; both answer with tensors of their own."""


class CudaCapture:
    """Captures calls as CUDA graphs that share one pool of memory."""

    def __init__(self) -> None:
        self._pool: torch.cuda._POOL_HANDLE | None = None

    def __call__(self, run: Callable[[], Answer]) -> Callable[[], Answer]:
        """Capture `run`; RuntimeError where the device cannot."""
        self._warm_up(run)
        graph = torch.cuda.CUDAGraph()
        # Other threads may use the device meanwhile: it is theirs too.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            answer = run()
        self._pool = self._pool or graph.pool()

        def replay() -> Answer:
            graph.replay()
            return answer

        return replay

    @staticmethod
    def _warm_up(run: Callable[[], Answer]) -> None:
        """As torch asks before a capture: libraries choose their kernels on a stream of their own."""
        side, current = torch.cuda.Stream(), torch.cuda.current_stream()  # type: ignore[no-untyped-call]
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(WARM_UPS):
                run()
        current.wait_stream(side)


@dataclass(frozen=True)
class Captured:
    """A captured call and the tensors it reads."""

    inputs: list[Tensor]
    replay: Callable[[], Answer]

    def __call__(self, tensors: Sequence[Tensor]) -> Answer:
        """The answer for these tensors, in memory that the next replay leaves alone."""
        torch._foreach_copy_(self.inputs, list(tensors))
        predicted, maps = self.replay()
        return predicted.clone(), None if maps is None else maps.clone()


class Replays:
    """`call_unet` from graphs: a shape that comes often is captured, and replayed from then on."""

    def __init__(self, capture: Capture | None = None) -> None:
        self._capture = CudaCapture() if capture is None else capture
        self._seen: Counter[Hashable] = Counter()
        self._kept: OrderedDict[Hashable, Captured | None] = OrderedDict()

    @torch.no_grad()
    def __call__(
        self,
        backbone: Backbone,
        plan: AttentionPlan,
        latents: Tensor,
        timesteps: Tensor,
        texts: Sequence[Conditioning],
    ) -> Answer:
        """Rows as `call_unet` gives them; grounded ones are never captured."""
        if any(text.grounding is not None for text in texts):
            return call_unet(backbone, plan, latents, timesteps, texts)
        leaves, layout = pytree.tree_flatten((plan, latents, timesteps, list(texts)))
        leaves = [leaf.to(backbone.device) if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        shape = (layout, tuple(_shape(leaf) for leaf in leaves))
        captured = self._captured(shape, lambda: self._made(backbone, leaves, layout))
        if captured is None:
            return call_unet(backbone, plan, latents, timesteps, texts)
        return captured([leaf for leaf in leaves if isinstance(leaf, Tensor)])

    def _captured(self, shape: Hashable, make: Callable[[], Captured | None]) -> Captured | None:
        self._seen[shape] += 1
        if self._seen[shape] <= AFTER:
            return None
        if shape not in self._kept:
            self._kept[shape] = make()
        self._kept.move_to_end(shape)
        if len(self._kept) > KEPT:
            forgotten, _ = self._kept.popitem(last=False)
            del self._seen[forgotten]
        return self._kept[shape]

    def _made(self, backbone: Backbone, leaves: Sequence[object], layout: pytree.TreeSpec) -> Captured | None:
        """The call on tensors that stay where they are; None if it cannot be captured."""
        fixed = [leaf.clone() if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        arguments = pytree.tree_unflatten(fixed, layout)
        try:
            replay = self._capture(lambda: call_unet(backbone, *arguments))
        except RuntimeError:
            return None
        return Captured([leaf for leaf in fixed if isinstance(leaf, Tensor)], replay)


def _shape(leaf: object) -> Hashable:
    """What a graph is bound to: a tensor's shape and dtype, and any other value itself."""
    if isinstance(leaf, Tensor):
        return tuple(leaf.shape), leaf.dtype
    assert isinstance(leaf, Hashable)
    return leaf
