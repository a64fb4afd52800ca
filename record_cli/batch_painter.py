"""The models of this command line as a batch's painter, loaded in whichever process draws."""

from __future__ import annotations

from dataclasses import dataclass

from batch.items import Item
from batch.models import digest
from batch.painting import Painted
from record.pictures import codec
from record_cli.asking import Ask
from record_cli.in_process import LocalPainter, Models


@dataclass(frozen=True)
class LoadHere:
    """Loads the models where it is called; `model` names them, with a digest of their files."""

    models: Models
    model: str

    @classmethod
    def of(cls, models: Models) -> LoadHere:
        """Read the models' files once, for their digest: some seconds for large ones."""
        name = models.checkpoint or "the shipped checkpoint"
        return cls(models, f"{name} ({digest(models.places)})")

    def __call__(self) -> PainterHere:
        """Load; CheckpointError or InputError where that cannot be."""
        painter = LocalPainter(self.models)
        painter.load()
        return PainterHere(painter, self.model)


class PainterHere:
    """Draws items in its process."""

    def __init__(self, painter: LocalPainter, model: str) -> None:
        self.model, self._painter = model, painter

    def paint(self, item: Item) -> Painted:
        """Draw; raises as LocalPainter does."""
        ask = Ask(item.prompt, item.box, item.triplet, item.settings)
        drawn = self._painter.draw(ask, lambda event: None)
        return Painted(codec.to_bytes(drawn.image), drawn.run)
