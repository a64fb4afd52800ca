from __future__ import annotations

import io

from rich.console import Console

from record.story.events import Event, StageTimed, Stepped
from record_cli.asking import Ask
from record_cli.progress import StoryProgress
from record_client.events import Accepted, Restarted
from tests.record.fakes import RIGHT, WRONG, FakeJudge
from tests.record_cli.conftest import KICK, FakePainter


def shown(events: list[Event]) -> str:
    """What a terminal holds in the end."""
    terminal = io.StringIO()
    console = Console(file=terminal, width=100, force_terminal=False)
    with StoryProgress(console, "waiting") as progress:
        for event in events:
            progress.on_event(event)
    return terminal.getvalue()


def named(events: list[Event]) -> list[str]:
    """The bars' words."""
    return [line.split("━")[0].strip() for line in shown(events).splitlines()]


def test_every_stage_of_the_story_leaves_a_full_bar(events: list[Event]) -> None:
    assert named(events) == [
        "drawing candidates",
        "choosing the pose",
        "looking at body and object",
        "placing the object",
        "drawing the corrected picture",
    ]


def test_looking_again_has_a_bar_and_so_has_finishing_the_candidate(judging: FakePainter) -> None:
    told: list[Event] = []
    judging.draw(Ask(KICK, settings={"corrections": 2}), told.append)
    assert named(told)[-2:] == ["drawing the corrected picture", "looking again"]
    told.clear()
    kept = FakePainter(FakeJudge({1: RIGHT}, otherwise=WRONG))
    kept.draw(Ask(KICK, settings={"candidate_steps": 2}), told.append)
    assert named(told)[-2:] == ["looking again", "finishing the picture"]


def test_steps_of_all_candidates_share_one_bar() -> None:
    console = Console(file=io.StringIO(), width=100)
    with StoryProgress(console, "waiting") as progress:
        for index, step in ((0, 1), (1, 1), (0, 2)):
            progress.on_event(Stepped(0.1, index, step, 4))
        (task,) = progress.tasks
        assert (task.completed, task.total) == (3, 8) and task.description == "drawing candidates"


def test_a_last_pass_without_candidates_is_a_picture() -> None:
    assert shown([Stepped(0.1, None, 1, 2), StageTimed(0.2, "draw", 0.2)]).startswith("  drawing the picture")


def test_a_run_that_waits_says_so_and_one_that_begins_anew_has_bars_anew() -> None:
    console = Console(file=io.StringIO(), width=100)
    with StoryProgress(console, "drawing") as progress:
        progress.on_event(Accepted(0.0, 2, 1, 41.3))
        assert progress.tasks[0].description == "waiting: 2 before it, ready in about 41 s"
        progress.on_event(Stepped(0.1, 0, 3, 4))
        progress.on_event(Restarted(0.2))
        progress.on_event(Stepped(0.3, 0, 1, 4))
        (task,) = progress.tasks
        assert (task.completed, task.description) == (1, "drawing candidates")


def test_a_story_that_breaks_off_leaves_no_bar() -> None:
    assert shown([]).strip() == "" and shown([Stepped(0.1, 0, 1, 4)]).strip() == ""
