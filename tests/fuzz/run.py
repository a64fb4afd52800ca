"""All of it against one service: a picture before, odd requests, the same picture after."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from record.types import Json
from tests.fuzz import generated
from tests.fuzz.corpus import JSON, PATH, Attack, attacks, raw
from tests.fuzz.mutations import mutations
from tests.fuzz.target import Answer, Fault, Target, check_shape

TURNED_AWAY = 429
MUTATED = 0.3
"""Share of the requests that are no corpus; the schema makes the rest."""
LOOKS = 3
"""Requests of each kind to each path that reads no body."""
Told = Callable[[str, int], None]


@dataclass
class Tally:
    """What was sent, by kind and status; `told` hears of each."""

    told: Told
    statuses: Counter[int]

    def count(self, kind: str, status: int) -> None:
        """One more."""
        self.statuses[status] += 1
        self.told(kind, status)


def run(target: Target, cases: int, seed: int, told: Told, always: Mapping[str, object]) -> Counter[int]:
    """Send at least `cases` requests; how many got which status. Fault at the first wrong answer."""
    tally = Tally(told, Counter())
    good = {**_good(target), **always}
    before = _picture(target, good)
    for attack in attacks(good):
        _attack(target, attack, tally, "corpus")
    for name, data, is_gone in raw(good, f"{target.host}:{target.port}"):
        answer = target.send_raw(data, and_leave=is_gone)
        _judge(name, answer, frozenset())
        tally.count("raw bytes", answer.status)
    left = max(0, cases - sum(tally.statuses.values()))
    for attack in mutations(good, int(left * MUTATED), seed):
        _attack(target, attack, tally, "mutations")
    whole = json.loads(target.send("GET", "/openapi.json").body)
    while (left := cases - sum(tally.statuses.values())) > 0:
        _generated(target, whole, good, always, left, seed, tally)
        seed += 1
    if _picture(target, good) != before:
        raise Fault("the same request draws another picture than before")
    return tally.statuses


def _generated(
    target: Target,
    whole: Json,
    good: Mapping[str, object],
    always: Mapping[str, object],
    count: int,
    seed: int,
    tally: Tally,
) -> None:
    """A share of requests that can be drawn, of such as fit the schema, and of such as do not."""
    kinds: tuple[tuple[str, Mapping[str, object], bool], ...] = (
        ("drawable", {**generated.drawable(str(good["prompt"])), **always}, True),
        ("right", always, True),
        ("wrong", always, False),
    )
    for kind, values, is_right in kinds:
        for one in generated.operations(whole, values):
            if one.body or is_right:
                named = f"{kind}: {one.method} {one.path}"
                share = max(1, count // len(kinds)) if one.body else LOOKS
                told = partial(tally.count, named)
                generated.play(one, target, share, seed, is_right=is_right, told=told)


def _good(target: Target) -> dict[str, object]:
    """A sentence that the service draws, as its card says."""
    card: dict[str, Any] = target.send("GET", "/v1/models").json()["data"][0]
    verb = next(iter(card["verbs"]), "kicking")
    return {"prompt": f"a man is {verb} a ball", "seed": 7}


def _picture(target: Target, good: Mapping[str, object]) -> str:
    answer = target.send("POST", PATH, json.dumps(good).encode(), JSON)
    if answer.status != 200:
        raise Fault(f"a good request is answered {answer.status}: {answer.body[:300]!r}")
    return str(answer.json()["data"][0]["b64_json"])


def _attack(target: Target, attack: Attack, tally: Tally, kind: str) -> None:
    answer = target.send(attack.method, attack.path, attack.body, attack.headers)
    if attack.method != "HEAD":
        _judge(attack.name, answer, attack.statuses)
    tally.count(kind, answer.status)


def _judge(name: str, answer: Answer, statuses: frozenset[int]) -> None:
    try:
        check_shape(answer)
    except Fault as fault:
        raise Fault(f"{name}: {fault}") from fault
    if statuses and answer.status not in statuses | {TURNED_AWAY}:
        raise Fault(f"{name}: {answer.status} instead of {sorted(statuses)}: {answer.body[:300]!r}")
