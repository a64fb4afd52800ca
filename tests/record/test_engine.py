import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.engine import Engine, Job, ddim_step
from record.errors import TrajectoryError
from record.geometry import Box
from record.prompt import parse
from record.settings import Settings
from record.types import Candidate

KICK = parse("a woman is kicking a ball")
HOLD = parse("a man is holding a box")
JOBS = [
    Job(KICK, 1, Settings(steps=6)),
    Job(HOLD, 2, Settings(steps=4, guidance_scale=3.0), Box(0.1, 0.1, 0.5, 0.5)),
    Job(KICK, 3, Settings(steps=5, method="plain")),
]


def drain(engine: Engine) -> dict[int, Candidate | TrajectoryError]:
    results: dict[int, Candidate | TrajectoryError] = {}
    while len(engine):
        results |= {end.ticket: end.result for end in engine.step()}
    return results


def alone(backbone: Backbone, job: Job) -> Candidate:
    engine = Engine(backbone)
    result = drain(engine) if engine.add(job) is None else next(iter(drain(engine).values()))
    assert isinstance(result, Candidate)
    return result


def test_unlike_jobs_in_one_batch_draw_what_they_draw_alone(backbone: Backbone) -> None:
    engine = Engine(backbone)
    tickets = [engine.add(JOBS[0])]
    engine.step()  # the others join in mid-flight
    tickets += [engine.add(job) for job in JOBS[1:]]
    together = drain(engine)
    for ticket, job in zip(tickets, JOBS, strict=True):
        single, shared = alone(backbone, job), together[ticket]
        assert isinstance(shared, Candidate)
        assert np.abs(single.image.astype(int) - shared.image).max() <= 1
        assert np.allclose(single.object_map, shared.object_map, atol=1e-4)


def test_cancelled_job_leaves_and_the_others_end(backbone: Backbone) -> None:
    engine = Engine(backbone)
    first, second = engine.add(JOBS[0]), engine.add(JOBS[2])
    engine.step()
    engine.cancel(first)
    assert set(drain(engine)) == {second}


def test_more_jobs_than_places_all_end(backbone: Backbone) -> None:
    engine = Engine(backbone, max_trajectories=2)
    tickets = {engine.add(Job(KICK, seed, Settings(steps=2))) for seed in range(5)}
    assert set(drain(engine)) == tickets


def test_edits_and_guidance_change_the_picture(backbone: Backbone) -> None:
    plain = alone(backbone, Job(KICK, 7, Settings(steps=4, method="plain")))
    edited = alone(backbone, Job(KICK, 7, Settings(steps=4)))
    guided = alone(backbone, Job(KICK, 7, Settings(steps=4), Box(0, 0, 0.3, 0.3)))
    assert not np.array_equal(plain.image, edited.image)
    assert not np.array_equal(edited.image, guided.image)


def test_every_edit_at_its_identity_is_plain_sampling(backbone: Backbone) -> None:
    off = Settings(steps=4, cross_edit=False, self_edit=False, exclusion=False, guided_share=0)
    plain = alone(backbone, Job(KICK, 7, Settings(steps=4, method="plain")))
    assert np.array_equal(plain.image, alone(backbone, Job(KICK, 7, off, Box(0, 0, 1, 1))).image)


def test_a_trajectory_that_leaves_the_numbers_fails_alone(backbone: Backbone) -> None:
    engine = Engine(backbone)
    bad, good = engine.add(JOBS[0]), engine.add(JOBS[2])
    engine._live[bad].latents.fill_(float("nan"))
    results = drain(engine)
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
    assert ddim_step(z, eps, a, b, "epsilon").item() == pytest.approx(expected, rel=1e-6)


def test_failing_guidance_fails_alone(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(self: Engine, trajectory: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(Engine, "_guided", no_memory)
    engine = Engine(backbone)
    guided, plain = engine.add(JOBS[1]), engine.add(JOBS[2])
    results = drain(engine)
    assert isinstance(results[guided], TrajectoryError)
    assert isinstance(results[plain], Candidate)
