"""Drawing in this process. What takes seconds to import is imported when it is needed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from record.errors import InputError
from record.reading.prompt import parse
from record.settings import Settings
from record.traits import traits_of
from record.types import Precision
from record_cli.asking import Ask
from record_cli.painter import Drawn, OnEvent, drawn_of
from record_cli.quiet import quieten_libraries
from record_cli.shipped import WEIGHTS

if TYPE_CHECKING:
    from record.local import ReCorD

NO_VLM = "none"


@dataclass(frozen=True)
class Models:
    """What draws: the shipped models, on the CPU, where nothing else is named.

    `checkpoint` is a folder, file or hub id, `vlm` a folder or `none`, `adapter` a folder.
    """

    checkpoint: str | None = None
    vlm: str | None = None
    adapter: str | None = None
    device: str | None = None
    dtype: Precision | None = None

    @property
    def reasoner(self) -> str | None:
        """The language model's folder; the shipped one knows only the shipped checkpoint's drawings."""
        usual = None if self.checkpoint else str(WEIGHTS / "vlm")
        return None if self.vlm == NO_VLM else self.vlm or usual

    @property
    def places(self) -> tuple[str, ...]:
        """Folders, files and hub ids of all that draws."""
        found = (self.checkpoint or str(WEIGHTS / "diffusion"), self.reasoner, self.adapter)
        return tuple(place for place in found if place is not None)

    def refuse_a_service(self) -> None:
        """InputError where a model is named: a service has its own."""
        for name in (name for name, value in vars(self).items() if value is not None):
            raise InputError(f"--{name} is for drawing in this process: leave it or --url out", param=name)


class LocalPainter:
    """Draws with models that it loads once."""

    def __init__(self, models: Models) -> None:
        """Loads nothing yet."""
        self.name = models.checkpoint or "the shipped checkpoint"
        self._models = models

    def prepare(self, ask: Ask) -> None:
        """Read the prompt and check the settings, then load the models: some seconds."""
        _refuse_elsewhere(ask)
        parse(ask.prompt, ask.triplet)
        self.load()

    def load(self) -> None:
        """Load the models, if that is not done yet; CheckpointError or InputError where it cannot be."""
        self._recorder  # noqa: B018

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw, with every event as it happens."""
        _refuse_elsewhere(ask)
        recorder = self._recorder
        began = time.perf_counter()
        run = recorder(ask.prompt, triplet=ask.triplet, box=ask.box, on_event=on_event, **ask.settings)
        return drawn_of(run, time.perf_counter() - began)

    @cached_property
    def _recorder(self) -> ReCorD:
        """The models; CheckpointError, or InputError for a device that is not here."""
        import torch

        quieten_libraries()
        from record.analysis.bundle import ensure_pose_bundle
        from record.local import ReCorD

        models, device = self._models, self._models.device or "cpu"
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise InputError(f"device={device!r}: no CUDA device is found here, use cpu", param="device")
        return ReCorD.from_pretrained(
            models.checkpoint or WEIGHTS / "diffusion",
            reasoner=models.reasoner,
            device=device,
            dtype=models.dtype or "auto",
            pose_bundle=ensure_pose_bundle(),
            adapter=models.adapter,
        )


def _refuse_elsewhere(ask: Ask) -> None:
    """SettingsError for settings that are none; InputError for a method that only a service draws."""
    method = Settings.build(ask.settings).method
    if traits_of(method).is_drawn_elsewhere:
        raise InputError(f"method={method!r} is answered by a service: give its --url", param="method")
