"""Muon for the inner weight matrices and convolutions, AdamW for everything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch

_HOPELESS = 3.0
"""A first step in bfloat16 that takes so many times longer need not be taken again."""
Named = Iterable[tuple[str, torch.nn.Parameter]]


@dataclass(frozen=True)
class Optimisers:
    """The two optimisers of one training; `parameters` are those of both."""

    parameters: Sequence[torch.nn.Parameter]
    both: tuple[Any, Any]

    @classmethod
    def of(
        cls, named: Named, outside: Sequence[str], *, betas: tuple[float, float], weight_decay: float
    ) -> Self:
        """Matrices and convolutions go to Muon unless their name holds one of the words of `outside`.

        ModuleNotFoundError with the remedy where the optional dependency is missing.
        """
        inner: list[torch.nn.Parameter] = []
        others: list[torch.nn.Parameter] = []
        for name, parameter in named:
            is_inner = parameter.ndim >= 2 and not any(word in name for word in outside)
            (inner if is_inner else others).append(parameter)
        adam = torch.optim.AdamW(others, lr=1e-3, betas=betas, weight_decay=weight_decay, fused=True)
        return cls([*inner, *others], (_muon(inner), adam))

    def step(self, loss: torch.Tensor, learning_rate: float) -> None:
        """One update of all parameters, gradients clipped to a norm of 1."""
        for optimiser in self.both:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser in self.both:
            optimiser.step()

    def state(self) -> list[dict[str, Any]]:
        """What `restore` needs to go on to the bit."""
        return [optimiser.state_dict() for optimiser in self.both]

    def restore(self, state: Sequence[dict[str, Any]]) -> None:
        """Go on from what `state` returned."""
        for optimiser, one in zip(self.both, state, strict=True):
            optimiser.load_state_dict(one)


def _muon(parameters: Sequence[torch.nn.Parameter]) -> Any:
    """Newton-Schulz updates whose size is 0.2 sqrt(longer side) times the learning rate, as Adam's are.

    Computed in float32: the library's bfloat16 takes ten times as long on a CPU without instructions for it.
    """
    try:
        from pytorch_optimizer import Muon
        from pytorch_optimizer.optimizer.utils.matrix import zero_power_via_newton_schulz_5 as orthogonal
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "training needs pytorch-optimizer; install it: pip install 'record-serve[train]'"
        ) from error

    class WholeMuon(Muon):  # type: ignore[misc]
        @staticmethod
        def _orthogonalize(group: dict[str, Any], updates: list[torch.Tensor]) -> list[torch.Tensor]:
            steps = {"num_steps": group["ns_steps"], "weights": group["ns_coeffs"], "dtype": torch.float32}
            return [orthogonal(one.reshape(len(one), -1), **steps) for one in updates]

    group = {"params": list(parameters), "use_muon": True, "use_adjusted_lr": True}
    return WholeMuon([group], lr=1e-3, momentum=0.95)


def faster_in_half(step: Callable[[bool], object], *, tries: int = 5) -> bool:
    """Whether `step(half)` takes less processor time with bfloat16 autocast than without, on this machine."""
    whole = _seconds(step, False, tries)
    half = _seconds(step, True, 0)
    if half < _HOPELESS * whole:
        half = _seconds(step, True, tries)
    print(f"a step takes {whole:.2f} s in float32, {half:.2f} s in bfloat16", flush=True)
    return half < whole


def _seconds(step: Callable[[bool], object], half: bool, tries: int) -> float:
    """Mean processor time of `tries` steps after a first one; of that one where there are no others."""
    start = time.process_time()
    step(half)
    if not tries:
        return time.process_time() - start
    start = time.process_time()
    for _ in range(tries):
        step(half)
    return (time.process_time() - start) / tries
