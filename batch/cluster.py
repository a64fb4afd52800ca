"""Drawing by a Ray cluster: a Ray Data job whose actors hold the models, one on each GPU that there is.

The driver keeps pictures and rows, so that workers share no disk with it and die at any time: a block of
prompts whose worker, node or result was lost is drawn again by another. Ray also repeats a task whose
result did come, where its worker dies before it said so: a worker asks before each prompt whether the driver
has it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from batch.items import Item
from batch.painting import Clock, Draws, Load, Outcome, attempted
from batch.rows import Row
from record.errors import EngineStoppedError, InputError

LOCAL = "local"
ITEM, ROW, PNG = "item", "row", "png"


@dataclass(frozen=True)
class Plan:
    """How a cluster draws: at most `workers` at once (None: as many as it holds), a `block` of prompts each.

    A worker takes `cpus` and `gpus`, parts of one too. What is lost with it is at most the blocks that it
    has; `tries` is how often a block's worker may die before its prompts are tried one by one.
    """

    workers: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    block: int = 8
    tries: int = 3


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Join the cluster at an address (`auto`: this machine's); `local` starts one and ends it with the block.

    InputError where there is none.
    """
    try:
        ray.init(None if address == LOCAL else address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError) as error:
        raise InputError(f"cluster={address!r}: no Ray cluster is there: {error}", param="cluster") from error
    try:
        yield
    finally:
        ray.shutdown()


class Received:
    """An actor beside the driver that knows the ids of which the driver has the outcome."""

    def __init__(self) -> None:
        self._ids = set[str]()

    def add(self, items: list[str]) -> None:
        """The driver has these."""
        self._ids.update(items)

    def has(self, item: str) -> bool:
        """Whether it has this."""
        return item in self._ids


def on_cluster(load: Load, plan: Plan, model: str) -> Draws:
    """Items by the cluster that this process is connected to (ray.init).

    A prompt whose workers die whenever they draw it fails, and the others are drawn.
    """

    def draws(items: Iterable[Item]) -> Iterator[Outcome]:
        left = {item.id: item for item in items}
        received = ray.remote(Received).options(**_beside_the_driver()).remote()
        for size in (plan.block, 1):
            for outcome in _round(load, plan, received, list(left.values()), size):
                if left.pop(outcome.row.id, None) is not None:
                    yield outcome
        for item in left.values():
            lost = EngineStoppedError(f"the worker that drew it was lost {plan.tries + 1} times")
            yield Outcome(Clock(model).stop().failed(item, lost))

    return draws


def _beside_the_driver() -> dict[str, Any]:
    """An actor's options: on the driver's node, for which it takes no CPU."""
    node = ray.get_runtime_context().get_node_id()
    return {"num_cpus": 0, "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=True)}


def _round(load: Load, plan: Plan, received: Any, items: Sequence[Item], size: int) -> Iterator[Outcome]:
    """Every item once, in blocks of a size; blocks that fail again and again are left out."""
    if not items:
        return
    drawn = _dataset(load, plan, received, items, size)
    for table in drawn.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        rows = [Row.model_validate_json(text) for text in table[ROW].to_pylist()]
        ray.get(received.add.remote([row.id for row in rows]))
        yield from (Outcome(row, png.as_py()) for row, png in zip(rows, table[PNG], strict=True))


def _dataset(load: Load, plan: Plan, received: Any, items: Sequence[Item], size: int) -> Dataset:
    context = DataContext.get_current()
    context.max_errored_blocks = -1
    context.enable_progress_bars = context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    blocks = [items[start : start + size] for start in range(0, len(items), size)]
    tables = [pa.table({ITEM: [json.dumps(item.to_json()) for item in block]}) for block in blocks]
    return ray.data.from_arrow(tables).map_batches(
        Worker,
        fn_constructor_args=(load, received),
        batch_size=None,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(min_size=1, max_size=plan.workers, max_tasks_in_flight_per_actor=2),
        num_cpus=plan.cpus,
        num_gpus=plan.gpus,
        max_restarts=-1,
        max_task_retries=plan.tries,
    )


class Worker:
    """An actor with its models, loaded once."""

    def __init__(self, load: Load, received: Any) -> None:
        self._painter, self._received = load(), received
        self._node = ray.get_runtime_context().get_node_id()

    def __call__(self, table: pa.Table) -> pa.Table:
        """Draw those of a block's items that the driver does not have."""
        items = (Item.from_json(json.loads(text)) for text in table[ITEM].to_pylist())
        due = (item for item in items if not ray.get(self._received.has.remote(item.id)))
        outcomes = [attempted(self._painter, item, self._node) for item in due]
        return pa.table(
            {
                ROW: pa.array([one.row.model_dump_json() for one in outcomes], pa.string()),
                PNG: pa.array([one.png for one in outcomes], pa.binary()),
            }
        )
