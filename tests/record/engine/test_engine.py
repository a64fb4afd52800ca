from typing import Any

import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.engine import engine as engine_module
from record.engine.engine import Engine
from record.engine.step import ddim_step
from record.engine.taken import Taken
from record.errors import (
    DeadlineError,
    EngineStoppedError,
    OverloadedError,
    SettingsError,
    TrajectoryError,
)
from record.geometry import Box
from record.job import Job, Reference, Resume
from record.methods import Guidance, Moment, Term
from record.methods.losses import TokenMaps
from record.methods.plain import Plain
from record.reading.prompt import parse
from record.settings import Drawing
from record.traits import SHIPPED
from record.types import Candidate
from tests.record.methods.fakes import offered

KICK = parse("a woman is kicking a ball")
HOLD = parse("a man is holding a box")
JOBS = [
    Job(KICK, 1, Drawing(steps=6)),
    Job(HOLD, 2, Drawing(steps=4, guidance_scale=3.0), Box(0.1, 0.1, 0.5, 0.5)),
    Job(KICK, 3, Drawing(steps=5, method="plain")),
    Job(HOLD, 4, Drawing(steps=5, base_branch="two_rows", cross_edit_share=0.5)),
]
METHODS_WITHOUT_ADAPTER = [one.name for one in SHIPPED if not (one.needs_adapter or one.is_drawn_elsewhere)]
ONE_OF_EACH = [
    Job(
        KICK, 5, Drawing(steps=5, method=name),
        Box(0.5, 0.5, 0.9, 0.9), Reference(person_box=Box(0.1, 0.1, 0.6, 1)),
    )
    for name in METHODS_WITHOUT_ADAPTER
]  # fmt: skip


def alone(backbone: Backbone, job: Job) -> Candidate:
    (drawn,) = Engine(backbone).draw(job)
    return drawn


def assert_same(single: Candidate, shared: Candidate | TrajectoryError) -> None:
    assert isinstance(shared, Candidate)
    assert np.abs(single.image.astype(int) - shared.image).max() <= 1
    assert single.object_map is not None and shared.object_map is not None
    assert np.allclose(single.object_map, shared.object_map, atol=1e-4)


def test_unlike_jobs_in_one_batch_draw_what_they_draw_alone(backbone: Backbone) -> None:
    engine = Engine(backbone)
    tickets = [engine.add(JOBS[0])]
    engine.step()  # the others join in mid-flight
    tickets += [engine.add(job) for job in JOBS[1:]]
    together = engine.drain()
    for ticket, job in zip(tickets, JOBS, strict=True):
        assert_same(alone(backbone, job), together[ticket])


@pytest.fixture(scope="module")
def all_methods_at_once(backbone: Backbone) -> dict[str, Candidate | TrajectoryError]:
    """A job of every method in one batch, each a step behind the one before it."""
    engine, tickets, results = Engine(backbone), dict[str, int](), dict[int, Any]()
    for job in ONE_OF_EACH:
        tickets[job.drawing.method] = engine.add(job)
        results |= {end.ticket: end.result for end in engine.step()}
    results |= engine.drain()
    return {name: results[ticket] for name, ticket in tickets.items()}


@pytest.mark.parametrize("job", ONE_OF_EACH, ids=METHODS_WITHOUT_ADAPTER)
def test_same_seed_same_picture_alone_or_among_all_methods(
    backbone: Backbone, all_methods_at_once: dict[str, Candidate | TrajectoryError], job: Job
) -> None:
    single = alone(backbone, job)
    assert_same(single, all_methods_at_once[job.drawing.method])
    assert np.array_equal(single.image, alone(backbone, job).image)


def test_no_two_methods_draw_the_same(
    all_methods_at_once: dict[str, Candidate | TrajectoryError],
) -> None:
    pictures = {end.image.tobytes() for end in all_methods_at_once.values() if isinstance(end, Candidate)}
    assert len(pictures) == len(ONE_OF_EACH)


def test_cancelled_job_leaves_and_the_others_end(backbone: Backbone) -> None:
    engine = Engine(backbone)
    first, second = engine.add(JOBS[0]), engine.add(JOBS[2])
    engine.step()
    engine.cancel(first)
    assert set(engine.drain()) == {second}


def test_more_jobs_than_places_all_end(backbone: Backbone) -> None:
    engine = Engine(backbone, max_trajectories=2)
    tickets = {engine.add(Job(KICK, seed, Drawing(steps=2))) for seed in range(5)}
    assert set(engine.drain()) == tickets


def test_edits_and_guidance_change_the_picture(backbone: Backbone) -> None:
    plain = alone(backbone, Job(KICK, 7, Drawing(steps=4, method="plain")))
    edited = alone(backbone, Job(KICK, 7, Drawing(steps=4)))
    guided = alone(backbone, Job(KICK, 7, Drawing(steps=4), Box(0, 0, 0.3, 0.3)))
    assert not np.array_equal(plain.image, edited.image)
    assert not np.array_equal(edited.image, guided.image)


@pytest.mark.parametrize(
    ("off", "box"),
    [
        ({"cross_edit": False, "self_edit": False, "exclusion": False, "guided_share": 0}, Box(0, 0, 1, 1)),
        ({"method": "attend_and_excite", "guided_share": 0}, None),
        ({"method": "boxdiff", "guided_share": 0}, Box(0, 0, 1, 1)),
        ({"method": "multidiffusion"}, None),
        ({"method": "lmd"}, None),
    ],
)
def test_without_its_edits_every_method_is_plain_sampling(
    backbone: Backbone, off: dict[str, Any], box: Box | None
) -> None:
    plain = alone(backbone, Job(KICK, 7, Drawing(steps=4, method="plain")))
    assert np.array_equal(plain.image, alone(backbone, Job(KICK, 7, Drawing(steps=4, **off), box)).image)


def test_a_trajectory_that_leaves_the_numbers_fails_alone(backbone: Backbone) -> None:
    engine = Engine(backbone)
    bad, good = engine.add(JOBS[0]), engine.add(JOBS[2])
    engine._live[bad].trajectory.latents.fill_(float("nan"))  # seen when its step is checked
    results = engine.drain()
    assert isinstance(results[bad], TrajectoryError)
    assert isinstance(results[good], Candidate)


def test_unet_is_untouched_after_a_run(backbone: Backbone) -> None:
    before = dict(backbone.unet.attn_processors)
    alone(backbone, JOBS[1])
    assert all(backbone.unet.attn_processors[name] is one for name, one in before.items())
    assert all(p.grad is None for p in backbone.unet.parameters())


def test_ddim_step_by_hand() -> None:
    z, eps = torch.full((1, 1, 1, 1), 1.0), torch.full((1, 1, 1, 1), 0.5)
    a, b = torch.tensor([0.64]), torch.tensor([0.81])
    expected = 0.9 * (1.0 - 0.6 * 0.5) / 0.8 + 0.19**0.5 * 0.5
    assert ddim_step(z, eps, a, b, "epsilon")[0].item() == pytest.approx(expected, rel=1e-6)


def test_ddim_of_a_predicted_sample_returns_it() -> None:
    z, x = torch.full((1, 1, 1, 1), 1.0), torch.full((1, 1, 1, 1), 0.5)
    moved, original = ddim_step(z, x, torch.tensor([0.64]), torch.tensor([0.81]), "sample")
    assert original.item() == 0.5
    assert moved.item() == pytest.approx(0.9 * 0.5 + 0.19**0.5 * (1 - 0.8 * 0.5) / 0.6, rel=1e-6)


def test_one_that_runs_out_of_memory_fails_alone(backbone: Backbone) -> None:
    class Hungry(Plain):
        def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
            return (Guidance((Term("hungry", self.loss),), 1.0),)

        @staticmethod
        def loss(maps: TokenMaps, job: Job) -> torch.Tensor:
            raise torch.OutOfMemoryError("no room")

    engine = Engine(backbone)
    with offered(Hungry()) as name:
        hungry = engine.add(Job(KICK, 1, Drawing(steps=3, method=name)))
        others = [engine.add(job) for job in JOBS]
        results = engine.drain()
    assert isinstance(results[hungry], TrajectoryError)
    assert "no room" in str(results[hungry])
    assert all(isinstance(results[ticket], Candidate) for ticket in others)


def test_an_early_candidate_resumes_to_the_picture_of_a_whole_run(backbone: Backbone) -> None:
    for base_branch in ("one_row", "two_rows"):
        drawing = Drawing(steps=6, base_branch=base_branch)
        early = alone(backbone, Job(KICK, 7, drawing, stop_after=3))
        assert early.strands is not None
        resumed = alone(backbone, Job(KICK, 7, drawing, resume=Resume(3, early.strands)))
        whole = alone(backbone, Job(KICK, 7, drawing))
        assert np.abs(resumed.image.astype(int) - whole.image).max() <= 1
        assert not np.array_equal(early.image, whole.image)


def test_methods_the_checkpoint_does_not_draw_are_refused(backbone: Backbone) -> None:
    with pytest.raises(SettingsError, match="images_api"):
        Engine(backbone).add(Job(KICK, 1, Drawing(method="images_api")))


def test_the_oldest_deadline_goes_first(backbone: Backbone) -> None:
    engine = Engine(backbone, max_trajectories=1)
    late = engine.add(Job(KICK, 1, Drawing(steps=2)), within_s=100)
    soon = engine.add(Job(KICK, 2, Drawing(steps=2)), within_s=50)
    assert list(engine.drain()) == [soon, late]


def test_of_equal_deadlines_the_shortest_goes_first(backbone: Backbone) -> None:
    engine = Engine(backbone, max_trajectories=1)
    long, short = (engine.add(Job(KICK, 1, Drawing(steps=steps))) for steps in (4, 2))
    assert list(engine.drain()) == [short, long]


def test_what_is_past_its_deadline_is_dropped_with_a_reason(backbone: Backbone) -> None:
    now = [0.0]
    engine = Engine(backbone, clock=lambda: now[0])
    late, good = engine.add(JOBS[0], within_s=5), engine.add(JOBS[2], within_s=500)
    engine.step()
    now[0] = 6.0
    results = engine.drain()
    assert isinstance(results[late], DeadlineError)
    assert "deadline" in str(results[late])
    assert isinstance(results[good], Candidate)


def test_a_full_queue_refuses_and_goes_on(backbone: Backbone) -> None:
    engine = Engine(backbone, max_waiting=1)
    first = engine.add(JOBS[2])
    with pytest.raises(OverloadedError, match="1 pictures wait"):
        engine.add(JOBS[2])
    assert set(engine.drain()) == {first}


def test_a_small_memory_budget_runs_one_at_a_time(backbone: Backbone) -> None:
    engine = Engine(backbone, memory_gib=1e-6)
    tickets = {engine.add(job) for job in JOBS}
    engine.step()
    assert sorted(one.step for one in engine.progress().values()) == [0, 0, 0, 1]
    assert set(engine.drain()) == tickets


def test_a_candidate_of_one_step_has_maps_too(backbone: Backbone) -> None:
    early = alone(backbone, Job(KICK, 7, Drawing(steps=4), stop_after=1))
    assert early.object_map is not None and early.object_map.max() > 0


def test_a_picture_that_cannot_be_decoded_fails_alone(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(backbone)
    first, last = (engine.add(Job(KICK, 1, Drawing(steps=steps))) for steps in (2, 3))
    decode = Backbone.decode

    def once(*given: Any) -> Any:
        monkeypatch.setattr(Backbone, "decode", decode)
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(Backbone, "decode", once)
    results = engine.drain()
    assert isinstance(results[first], TrajectoryError) and "no room" in str(results[first])
    assert isinstance(results[last], Candidate)


def test_a_lost_device_ends_the_engine_and_not_only_a_job(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    def lost(device: torch.device, error: Exception) -> None:
        raise EngineStoppedError("cuda:0 is lost") from error

    monkeypatch.setattr(engine_module, "advance", fails)
    monkeypatch.setattr(engine_module, "raise_if_lost", lost)
    engine = Engine(backbone)
    for job in JOBS:
        engine.add(job)
    with pytest.raises(EngineStoppedError):
        engine.step()


def test_a_preview_is_there_from_the_first_step_to_the_last(backbone: Backbone) -> None:
    engine = Engine(backbone)
    ticket = engine.add(Job(KICK, 1, Drawing(steps=3)))
    assert engine.preview(ticket) is None
    engine.step()
    shown = engine.preview(ticket)
    assert shown is not None and shown.shape == (*backbone.latent_shape[1:], 3)
    engine.drain()
    assert engine.preview(ticket) is None


def test_whoever_observes_is_told_of_every_step(backbone: Backbone) -> None:
    told: list[Taken] = []
    Engine(backbone, observe=told.append).draw(Job(KICK, 1, Drawing(steps=3)), Job(KICK, 2, Drawing(steps=2)))
    assert [(step.trajectories, step.live) for step in told] == [(2, 2), (2, 1), (1, 0)]
    assert all(step.rows >= 2 * step.trajectories and step.seconds >= 0 for step in told)
