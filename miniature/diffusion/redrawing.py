"""Drawings as the diffusion model would have drawn them: what they show is known, and they look generated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from diffusers import StableDiffusionImg2ImgPipeline

from miniature.diffusion.sampling import Sampler
from miniature.training.augment import soften
from miniature.training.pixels import Bytes, to_tensor

STRENGTH = (0.5, 0.8)
"""Share of the noise that is laid on a drawing and taken away again: pose and object stay, details do not."""
FAINT = (0.15, 0.5)
"""The same where every limb has to stay in its place."""
_STEPS = 6
_SCALE = 4.0
BATCH = 8


@dataclass(frozen=True)
class Redrawer:
    """A diffusion checkpoint that draws pictures again."""

    pipe: Any

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Load a diffusers folder in float32."""
        pipe = StableDiffusionImg2ImgPipeline.from_pipe(Sampler.of(folder).pipe)
        pipe.set_progress_bar_config(disable=True)
        return cls(pipe)

    def __call__(self, pictures: Bytes, captions: Sequence[str], seed: int) -> Bytes:
        """The pictures, uint8 (N, 256, 256, 3), under their captions; without one only softened."""
        rng, made = random.Random(seed), pictures.copy()
        told = [row for row, caption in enumerate(captions) if caption]
        for first in range(0, len(told), BATCH):
            rows = told[first : first + BATCH]
            image, some = to_tensor(pictures[rows]), [captions[row] for row in rows]
            shown: npt.NDArray[np.float32] = self._drawn(image, some, rng, STRENGTH, "np")
            made[rows] = (shown * 255).round().astype(np.uint8)
        untold = [row for row, caption in enumerate(captions) if not caption]
        if untold:
            made[untold] = soften(self.pipe.vae, pictures[untold], seed=rng.getrandbits(31))
        return made

    def latents(self, coded: torch.Tensor, captions: Sequence[str], seed: int) -> Iterator[torch.Tensor]:
        """Latents (N, 4, 32, 32) drawn again faintly under their captions, float16, a few at a time."""
        rng = random.Random(seed)
        for first in range(0, len(coded), BATCH):
            some = list(captions[first : first + BATCH])
            made: torch.Tensor = self._drawn(coded[first : first + BATCH].float(), some, rng, FAINT, "latent")
            yield made.half()

    def _drawn(
        self,
        image: torch.Tensor,
        captions: list[str],
        rng: random.Random,
        strengths: tuple[float, float],
        output_type: str,
    ) -> Any:
        strength = rng.uniform(*strengths)
        return self.pipe(
            captions,
            image=image,
            strength=strength,
            num_inference_steps=round(_STEPS / strength),
            guidance_scale=_SCALE,
            generator=[torch.Generator().manual_seed(rng.getrandbits(31)) for _ in captions],
            output_type=output_type,
        ).images
