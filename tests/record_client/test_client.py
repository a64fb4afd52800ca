"""The client against the real HTTP edge over fakes, on a port of this machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from record.errors import InputError
from record.geometry import Box
from record.reading.prompt import Triplet
from record.story.events import CandidateReady, ImageReady, LayoutProposed, PoseSelected
from record_client import (
    Cancelled,
    ConnectionLost,
    Failed,
    Finished,
    NotAllowed,
    NotFound,
    Progress,
    ReCorDClient,
    Refused,
    Run,
    RunCancelled,
    RunFailed,
    Told,
)
from tests.deployments.edge.test_access import TOKEN, keys_in
from tests.record.fakes import FakeDiffusion
from tests.record_cli.conftest import grey
from tests.record_client.conftest import KICK, Hanging, Serve


def test_a_sentence_becomes_a_picture(client: ReCorDClient) -> None:
    heard: list[Told] = []
    drawn = client.draw(KICK, seed=7, on_event=heard.append)
    assert grey(drawn.image) == 9 and drawn.run.status == "finished" and drawn.run.prompt == KICK
    assert isinstance(heard[-1].event, Finished) and heard[-1].is_end
    numbers = [told.number for told in heard if told.number]
    assert numbers == list(range(1, len(numbers) + 1))
    kinds = {type(told.event) for told in heard}
    assert {CandidateReady, PoseSelected, LayoutProposed, ImageReady, Progress} <= kinds
    assert not any(isinstance(told.event, Progress) for told in drawn.events)
    ready = next(told for told in heard if isinstance(told.event, ImageReady))
    assert ready.picture == 0 and ready.artefacts == ("0/image.png",)


def test_several_pictures_a_box_and_a_triplet(client: ReCorDClient) -> None:
    box, triplet = Box(0.5, 0.5, 0.75, 0.75), Triplet("woman", "kicking", "ball")
    drawn = client.draw(KICK, n=2, box=box, triplet=triplet, seed=20)
    assert len(drawn.pictures) == 2 and drawn.run.pictures == 2
    assert drawn.run.request["box"] == box.to_list() and drawn.run.request["triplet"]["verb"] == "kicking"


def test_what_led_to_a_picture_is_read_as_in_process(client: ReCorDClient) -> None:
    run = client.draw(KICK, seed=7).run
    story = client.story(run.id)
    assert grey(story.image) == 9 and [c.seed for c in story.candidates] == [7, 8, 9]
    told = story.to_json()
    assert told["chosen"] == 1 and told["triplet"]["object"] == "ball" and told["object_box_after"]


def test_runs_are_listed_page_by_page(serve: Serve) -> None:
    with ReCorDClient(serve()) as client:
        started = [client.draw(KICK, seed=seed, method="plain").run.id for seed in range(5)]
        assert [run.id for run in client.runs(page=2)] == started[::-1]
        assert list(client.runs(status="failed")) == []


def test_artefacts_are_pictures_and_arrays(client: ReCorDClient) -> None:
    run = client.draw(KICK).run
    names = {one.name for one in run.artefacts}
    assert {"0/image.png", "0/candidates/2/image.png", "0/candidates/2/object_map.npy"} <= names
    assert client.artefact(run.id, "0/candidates/2/object_map.npy").array().dtype == np.float32
    assert client.artefact(run.id, "0/image.png").array().shape == (8, 8, 3)


def test_a_correction_is_a_run_of_its_own(client: ReCorDClient) -> None:
    before = client.draw(KICK, seed=7).run
    drawn = client.correct(before.id, (0.1, 0.1, 0.4, 0.5))
    assert drawn.run.parent == before.id and drawn.run.id != before.id
    (kept,) = (told.event for told in drawn.events if isinstance(told.event, CandidateReady))
    assert kept.candidate.seed == 8, "the chosen one is told again, and no other is drawn"


def test_a_run_is_started_followed_and_cancelled(serve: Serve) -> None:
    with ReCorDClient(serve(Hanging())) as client:
        run = client.start(KICK)
        assert not run.is_over and run.seconds is None
        for told in client.events(run.id):
            if isinstance(told.event, Progress):
                assert told.event.steps[0].steps == 4 and told.event.steps[0].image is None
                client.cancel(run.id)
        assert isinstance(told.event, Cancelled)
        assert client.cancel(run.id).status == "cancelled" == client.run(run.id).status


def test_a_run_that_another_stops_is_told_to_who_waits(serve: Serve) -> None:
    with ReCorDClient(serve(Hanging())) as client:

        def stop(told: Told) -> None:
            if isinstance(told.event, Progress):
                client.cancel(next(client.runs()).id)

        with pytest.raises(RunCancelled, match="was cancelled"):
            client.draw(KICK, on_event=stop)


def test_a_run_that_fails_says_why(serve: Serve) -> None:
    url = serve(FakeDiffusion(failing=frozenset(range(100))))
    with ReCorDClient(url) as client, pytest.raises(RunFailed) as failed:
        client.draw(KICK)
    assert failed.value.code == "internal_error" and "see the log" in failed.value.message
    with ReCorDClient(url) as client:
        run = client.run(failed.value.run)
        assert run.status == "failed" and run.error is not None
        assert isinstance(list(client.events(run.id))[-1].event, Failed)


def test_a_refusal_has_the_services_words(client: ReCorDClient) -> None:
    with pytest.raises(Refused, match="did you mean 'steps'") as refused:
        client.draw(KICK, stepz=3)
    error = refused.value
    assert (error.status, error.code, error.param) == (400, "unknown_field", "stepz")
    assert error.kind == "invalid_request_error" and not error.may_repeat
    with pytest.raises(NotFound) as unknown:
        client.run("run-000000000000")
    assert unknown.value.code == "run_not_found"
    with pytest.raises(NotFound):
        list(client.events("run-000000000000"))


def test_a_key_is_sent_from_argument_or_environment(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(**keys_in(tmp_path))
    with ReCorDClient(url) as client, pytest.raises(NotAllowed):
        client.status()
    with ReCorDClient(url, TOKEN) as client:
        assert client.status().ready
    monkeypatch.setenv("RECORD_API_KEY", TOKEN)
    monkeypatch.setenv("RECORD_URL", url)
    with ReCorDClient() as client:
        assert client.draw(KICK).run.status == "finished"


def test_what_is_served_is_told(client: ReCorDClient) -> None:
    (model,) = client.models()
    assert "kicking" in model.verbs and model.settings["candidates"] == 3
    status = client.status()
    assert status.ready and status.waiting == 0 and status.parts


def test_an_address_that_is_none_is_refused() -> None:
    for url in ("localhost:8000", "ftp://there", "http://"):
        with pytest.raises(InputError, match="write it such as"):
            ReCorDClient(url)


def test_nobody_there_is_told() -> None:
    with ReCorDClient("http://127.0.0.1:9") as client:
        with pytest.raises(ConnectionLost, match="http://127.0.0.1:9 cannot be reached"):
            client.start(KICK)


def test_a_key_that_no_header_can_hold_is_refused_unseen() -> None:
    ReCorDClient(api_key="rk-secret\n").close()
    with pytest.raises(InputError, match="odd characters") as refused:
        ReCorDClient(api_key="rk-sec\nret")
    assert "rk-" not in str(refused.value)


def test_what_a_newer_service_tells_besides_is_left_out(client: ReCorDClient) -> None:
    run = client.draw(KICK).run
    artefacts = [{**vars(one), "made_by": "a newer one"} for one in run.artefacts]
    assert Run.read({**vars(run), "mood": "good", "artefacts": artefacts}) == run
