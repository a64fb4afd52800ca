from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from record.errors import InputError
from runs.connect import connect
from runs.errors import IdempotencyError, LostLease
from runs.leases import ATTEMPTS
from runs.rows import ArtefactRow, NewRun, Outstanding, Past, Spared
from runs.sql import SqlIndex
from tests.house import ROOT
from tests.runs.conftest import Clock

Make = Callable[..., NewRun]
DIGEST = "ab" * 32


def test_an_accepted_run_waits(index: SqlIndex, new: Make, clock: Clock) -> None:
    wanted = new(owner="me", parent="run-0", is_kept=False)
    row, is_new = index.accept(wanted)
    assert is_new and index.get(wanted.id) == row
    assert (row.status, row.created, row.worker, row.attempts) == ("waiting", clock.time, None, 0)
    assert (row.body, row.owner, row.parent, row.is_kept) == (wanted.body, "me", "run-0", False)


def test_a_run_accepted_by_a_worker_is_its_own(index: SqlIndex, new: Make, clock: Clock) -> None:
    row, _ = index.accept(new(), worker="w", lease_s=30)
    assert (row.status, row.started, row.attempts) == ("running", clock.time, 1)
    assert row.leased_until == clock.time + 30
    assert index.lease("other", 30, limit=9) == []
    assert index.append(row.id, "w", [{"event": "begun"}]) == 1


def test_one_idempotency_key_is_one_run(index: SqlIndex, new: Make) -> None:
    first, _ = index.accept(new(idempotency_key="k", body={"box": (1, 2)}))
    assert index.accept(new(idempotency_key="k", body={"box": (1, 2)})) == (index.get(first.id), False)
    assert index.earlier(new(idempotency_key="k", body={"box": (1, 2)})) == index.get(first.id)
    assert index.earlier(new(idempotency_key="other")) is None
    assert index.accept(new(idempotency_key="k", owner="another"))[1]
    with pytest.raises(IdempotencyError, match="'k' was used for another request"):
        index.accept(new(idempotency_key="k", body={"box": (1, 3)}))


def test_without_a_key_no_other_run_is_joined(index: SqlIndex, new: Make) -> None:
    index.accept(new())
    assert index.earlier(new()) is None


def test_of_many_at_once_with_one_key_one_is_new(index: SqlIndex, new: Make) -> None:
    wanted = [new(idempotency_key="k") for _ in range(20)]
    together = Barrier(20)

    def accept(run: NewRun) -> tuple[str, bool]:
        together.wait()
        row, is_new = index.accept(run)
        return row.id, is_new

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(accept, wanted))
    assert sum(is_new for _, is_new in answers) == 1
    assert len({run for run, _ in answers}) == 1


def test_leases_go_to_the_oldest_first(index: SqlIndex, new: Make) -> None:
    runs = [index.accept(new())[0].id for _ in range(3)]
    assert [row.id for row in index.lease("w", 30, limit=2)] == runs[:2]
    assert [row.id for row in index.lease("v", 30, limit=2)] == runs[2:]
    assert index.lease("v", 30, limit=2) == []


def test_a_lease_that_ran_out_goes_to_another(index: SqlIndex, new: Make, clock: Clock) -> None:
    run = index.accept(new(), worker="w", lease_s=30)[0].id
    index.append(run, "w", [{"event": "begun"}])
    clock.time += 31
    [row] = index.lease("v", 30, limit=1)
    assert (row.worker, row.attempts, row.last_event) == ("v", 2, 1)
    assert index.renew(run, "w", 30) is None
    with pytest.raises(LostLease):
        index.append(run, "w", [{"event": "late"}])
    with pytest.raises(LostLease):
        index.finish(run, "w", "finished")
    assert index.append(run, "v", [{"event": "begun"}, {"event": "drawn"}]) == 3
    assert [(event.number, event.attempt) for event in index.events(run)] == [(1, 1), (2, 2), (3, 2)]


def test_a_run_that_a_worker_still_plays_is_no_new_attempt(index: SqlIndex, new: Make, clock: Clock) -> None:
    late, lost = (index.accept(new(), worker="w", lease_s=30)[0].id for _ in range(2))
    clock.time += 31
    assert [row.id for row in index.lease("w", 30, 9, [late])] == [lost]
    row = index.renew(late, "w", 30)
    assert row is not None and row.attempts == 1


def test_a_worker_may_leave_what_was_accepted_long_ago_and_is_not_due(
    index: SqlIndex, new: Make, clock: Clock
) -> None:
    _, due = (index.accept(new(deadline=clock.time + wait))[0].id for wait in (99, 9))
    clock.time += 1
    late = index.accept(new(deadline=clock.time + 99))[0].id
    spared = Spared(accepted_before=clock.time, due_after=clock.time + 8)
    assert [row.id for row in index.lease("w", 30, 9, spared=spared)] == [due, late]


def test_runs_that_changed_hands_tell_nothing_of_how_long_drawing_takes(
    index: SqlIndex, new: Make, clock: Clock
) -> None:
    first, lost = (index.accept(new(), worker="w", lease_s=30)[0].id for _ in range(2))
    index.finish(first, "w", "finished")
    clock.time += 60
    index.lease("v", 30, limit=1)
    index.finish(lost, "v", "finished")
    assert [done.ended for done in index.done(0)] == [clock.time - 60]


def test_of_what_came_too_late_half_is_taken_for_drawn(index: SqlIndex, new: Make, clock: Clock) -> None:
    late, broken, drawn = (
        index.accept(new(row_steps=9, deadline=clock.time + 10), worker="w", lease_s=30)[0].id
        for _ in range(3)
    )
    index.finish(broken, "w", "failed", {"code": "trajectory_failed"})
    clock.time += 10
    index.finish(late, "w", "failed", {"code": "timeout"})
    clock.time += 1
    index.finish(drawn, "w", "finished")
    assert [(done.ended, done.row_steps) for done in index.done(0)] == [(clock.time - 1, 4), (clock.time, 9)]


def test_a_lease_that_is_renewed_stays(index: SqlIndex, new: Make, clock: Clock) -> None:
    run = index.accept(new(), worker="w", lease_s=30)[0].id
    clock.time += 29
    row = index.renew(run, "w", 30)
    assert row is not None and row.leased_until == clock.time + 30
    clock.time += 29
    assert index.lease("v", 30, limit=1) == []


def test_what_can_only_fail_is_ended_instead(index: SqlIndex, new: Make, clock: Clock) -> None:
    lost, stopped, late = (
        index.accept(new(deadline=clock.time + wait), worker="w", lease_s=0)[0].id for wait in (99, 99, 9)
    )
    index.cancel(stopped)
    for attempt in range(2, ATTEMPTS + 1):
        clock.time += 1
        assert [(row.id, row.attempts) for row in index.lease("w", 0, limit=1)] == [(lost, attempt)]
    good = index.accept(new())[0].id
    clock.time += 9
    assert [row.id for row in index.lease("w", 30, limit=1)] == [good]
    ended = [index.get(run) for run in (late, lost, stopped)]
    assert [row and row.status for row in ended] == ["failed", "failed", "cancelled"]
    assert [row and row.error and row.error["code"] for row in ended] == ["timeout", "worker_lost", None]
    assert all(row and row.ended == clock.time for row in ended)


def test_a_run_ends_once(index: SqlIndex, new: Make, clock: Clock) -> None:
    run = index.accept(new(), worker="w", lease_s=30)[0].id
    index.finish(run, "w", "failed", {"code": "timeout"}, degraded=True)
    row = index.get(run)
    assert row and row.is_over
    assert (row.status, row.ended, row.degraded) == ("failed", clock.time, True)
    assert row.error == {"code": "timeout"}
    with pytest.raises(LostLease, match="no longer 'w'"):
        index.finish(run, "w", "finished")
    assert index.renew(run, "w", 30) is None
    clock.time += 31
    assert index.lease("v", 30, limit=1) == []


def test_cancelling_ends_what_waits_and_asks_what_runs(index: SqlIndex, new: Make) -> None:
    waiting, running = index.accept(new())[0].id, index.accept(new(), "w", 30)[0].id
    over = index.cancel(waiting)
    assert over and (over.status, over.is_cancelled, over.is_over) == ("cancelled", True, True)
    asked = index.cancel(running)
    assert asked and (asked.status, asked.is_cancelled, asked.is_over) == ("running", True, False)
    assert index.renew(running, "w", 30) == index.get(running)
    index.finish(running, "w", "finished")
    assert index.cancel(running) == index.get(running)
    assert index.cancel("run-unknown") is None


def test_events_are_told_in_pieces(index: SqlIndex, new: Make) -> None:
    run = index.accept(new(), "w", 30)[0].id
    assert index.append(run, "w", [{"n": n} for n in range(1, 6)]) == 5
    assert index.append(run, "w", []) == 5
    assert [event.told for event in index.events(run, after=1, limit=3)] == [{"n": 2}, {"n": 3}, {"n": 4}]
    assert index.events(run, after=10**30) == []
    assert index.events("run-unknown") == []


def test_events_told_at_once_have_no_gaps(index: SqlIndex, new: Make) -> None:
    run = index.accept(new(), "w", 30)[0].id
    with ThreadPoolExecutor(8) as pool:
        lasts = list(pool.map(lambda n: index.append(run, "w", [{"n": n}, {"n": n}]), range(20)))
    assert sorted(lasts) == list(range(2, 41, 2))
    assert [event.number for event in index.events(run)] == list(range(1, 41))


def test_what_is_no_json_is_not_told_at_all(index: SqlIndex, new: Make) -> None:
    run = index.accept(new(), "w", 30)[0].id
    with pytest.raises(ValueError, match="not JSON compliant"):
        index.append(run, "w", [{"n": 1}, {"n": float("nan")}])
    assert index.append(run, "w", [{"text": "\0 \ud800 ü"}]) == 1
    assert index.events(run)[0].told == {"text": "\0 \ud800 ü"}


def test_artefacts_replace_those_of_their_name(index: SqlIndex, new: Make) -> None:
    run = index.accept(new(), "w", 30)[0].id
    first, second, other = (
        ArtefactRow(run=run, name=name, digest=digest * 64, media_type="image/png", size=3)
        for name, digest in (("image.png", "a"), ("image.png", "b"), ("map.npy", "a"))
    )
    index.append(run, "w", [], [first, other])
    index.append(run, "w", [], [second])
    assert index.artefacts(run) == [second, other]
    assert index.in_use() == {"a" * 64, "b" * 64}


def test_pages_go_from_the_newest_back(index: SqlIndex, new: Make) -> None:
    mine = [index.accept(new(owner="me"))[0].id for _ in range(3)][::-1]
    other = index.accept(new(owner="you"), "w", 30)[0].id
    assert [row.id for row in index.page(None, limit=9)] == [other, *mine]
    assert [row.id for row in index.page("me", limit=2)] == mine[:2]
    assert [row.id for row in index.page("me", limit=2, before=mine[1])] == mine[2:]
    assert [row.id for row in index.page(None, limit=9, status="running")] == [other]
    with pytest.raises(InputError, match="'gone' is unknown"):
        index.page("me", limit=2, before="gone")


def test_a_page_of_the_corrections_of_a_run(index: SqlIndex, new: Make) -> None:
    first, other = index.accept(new())[0].id, index.accept(new())[0].id
    versions = [index.accept(new(parent=first))[0].id for _ in range(2)]
    index.accept(new(parent=versions[0]))
    assert [row.id for row in index.page(None, limit=9, parent=first)] == versions[::-1]
    assert index.page(None, limit=9, parent=other) == []


def test_runs_of_one_moment_are_all_on_some_page(index: SqlIndex, new: Make, clock: Clock) -> None:
    wanted = [new() for _ in range(5)]
    runs = {index.accept(run)[0].id for run in wanted}
    seen: list[str] = []
    while page := index.page(None, limit=2, before=seen[-1] if seen else None):
        seen += [row.id for row in page]
    assert len(seen) == 5 and set(seen) == runs


def test_outstanding_counts_what_has_not_ended(index: SqlIndex, new: Make) -> None:
    assert index.outstanding() == Outstanding()
    index.accept(new(row_steps=10))
    running = index.accept(new(row_steps=2**40), "w", 30)[0].id
    assert index.outstanding() == Outstanding(waiting=1, running=1, row_steps=10 + 2**40)
    index.finish(running, "w", "finished")
    assert index.outstanding() == Outstanding(waiting=1, running=0, row_steps=10)


def test_work_is_told_by_when_it_is_due(index: SqlIndex, new: Make) -> None:
    assert index.due([1e12]) == [0]
    for deadline, row_steps in ((10, 1), (20, 2), (30, 2**40)):
        index.accept(new(deadline=deadline, row_steps=row_steps))
    over = index.accept(new(deadline=10, row_steps=7), "w", 30)[0].id
    index.finish(over, "w", "finished")
    assert index.due([9, 10, 25, 1e12]) == [0, 1, 3, 3 + 2**40]


def test_what_is_deleted_is_gone_whole(index: SqlIndex, new: Make, clock: Clock) -> None:
    run = index.accept(new(idempotency_key="k", is_kept=False), "w", 30)[0].id
    image = ArtefactRow(run=run, name="image.png", digest=DIGEST, media_type="image/png", size=3)
    index.append(run, "w", [{"event": "begun"}], [image])
    assert not index.delete(run) and index.past() == []
    index.finish(run, "w", "finished")
    assert index.past() == [Past(run, clock.time, 3, is_kept=False)]
    assert index.delete(run) and not index.delete(run)
    assert index.get(run) is None
    assert (index.events(run), index.artefacts(run), index.past(), index.in_use()) == ([], [], [], set())
    assert index.accept(new(idempotency_key="k"))[1]


@pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "' OR 1=1 --", "ü" * 2000])
def test_no_name_breaks_a_statement(index: SqlIndex, new: Make, name: str) -> None:
    assert index.get(name) is None and index.cancel(name) is None and index.page(name, 9) == []
    row, _ = index.accept(new(owner=name, idempotency_key=name))
    assert index.accept(new(owner=name, idempotency_key=name)) == (index.get(row.id), False)


LEASING = """
import sys
from runs.connect import connect
from runs.sql import SqlIndex
index = SqlIndex(connect(sys.argv[1]))
sys.stdin.readline()
while leased := index.lease(sys.argv[2], 600, limit=3):
    for row in leased:
        print(row.id, flush=True)
"""


@pytest.mark.slow
def test_two_processes_lease_each_run_once(database: str) -> None:
    index = SqlIndex(connect(database))
    runs = [f"run-{n}" for n in range(200)]
    for run in runs:
        index.accept(NewRun(id=run, body={}, deadline=1e12, row_steps=1))
    index.close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", LEASING, database, name],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for name in ("w", "v")
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    leased = [worker.communicate()[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sorted(leased[0] + leased[1]) == sorted(runs)
