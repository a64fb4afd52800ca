from __future__ import annotations

import json

from deployments.playing.order import Corrects, Order
from record.geometry import Box
from record.reading.prompt import parse
from record.settings import Settings
from record.story.best import seeded

PROMPT = parse("a woman is kicking a ball")
SETTINGS = Settings.build({"steps": 10, "candidates": 2})


def test_an_order_survives_json() -> None:
    plain = Order(PROMPT, tuple(seeded(SETTINGS, 2)))
    moved = Order(PROMPT, (SETTINGS,), Box(0.1, 0.2, 0.5, 0.6), Corrects("run-000000000001", 1))
    for order in (plain, moved):
        assert Order.from_json(json.loads(json.dumps(order.to_json()))) == order


def test_every_picture_is_asked_for_with_settings_of_its_own() -> None:
    order = Order(PROMPT, tuple(seeded(SETTINGS, 2)))
    first, second = order.requests("run-1", 9.0)
    assert (first.settings.seed, second.settings.seed) == (0, 2)
    assert first.id == second.id == "run-1" and first.timeout_s == 9.0 and first.previews


def test_a_correction_costs_one_pass_and_no_candidates() -> None:
    whole = Order(PROMPT, (SETTINGS,))
    correction = Order(PROMPT, (SETTINGS,), Box(0.1, 0.2, 0.5, 0.6), Corrects("run-1"))
    assert 0 < correction.row_steps() < whole.row_steps()
    assert Order(PROMPT, (SETTINGS,) * 3).row_steps() == 3 * whole.row_steps()
    assert Order(PROMPT, (Settings.build({"method": "images_api"}),)).row_steps() == 0
