"""Everything that changes while the denoiser learns, and its checkpoints."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from miniature.diffusion.models import make_text_encoder, make_unet
from miniature.diffusion.optimisers import Optimisers
from miniature.diffusion.tokenizer import check_vocabulary, vocabulary_digest

EMA = 0.999
_OUTSIDE_MUON = ("conv_in", "conv_out", "time_emb", "embedding")


@dataclass
class Learner:
    """Denoiser, text encoder, their optimisers and where in the data the run stands.

    `average` holds the moving means of all weights, unet then text; `order` the numbers of the pictures
    still to be seen in this round; `spent` seconds of training; `half` whether it computes in bfloat16.
    """

    unet: Any
    text: Any
    tokenizer: CLIPTokenizer
    optimisers: Optimisers
    average: list[torch.Tensor]
    order: torch.Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    step: int = 0
    spent: float = 0.0
    half: bool = False

    @classmethod
    def fresh(cls, tokenizer: CLIPTokenizer, unet: Any = None) -> Learner:
        """New weights from torch's current seed; `unet` stands in for the stock one in tests."""
        unet = (unet or make_unet()).to(memory_format=torch.channels_last)
        text = make_text_encoder(tokenizer)
        named = [*unet.named_parameters(), *text.named_parameters()]
        optimisers = Optimisers.of(named, _OUTSIDE_MUON, betas=(0.9, 0.99), weight_decay=1e-3)
        return cls(unet, text, tokenizer, optimisers, [w.detach().clone() for _, w in named])

    def weights(self) -> list[torch.nn.Parameter]:
        """All that is learnt, unet then text."""
        return [*self.unet.parameters(), *self.text.parameters()]

    def update(self, loss: torch.Tensor, learning_rate: float) -> None:
        """One step of the optimisers and of the moving means."""
        self.optimisers.step(loss, learning_rate)
        self.step += 1
        decay = min(EMA, (self.step + 1) / (self.step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [w.detach() for w in self.weights()], 1 - decay)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the moving means in the place of the weights for as long as the block lasts."""
        live = [w.detach().clone() for w in self.weights()]
        with torch.no_grad():
            for weight, mean in zip(self.weights(), self.average, strict=True):
                weight.copy_(mean)
            try:
                yield
            finally:
                for weight, kept in zip(self.weights(), live, strict=True):
                    weight.copy_(kept)

    def copies(self) -> tuple[Any, Any]:
        """Copies of unet and text encoder with the moving means."""
        with self.averaged():
            return copy.deepcopy(self.unet), copy.deepcopy(self.text)

    def save(self, path: Path, data: str) -> None:
        """Write all that `load` needs, by way of a second file so that none is ever half written.

        `data` is the digest of the training data.
        """
        state = {
            "unet": self.unet.state_dict(),
            "text": self.text.state_dict(),
            "average": self.average,
            "optimisers": self.optimisers.state(),
            "order": self.order,
            "step": self.step,
            "spent": self.spent,
            "half": self.half,
            "random": torch.get_rng_state(),
            "vocabulary": vocabulary_digest(self.tokenizer),
            "data": data,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path, data: str | None) -> None:
        """Go on from a checkpoint, to the bit, torch's random numbers included.

        ValueError if it was trained with another vocabulary, or on other data than the digest `data`
        names; None takes any data and begins a new round of it.
        """
        state = torch.load(path, weights_only=True)
        check_vocabulary(state.get("vocabulary"), self.tokenizer, str(path))
        if data is not None and state["data"] != data:
            raise ValueError(
                f"{path} was trained on other pictures, captions or bias ({state['data']}, here {data}); "
                "to go on with these, say so: --new-data"
            )
        self.unet.load_state_dict(state["unet"])
        self.text.load_state_dict(state["text"])
        self.optimisers.restore(state["optimisers"])
        self.average, self.step, self.spent = state["average"], state["step"], state["spent"]
        self.half = state["half"]
        self.order = state["order"] if data is not None else torch.empty(0, dtype=torch.int64)
        torch.set_rng_state(state["random"])

    def start_from(self, folder: Path) -> None:
        """Take the weights of an exported folder; optimisers and everything else begin anew.

        ValueError if its tokenizer numbers the words in another way.
        """
        tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        check_vocabulary(vocabulary_digest(tokenizer), self.tokenizer, str(folder))
        unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
        text = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32)
        self.unet.load_state_dict(unet.state_dict())
        self.text.load_state_dict(text.state_dict())
        self.average = [weight.detach().clone() for weight in self.weights()]
