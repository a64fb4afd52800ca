"""Which pictures a table needs, and drawing those that are missing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from benchmarks.quality.cases import Case
from benchmarks.quality.results import Results, key_of
from benchmarks.quality.worker import Models, Outcome, Task, Worker
from record.errors import SettingsError
from record.settings import Settings
from record_cli.quiet import natives_silenced, quieten_libraries


def plan(
    rows: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    drawn: Sequence[Case],
    defaults: Mapping[str, Any],
    models: str,
) -> tuple[dict[str, list[Task]], dict[str, str]]:
    """The tasks of every row, in the cases' order, and the rows that settings refuse, with the reason.

    A row's settings go before the `common` ones. A key holds every setting as it resolves over the
    checkpoint's `defaults`, so that a changed default is drawn anew and equal rows are drawn once.
    """
    planned, refused = {}, {}
    for name, change in rows.items():
        given = {**common, **change}
        try:
            resolved = Settings.build(given, defaults).model_dump(exclude={"seed"})
        except SettingsError as error:
            refused[name] = str(error)
            continue
        planned[name] = [Task(key_of(resolved, models, case), case, given) for case in drawn]
    return planned, refused


def missing(planned: Mapping[str, Sequence[Task]], results: Results) -> list[Task]:
    """What is still to be drawn, each picture once, case by case so that all rows grow alike."""
    by_case = zip(*planned.values(), strict=True)
    wanted = {task.key: task for tasks in by_case for task in tasks if task.key not in results}
    return list(wanted.values())


def outcomes(tasks: Sequence[Task], models: Models, workers: int, threads: int) -> Iterator[Outcome]:
    """Draw on several processes, each with models of its own; as they finish."""
    if not tasks:
        return
    with multiprocessing.get_context("spawn").Pool(workers, quieten_libraries) as pool:
        yield from pool.imap_unordered(partial(_do, models, threads), tasks)
        pool.close()
        pool.join()


def draw_missing(
    planned: Mapping[str, Sequence[Task]],
    results: Results,
    draw: Callable[[Sequence[Task]], Iterator[Outcome]],
) -> Iterator[Outcome]:
    """Draw and keep what is missing; yields every outcome for progress."""
    for outcome in draw(missing(planned, results)):
        if outcome.result is not None and outcome.picture is not None:
            results.add(outcome.result, outcome.picture)
        yield outcome


def _do(models: Models, threads: int, task: Task) -> Outcome:
    with natives_silenced():
        return _worker(models, threads).do(task)


@cache
def _worker(models: Models, threads: int) -> Worker:
    return Worker(models, threads)
