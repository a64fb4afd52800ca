"""All of it against one service: a picture before, odd requests, the same picture after."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fuzz import generated
from tests.fuzz.corpus import JSON, PATH, Attack, attacks, raw
from tests.fuzz.mutations import mutations
from tests.fuzz.target import Answer, Fault, Target, check_shape

TURNED_AWAY = 429
SHARES = {"mutations": 0.3, "right": 0.3, "wrong": 0.3}
"""Of the cases; the corpus is what it is, and comes first."""
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
    for attack in mutations(good, int(left * SHARES["mutations"]), seed):
        _attack(target, attack, tally, "mutations")
    whole = json.loads(target.send("GET", "/openapi.json").body)
    found = generated.operations(whole, [str(good["prompt"])], always)
    is_rich = [one for one in found if one.method == "post"]
    while (left := cases - sum(tally.statuses.values())) > 0:
        for one in found:
            share = left // 2 // len(is_rich) if one in is_rich else 5
            for is_right in (True, False) if one in is_rich else (True,):
                kind = f"{one.method} {one.path}, {'right' if is_right else 'wrong'}"

                def count(status: int, kind: str = kind) -> None:
                    tally.count(kind, status)

                generated.play(one, target, max(1, share), seed, is_right=is_right, told=count)
        seed += 1
    if _picture(target, good) != before:
        raise Fault("the same request draws another picture than before")
    return tally.statuses


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
