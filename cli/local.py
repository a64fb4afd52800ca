"""Drawing in this process. What takes seconds to import is imported when it is needed."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import Image

from cli.asking import Ask
from cli.options import NOT_HERE
from cli.painter import Drawn, OnEvent
from cli.quiet import quieten_libraries
from miniature import WEIGHTS
from record.errors import InputError
from record.prompt import parse
from record.settings import Settings

if TYPE_CHECKING:
    from record.local import ReCorD

NO_VLM = "none"


class LocalPainter:
    """Draws with the shipped models where no others are named.

    The shipped language model knows only drawings, so it goes with the shipped checkpoint alone.
    """

    def __init__(self, checkpoint: str | None, vlm: str | None, device: str, dtype: str) -> None:
        """`checkpoint` is a folder, file or hub id; `vlm` a folder, or `none`; `dtype` a name of torch's."""
        self.name = "the shipped checkpoint" if checkpoint is None else checkpoint
        self._checkpoint = checkpoint or str(WEIGHTS / "diffusion")
        self._vlm = vlm or (NO_VLM if checkpoint else str(WEIGHTS / "vlm"))
        self._device, self._dtype = device, dtype

    def prepare(self, ask: Ask) -> None:
        """Read the prompt and check the settings, then load the models: some seconds."""
        _refuse_api(ask)
        parse(ask.prompt, ask.triplet)
        Settings.build(ask.settings)
        self._recorder  # noqa: B018

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw, with every event as it happens."""
        _refuse_api(ask)
        recorder = self._recorder
        began = time.perf_counter()
        run = recorder(ask.prompt, triplet=ask.triplet, box=ask.box, on_event=on_event, **ask.settings)
        seconds = time.perf_counter() - began
        candidates = tuple(Image.fromarray(candidate.image) for candidate in run.candidates)
        return Drawn(run.image, candidates, run.to_json(), seconds)

    @cached_property
    def _recorder(self) -> ReCorD:
        """The models; CheckpointError, or InputError for a device that is not here."""
        import torch

        quieten_libraries()
        from miniature.pose_bundle import ensure_pose_bundle
        from record.local import ReCorD

        if self._device.startswith("cuda") and not torch.cuda.is_available():
            raise InputError(
                f"device={self._device!r}: no CUDA device is found here, use cpu", param="device"
            )
        return ReCorD.from_pretrained(
            self._checkpoint,
            reasoner=None if self._vlm == NO_VLM else self._vlm,
            device=self._device,
            dtype=getattr(torch, self._dtype),
            pose_bundle=ensure_pose_bundle(),
        )


def _refuse_api(ask: Ask) -> None:
    if ask.settings.get("method") == NOT_HERE:
        raise InputError(f"method={NOT_HERE!r} is answered by a service: give its --url", param="method")
