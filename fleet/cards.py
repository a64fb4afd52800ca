"""Cards that replicas run on, and what a card can be counted on for."""

from __future__ import annotations

from dataclasses import dataclass

from record.errors import SettingsError
from record.nearest import remedy

UTILISATION = 0.35
"""Share of a card's dense bfloat16 peak that a UNet reaches. An assumption, measured nowhere here."""
CONTEXT_GIB = 0.8
"""Of every process on a card: CUDA's context and its libraries. An assumption."""
USABLE = 0.94
"""Share of the rest that tensors can have: the allocator leaves holes. An assumption."""


@dataclass(frozen=True)
class Card:
    """GB of its maker's sheet, GiB a process sees, the sheet's dense bfloat16 peak in 10^12 a second."""

    name: str
    gb: int
    gib: float
    peak_tera: float

    @property
    def tera(self) -> float:
        """10^12 operations a second that are counted on."""
        return self.peak_tera * UTILISATION

    def usable_gib(self, share: float = 1.0) -> float:
        """GiB for weights and tensors of one process that has this share of the card."""
        return (self.gib * share - CONTEXT_GIB) * USABLE


CARDS = {
    card.name: card
    for card in (
        Card("a4000", 16, 15.7, 77),
        Card("l4", 24, 22.2, 121),
        Card("l40s", 48, 44.4, 362),
        Card("h100", 80, 78.0, 989),
        Card("h200", 141, 139.0, 989),
    )
}
"""One card of each size of memory, smallest first."""


def card_named(name: str) -> Card:
    """The card; SettingsError with the nearest name."""
    if name not in CARDS:
        raise SettingsError(f"gpu={name!r}: {remedy(name, CARDS, 'cards')}", param="gpu")
    return CARDS[name]
