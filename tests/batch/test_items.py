from __future__ import annotations

import json
from collections import Counter

import pytest

from batch.items import Item, Shard
from record.errors import InputError
from record.geometry import Box
from record.reading.prompt import Triplet
from tests.batch.conftest import KICK, seeds

WHOLE = Item(
    3, KICK, Box(0.1, 0.2, 0.3, 0.4), Triplet("woman", "kicking", "ball"), {"seed": 7, "steps": 9}, 2
)


def test_an_id_names_what_is_asked_and_not_where_or_how_often() -> None:
    again = Item(9, KICK, WHOLE.box, WHOLE.triplet, {"steps": 9, "seed": 7})
    assert again.id == WHOLE.id == WHOLE.again(3).id
    others = [
        Item(3, KICK, None, WHOLE.triplet, WHOLE.settings),
        Item(3, KICK, WHOLE.box, None, WHOLE.settings),
        Item(3, KICK, WHOLE.box, WHOLE.triplet, {"seed": 8, "steps": 9}),
        Item(3, f"{KICK}!", WHOLE.box, WHOLE.triplet, WHOLE.settings),
    ]
    assert len({one.id for one in [WHOLE, *others]}) == 5


def test_an_item_comes_back_from_json() -> None:
    for item in (WHOLE, Item(1, KICK)):
        assert Item.from_json(json.loads(json.dumps(item.to_json()))) == item


def test_every_item_is_one_shards() -> None:
    shards = [Shard.from_text(f"{index}/3") for index in (1, 2, 3)]
    items = seeds(*range(300))
    assert all(sum(shard.takes(item) for shard in shards) == 1 for item in items)
    assert min(Counter(next(s for s in shards if s.takes(item)) for item in items).values()) > 60


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", ""])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="write it as 2/8"):
        Shard.from_text(text)
