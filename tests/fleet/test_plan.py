"""Plans: enough for the work, within the deadline, and what is said where that cannot be."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from typer.testing import CliRunner

from deployments.playing.player import RENEW_S
from fleet import limits
from fleet.cards import card_named
from fleet.models import checkpoint_named
from fleet.pace import Pace, computed, fitted
from fleet.plan import CELLS, MOST_BUSY, Fleet, _cell, plan
from fleet.story import ASK, DRAW, LOOK, Beside, calls_of, phases_of, row_steps_of
from record.reading.prompt import parse
from record.settings import Settings
from record.story.cast import Cast, Request
from record.story.cost import row_steps
from record.story.story import collect
from record.traits import traits_of
from record_cli.app import app
from runs.connect import KEPT, MORE
from tests.house import ROOT
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeJudge

FAST = Fleet(Pace(0.001, 0.0002, 8), Beside(Pace(0.05, 0, 4), Pace(0.01, 0, 1)))


@pytest.mark.parametrize("given", [{}, {"candidate_steps": 20}, {"method": "plain"}, {"correction": False}])
def test_phases_draw_what_a_request_costs(given: dict[str, object]) -> None:
    settings = Settings.build(given)
    wanted = row_steps(settings, traits_of(settings.method))
    assert row_steps_of(phases_of(settings)) == pytest.approx(wanted)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"look_again": False},
        {"corrections": 3},
        {"candidates": 1},
        {"correction": False},
        {"method": "plain"},
        {"method": "boxdiff"},
    ],
)
async def test_phases_are_the_calls_of_the_story(given: dict[str, object]) -> None:
    diffusion, analyst, judge = FakeDiffusion(), FakeAnalyst(), FakeJudge(index=0)
    settings = Settings.build(given)
    request = Request(parse("a woman is kicking a ball"), settings)
    await collect(request, Cast(diffusion, analyst, judge))
    asked = len(judge.asked) + sum(len(greys) for greys in judge.judged)
    phases = phases_of(settings)
    made = {DRAW: len(diffusion.jobs), ASK: asked, LOOK: len(analyst.looked)}
    assert made == {name: sum(one.jobs for one in phases if one.station == name) for name in made}
    assert calls_of(phases) == sum(made.values())


@pytest.mark.parametrize("replicas", [{DRAW: 97, ASK: 11, LOOK: 5}, {DRAW: 721, ASK: 442, LOOK: 30}])
def test_a_cell_of_a_large_fleet_keeps_its_shares(replicas: dict[str, int]) -> None:
    share = _cell(replicas)
    assert replicas[DRAW] * share <= CELLS[-1]
    for count in replicas.values():
        assert max(1, round(count * share)) == pytest.approx(count * share, rel=0.1)


def test_a_plan_is_within_its_deadline_and_its_capacity() -> None:
    found = plan(5.0, 3.0, phases_of(Settings()), FAST)
    assert found.is_met
    assert found.alone_s <= found.mean_s <= found.p95_s <= 3.0
    assert max(found.used.values()) <= MOST_BUSY
    assert found.gpus == found.replicas[DRAW] + found.replicas[ASK]


def test_more_requests_and_less_time_take_more() -> None:
    phases = phases_of(Settings())
    usual = plan(5.0, 5.0, phases, FAST).replicas[DRAW]
    assert plan(20.0, 5.0, phases, FAST).replicas[DRAW] > usual
    assert plan(5.0, 1.2, phases, FAST).replicas[DRAW] >= usual


def test_a_deadline_that_one_request_alone_misses_is_told() -> None:
    found = plan(5.0, 0.1, phases_of(Settings()), FAST)
    assert not found.is_met and found.alone_s > 0.1


def test_a_line_through_measured_steps() -> None:
    pace = fitted([2, 10, 20], [0.03, 0.11, 0.21], 8)
    assert pace.source == "measured" and (pace.step_s, pace.row_s) == pytest.approx((0.01, 0.01))
    assert computed(checkpoint_named("sd14"), card_named("l4"), 5).source == "computed"
    with pytest.raises(ValueError, match="two unlike"):
        fitted([2, 2], [1, 1], 8)


def test_what_breaks_first_comes_first_with_its_arithmetic() -> None:
    found = limits.loads(250, 9, 1100, 70, 12, 10)
    parts = {"controller", "handles", "ingress", "object store", "database", "connections"}
    assert {one.part for one in found} == parts
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert [one.part for one in found[:2]] == ["connections", "database"] and found[1].share > 1
    assert (found[0].asked, found[0].limit) == (70 * 15, 97)
    assert found[1].asked == 250 * 42 + 250 * 9 / 0.5


def test_its_lease_is_the_players_and_its_connections_are_the_stores() -> None:
    assert limits.RENEW_S == RENEW_S
    assert limits.CONNECTIONS == KEPT + MORE


@pytest.mark.parametrize("profile", ["sd14", "sdxl", "proxy-vlm"])
def test_postgres_as_it_ships_is_enough_for_the_edges_of_a_profile(profile: str) -> None:
    (app,) = yaml.safe_load((ROOT / "profiles" / f"{profile}.yaml").read_text())["applications"]
    (edge,) = (one for one in app["deployments"] if one["name"] == "Ingress")
    edges = edge["autoscaling_config"]["max_replicas"]
    (asked,) = (one for one in limits.loads(1, 9, 9, edges, 12, 10) if one.part == "connections")
    assert asked.share < 1


def test_the_command_prints_the_plan() -> None:
    asked = [
        "plan",
        "--rate",
        "1/s",
        "--gpu",
        "h200",
        "--deadline",
        "60s",
        "--candidates",
        "2",
        "--price",
        "2",
    ]
    found = CliRunner().invoke(app, asked)
    assert found.exit_code == 0, found.output
    for said in ("GPUs", "p95", "computed", "GPU-hours", "database"):
        assert said in found.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--rate", "fifty"], "50/s"),
        (["--rate", "0/s"], "50/s"),
        (["--rate", "1/s", "--gpu", "h20"], "h200"),
        (["--rate", "1/s", "--model", "sd3"], "sd14"),
        (["--rate", "1/s", "--deadline", "soon"], "10s"),
        (["--rate", "1/s", "--step-ms", "20"], "--row-ms"),
    ],
)
def test_what_cannot_be_planned_is_told_with_its_remedy(given: list[str], said: str) -> None:
    found = CliRunner().invoke(app, ["plan", *given])
    assert found.exit_code == 2 and said in found.output


def test_planning_loads_no_torch_and_no_ray() -> None:
    code = "import sys, fleet.plan, fleet.limits, fleet.manifests; print({'torch', 'ray'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
