from __future__ import annotations

from miniature.diffusion.evaluate import Row
from miniature.judge.evaluate import GROUPS
from miniature.world import VERBS


def test_every_verb_is_asked_for_alone_and_needs_no_object() -> None:
    assert GROUPS["alone"] == tuple((verb, "") for verb in VERBS)
    row = Row("alone", "man", "kicking", "", True, False, True, None)
    assert row.both and not Row("rare", "man", "kicking", "ball", True, False, True, None).both
