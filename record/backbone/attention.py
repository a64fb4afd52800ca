"""Reading and editing attention maps, row by row, and leaving the UNet exactly as it was.

A UNet call carries rows of several requests. An `AttentionPlan` says, by row index, which rows
have their cross-attention written out (to be edited or read) and which rows take another row's
self-attention. Every other row, and every layer without need, stays on fused attention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from record.backbone.edits import CrossEdit, edited, fitted
from record.backbone.parts import AttentionLayer, Unet


@dataclass(frozen=True)
class SelfInjection:
    """Row `target` takes row `source`'s self-attention maps in layers of at most `pixels` pixels.

    `own` (map pixels, 0..1) is how much of its own each pixel keeps; None is nothing anywhere.
    """

    target: int
    source: int
    pixels: int
    own: Tensor | None = None


@dataclass(frozen=True)
class AttentionPlan:
    """What is done to which rows of one UNet call.

    `rows` have their cross-attention edited by `edits`, `injections` give a row another row's
    self-attention maps, and of the rows `reads` the maps of `map_pixels` pixels are kept. After
    `stop_after` such layers the call ends with `Enough`. A row's own plan alone says how it is computed,
    so that its picture does not depend on the rows beside it.
    """

    rows: tuple[int, ...] = ()
    edits: tuple[CrossEdit, ...] = ()
    injections: tuple[SelfInjection, ...] = ()
    reads: tuple[int, ...] = ()
    map_pixels: int = 256
    stop_after: int | None = None


class Enough(Exception):
    """The last map that was asked for is read; the rest of the call would be wasted."""


@dataclass
class Maps:
    """Maps of the rows that a plan reads: one entry a layer, float32, rows x pixels x tokens."""

    layers: list[Tensor] = field(default_factory=list)

    def mean(self) -> Tensor:
        """Mean over layers (and, before, over heads): rows x pixels x tokens, each pixel's sum 1."""
        if not self.layers:
            raise RuntimeError("no cross-attention layer of the map's resolution was read")
        return torch.stack(self.layers).mean(0)


@contextmanager
def controlled_attention(unet: Unet | nn.Module, plan: AttentionPlan) -> Iterator[Maps]:
    """Apply `plan` to every call inside the block; on leaving, also by an error, all is undone."""
    maps = Maps()
    processors = {
        True: _Cross(plan, maps) if plan.rows or plan.reads else None,
        False: _Self(plan) if plan.injections else None,
    }
    changed = [
        (layer, layer.get_processor(), processor)
        for layer in _attention_layers(unet)
        if (processor := processors[layer.is_cross_attention]) is not None
    ]
    try:
        for layer, _, processor in changed:
            layer.set_processor(processor)
        yield maps
    finally:
        for layer, before, _ in changed:
            layer.set_processor(before)


def _attention_layers(unet: Unet | nn.Module) -> list[AttentionLayer]:
    # unet.set_attn_processor does this too, in the time of a tenth of a small UNet's call
    return [module for module in unet.modules() if isinstance(module, Attention)]


class _Self:
    """Self-attention in which some rows use another row's queries and keys with their own values."""

    def __init__(self, plan: AttentionPlan) -> None:
        self.plan = plan

    def __call__(
        self, attn: AttentionLayer, hidden_states: Tensor, encoder_hidden_states: None = None, **_: object
    ) -> Tensor:
        query, key, value = _project(attn, hidden_states, hidden_states)
        source, pixels = list(range(len(query))), hidden_states.shape[1]
        injections = [one for one in self.plan.injections if pixels <= one.pixels]
        for injection in injections:
            if injection.own is None:
                source[injection.target] = injection.source
        query, key = _rows(query, source), _rows(key, source)
        mixed = F.scaled_dot_product_attention(query, key, value, scale=attn.scale)
        for injection in injections:
            if injection.own is not None:
                mixed = self._partly(attn, (query, key, value), mixed, injection)
        return _output(attn, mixed)

    @staticmethod
    def _partly(
        attn: AttentionLayer,
        projected: tuple[Tensor, Tensor, Tensor],
        mixed: Tensor,
        injection: SelfInjection,
    ) -> Tensor:
        """`mixed` (rows x heads x pixels x width) with the target's own maps in a part of the picture."""
        query, key, value = projected
        target, source, share = [injection.target], [injection.source], injection.own
        assert share is not None
        other = F.scaled_dot_product_attention(
            _rows(query, source), _rows(key, source), _rows(value, target), scale=attn.scale
        )
        own = fitted(share, mixed.shape[2]).to(mixed.dtype).unsqueeze(-1)
        blended = own * _rows(mixed, target) + (1 - own) * other
        return mixed.index_copy(0, row_index(tuple(target), mixed.device), blended)


class _Cross:
    """Cross-attention with some rows written out: to be edited or, at the map's size, read."""

    def __init__(self, plan: AttentionPlan, maps: Maps) -> None:
        self.plan = plan
        self.maps = maps
        self._edits = dict(zip(plan.rows, plan.edits, strict=True))

    def __call__(
        self, attn: AttentionLayer, hidden_states: Tensor, encoder_hidden_states: Tensor, **_: object
    ) -> Tensor:
        query, key, value = _project(attn, hidden_states, encoder_hidden_states)
        reads = self.plan.reads if hidden_states.shape[1] == self.plan.map_pixels else ()
        rows = sorted({*self._edits, *reads})
        if not rows:
            return _output(attn, F.scaled_dot_product_attention(query, key, value, scale=attn.scale))
        edits = [self._edits.get(row, CrossEdit()) for row in rows]
        written = self._written(attn, query, key, rows, edits)
        if reads:
            self._keep(_rows(written, [rows.index(row) for row in reads]))
        if rows == list(range(len(query))):
            return _output(attn, written @ value)
        mixed = F.scaled_dot_product_attention(query, key, value, scale=attn.scale)
        mixed = mixed.index_copy(0, row_index(tuple(rows), mixed.device), written @ _rows(value, rows))
        return _output(attn, mixed)

    def _keep(self, read: Tensor) -> None:
        self.maps.layers.append(read.mean(1, dtype=torch.float32))
        if len(self.maps.layers) == self.plan.stop_after:
            raise Enough

    def _written(
        self, attn: AttentionLayer, query: Tensor, key: Tensor, rows: list[int], edits: list[CrossEdit]
    ) -> Tensor:
        """The edited maps of some rows: rows x heads x pixels x tokens."""
        own = _probabilities(attn, _rows(query, rows), _rows(key, rows))
        if all(edit.is_identity for edit in edits):
            return own
        primed = self._primed(attn, query, key, rows, edits)
        return torch.stack([edited(own[i], primed.get(i), edit) for i, edit in enumerate(edits)])

    @staticmethod
    def _primed(
        attn: AttentionLayer, query: Tensor, key: Tensor, rows: list[int], edits: list[CrossEdit]
    ) -> dict[int, Tensor]:
        """A' of equation 1, by position in `rows`."""
        keyed = [i for i, edit in enumerate(edits) if edit.intransitive is not None]
        sourced = [i for i, edit in enumerate(edits) if edit.source is not None]
        primed: dict[int, Tensor] = {}
        if keyed:
            texts = torch.stack([t for edit in edits if (t := edit.intransitive) is not None])
            other = _heads(attn, attn.to_k(texts))
            maps = _probabilities(attn, _rows(query, [rows[i] for i in keyed]), other)
            primed |= dict(zip(keyed, maps, strict=True))
        if sourced:
            sources = [s for edit in edits if (s := edit.source) is not None]
            maps = _probabilities(attn, _rows(query, sources), _rows(key, sources))
            primed |= dict(zip(sourced, maps, strict=True))
        return primed


@cache
def row_index(rows: tuple[int, ...], device: torch.device) -> Tensor:
    """Row numbers on the device: a list of them would be copied there in every layer.

    None is ever dropped, since CUDA graphs go on reading them where they lie.
    """
    return torch.tensor(rows, device=device)


def _rows(values: Tensor, rows: Sequence[int]) -> Tensor:
    """Some rows of a tensor; without a copy where they are all rows in order."""
    if list(rows) == list(range(len(values))):
        return values
    return values[row_index(tuple(rows), values.device)]


def _probabilities(attn: AttentionLayer, query: Tensor, key: Tensor) -> Tensor:
    # As fused attention does inside: the products of SD 2.1 leave the range of float16.
    scores: Tensor = query.float() @ key.float().transpose(-1, -2) * attn.scale
    return scores.softmax(-1).to(query.dtype)


def _project(attn: AttentionLayer, hidden: Tensor, context: Tensor) -> Sequence[Tensor]:
    return [
        _heads(attn, projected) for projected in (attn.to_q(hidden), attn.to_k(context), attn.to_v(context))
    ]


def _heads(attn: AttentionLayer, projected: Tensor) -> Tensor:
    rows, pixels, channels = projected.shape
    return projected.view(rows, pixels, attn.heads, channels // attn.heads).transpose(1, 2)


def _output(attn: AttentionLayer, mixed: Tensor) -> Tensor:
    rows, heads, pixels, width = mixed.shape
    joined = mixed.transpose(1, 2).reshape(rows, pixels, heads * width)
    result: Tensor = attn.to_out[1](attn.to_out[0](joined))
    return result
