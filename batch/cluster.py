"""Drawing by a Ray cluster: a Ray Data job whose actors hold the models, one on each GPU that there is.

The driver keeps pictures and rows, so that workers share no disk with it and die at any time: a block of
prompts whose worker, node or result was lost is drawn again by another. Ray also repeats a task whose
result did come, where its worker dies before it said so: a worker asks before each prompt whether the driver
has it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import warnings
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset
from ray.exceptions import RayError
from ray.util.annotations import RayDeprecationWarning
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from batch.items import Item
from batch.painting import Clock, Draws, Load, Outcome, attempted
from batch.rows import Row
from record.errors import EngineStoppedError, InputError, UpstreamError

LOCAL, AUTO = "local", "auto"
ITEM, ROW, PNG = "item", "row", "png"
REPEATS = 3
"""How often Ray repeats a block whose worker is away, before it is left to another round: a lost node's
workers may never find room again, and without a bound their blocks would be waited for.

Ray 2.60 takes it as `max_task_retries` among map_batches' free arguments, which it calls deprecated, and has
neither a named argument nor a switch of its DataContext for it.
"""
Turn = Literal["draw", "received", "hopeless"]
"""What a worker does with an item whose turn it is: a hopeless one was begun too often and never ended."""


@dataclass(frozen=True)
class Plan:
    """How a cluster draws: at most `workers` at once (None: as many as it holds), a `block` of prompts each.

    A worker takes `cpus` and `gpus`, parts of one too. What is lost with it is at most the blocks that it
    has. `tries` is how many workers may die of a prompt before it fails.
    """

    workers: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    block: int = 8
    tries: int = 4


_CONNECT_S = 5.0


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Join the cluster at an address (`auto`: this machine's); `local` starts one and ends it with the block.

    InputError where there is none.
    """
    try:
        if address not in (LOCAL, AUTO):
            _knock(address)
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Ray raises bare ones too, as where a node does not come up in time
        raise InputError(f"cluster={address!r}: no Ray cluster is there: {error}", param="cluster") from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """OSError or ValueError if nobody answers: Ray itself waits for minutes."""
    place = urlsplit(address if "://" in address else f"ray://{address}")
    if place.hostname is None or place.port is None:
        raise ValueError("an address is HOST:PORT, auto or local")
    socket.create_connection((place.hostname, place.port), timeout=_CONNECT_S).close()


class Ledger:
    """An actor: which items the driver has the outcome of, and what was begun and never ended."""

    def __init__(self, tries: int) -> None:
        self._received, self._begun, self._tries = set[str](), Counter[str](), tries

    def receive(self, items: list[str]) -> int:
        """The driver has these; how many are known. An actor that died comes again and knows of none."""
        self._received.update(items)
        return len(self._received)

    def begin(self, item: str) -> Turn:
        """A worker would draw an item now."""
        if item in self._received:
            return "received"
        if self._begun[item] == self._tries:
            return "hopeless"
        self._begun[item] += 1
        return "draw"

    def end(self, item: str) -> None:
        """It did not die of it."""
        self._begun[item] -= 1


def on_cluster(load: Load, plan: Plan) -> Draws:
    """Items by the cluster that this process is connected to (ray.init).

    A prompt whose workers die whenever they draw it fails, and the others are drawn. UpstreamError where the
    cluster fails as a whole, as where its workers cannot load the models.
    """

    def draws(items: Iterable[Item]) -> Generator[Outcome, None, None]:
        told = _Told(ray.remote(Ledger).options(**_beside_the_driver()).remote(plan.tries))
        left, idle = {item.id: item for item in items}, 0
        while left and idle <= plan.tries:
            before = len(left)
            for outcome in _round(_dataset(load, plan, told.ledger, list(left.values())), told):
                if left.pop(outcome.row.id, None) is not None:
                    yield outcome
            idle = idle + 1 if len(left) == before else 0
        if left:
            why = "its workers die before they draw; their logs say why"
            raise UpstreamError(f"the cluster gave {len(left)} prompts back undone, {idle} times: {why}")

    return draws


class _Told:
    """What the ledger was told, for one that has to be told again."""

    def __init__(self, ledger: Any) -> None:
        self.ledger, self._ids = ledger, set[str]()

    def tell(self, items: list[str]) -> None:
        """The driver has these."""
        self._ids.update(items)
        if ray.get(self.ledger.receive.remote(items)) < len(self._ids):
            ray.get(self.ledger.receive.remote(list(self._ids)))


def _round(drawn: Dataset, told: _Told) -> Iterator[Outcome]:
    """What comes of a dataset; blocks that were lost with a worker are left out."""
    try:
        for table in drawn.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            rows = [Row.model_validate_json(text) for text in table[ROW].to_pylist()]
            told.tell([row.id for row in rows])
            yield from (Outcome(row, png) for row, png in zip(rows, table[PNG].to_pylist(), strict=True))
    except RayError as error:
        raise UpstreamError(f"the cluster cannot go on: {error}") from error


def _beside_the_driver() -> dict[str, Any]:
    """An actor's options: on the driver's node and nowhere else, without a CPU; back again where it dies."""
    node = ray.get_runtime_context().get_node_id()
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    return {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1, "scheduling_strategy": there}


def _dataset(load: Load, plan: Plan, ledger: Any, items: Sequence[Item]) -> Dataset:
    context = DataContext.get_current()
    context.max_errored_blocks = -1  # a lost worker's blocks, which Ray does not always repeat
    context.enable_progress_bars = context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    blocks = [items[start : start + plan.block] for start in range(0, len(items), plan.block)]
    tables = [pa.table({ITEM: [json.dumps(item.to_json()) for item in block]}) for block in blocks]
    with warnings.catch_warnings():  # of REPEATS
        warnings.simplefilter("ignore", RayDeprecationWarning)
        return ray.data.from_arrow(tables).map_batches(
            Worker,
            fn_constructor_args=(load, ledger),
            batch_size=plan.block,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=plan.workers, max_tasks_in_flight_per_actor=2),
            num_cpus=plan.cpus,
            num_gpus=plan.gpus,
            max_task_retries=REPEATS,
        )


class Worker:
    """An actor with its models, loaded once."""

    def __init__(self, load: Load, ledger: Any) -> None:
        self._painter, self._ledger = load(), ledger
        self._node = ray.get_runtime_context().get_node_id()

    def __call__(self, table: pa.Table) -> pa.Table:
        """Draw those of a block's items that the driver does not have."""
        items = (Item.from_json(json.loads(text)) for text in table[ITEM].to_pylist())
        outcomes = [one for item in items if (one := self._outcome(item)) is not None]
        return pa.table(
            {
                ROW: pa.array([one.row.model_dump_json() for one in outcomes], pa.string()),
                PNG: pa.array([one.png for one in outcomes], pa.binary()),
            }
        )

    def _outcome(self, item: Item) -> Outcome | None:
        turn: Turn = ray.get(self._ledger.begin.remote(item.id))
        if turn == "received":
            return None
        if turn == "hopeless":
            lost = EngineStoppedError("every worker that drew it was lost: look at their logs for the reason")
            return Outcome(Clock(self._painter.model, self._node).stop().failed(item, lost))
        try:
            outcome = attempted(self._painter, item, self._node)
        except EngineStoppedError:
            os._exit(1)  # another process, with a device that works, takes its place
        self._ledger.end.remote(item.id)
        return outcome
