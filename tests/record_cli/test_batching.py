"""`record batch` over fakes: a folder, a manifest, an exit status."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from record.errors import CheckpointError
from record_cli import batch_painter
from record_cli.telling import BAD_INPUT, FAILED, INTERRUPTED
from record_client import Cancelled, ReCorDClient
from tests.deployments.conftest import app_over_fakes
from tests.house import ROOT
from tests.record_cli.conftest import KICK, FakePainter
from tests.record_cli.test_app import _heed_ctrl_c, run
from tests.record_client.conftest import Hanging, serving


@pytest.fixture
def here(painter: FakePainter, monkeypatch: pytest.MonkeyPatch) -> FakePainter:
    """Drawing in this process, without models."""
    monkeypatch.setattr(batch_painter, "LocalPainter", lambda models: painter)
    return painter


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """Two that can be drawn, and one that shows no interaction."""
    path = tmp_path / "prompts.csv"
    path.write_text(f"prompt,seed\n{KICK},7\n{KICK},8\na nice sunset,9\n")
    return path


def manifest(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / "manifest.parquet").to_pylist()
    return rows


def test_a_file_of_prompts_becomes_pictures_and_a_manifest(
    here: FakePainter, prompts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run("batch", str(prompts), "-o", str(out), "--steps", "9", "--set", "candidates=2")
    assert result.exit_code == FAILED, result.output
    assert "2 finished, 1 failed" in result.stdout
    first, second, third = manifest(out)
    assert [row["seed"] for row in (first, second)] == [7, 8] and first["steps"] == 9
    assert (out / first["picture"]).is_file() and first["candidates"] == 2
    assert (third["status"], third["line"]) == ("failed", 4) and "interaction" in third["error"]
    assert first["model"].startswith("the shipped checkpoint (")
    assert [dict(ask.settings)["seed"] for ask in here.asked] == [7, 8, 9]


def test_the_same_command_goes_on_and_draws_nothing_twice(
    here: FakePainter, prompts: Path, tmp_path: Path
) -> None:
    words = ("batch", str(prompts), "-o", str(tmp_path / "out"))
    assert run(*words).exit_code == run(*words).exit_code == FAILED
    assert len(here.asked) == 3
    with prompts.open("a") as file:
        file.write(f"{KICK},10\n")
    assert "3 finished, 1 failed" in run(*words).stdout and len(here.asked) == 4
    assert run(*words, "--retry-failed").exit_code == FAILED
    assert len(here.asked) == 5 and manifest(tmp_path / "out")[-1]["attempt"] == 2


def test_shards_are_drawn_by_commands_of_their_own(here: FakePainter, tmp_path: Path) -> None:
    prompts, out = tmp_path / "p.txt", tmp_path / "out"
    prompts.write_text("".join(f"{KICK} {number}\n" for number in range(12)))
    for shard in ("1/2", "2/2"):
        assert run("batch", str(prompts), "-o", str(out), "--shard", shard).exit_code == 0
    assert sorted(row["line"] for row in manifest(out)) == list(range(1, 13))
    assert len(here.asked) == 12 and len(list((out / "rows").iterdir())) == 2


def test_a_service_draws(address: str, prompts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("batch", str(prompts), "-o", str(out), "--url", address, "--at-once", "2")
    assert result.exit_code == FAILED and "2 finished, 1 failed" in result.stdout
    rows = {row["line"]: row for row in manifest(out)}
    assert rows[2]["seed"] == 7 and rows[2]["run"].startswith("run-") and rows[2]["model"] == "record"
    assert rows[4]["error_code"] == "no_interaction"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.csv"], "cannot be read"),
        (["{prompts}", "--steps", "900"], "steps=900"),
        (["{prompts}", "--shard", "9"], "write it as 2/8"),
        (["{prompts}", "--url", "http://127.0.0.1:9"], "make serve"),
        (["{prompts}", "--url", "http://127.0.0.1:9", "--cluster", "auto"], "exclude each other"),
        (["{prompts}", "--url", "http://127.0.0.1:9", "--device", "cuda"], "--device is for drawing"),
        (["{prompts}", "--at-once", "4"], "--at-once 4 is used with --url alone: leave it out"),
        (["{prompts}", "--api-key", "hush"], "--api-key is used with --url alone"),
        (["{prompts}", "--block", "8"], "--block 8 is used with --cluster alone"),
        (
            ["{prompts}", "--url", "http://127.0.0.1:9", "--workers", "2"],
            "--workers 2 is used with --cluster",
        ),
        (["{prompts}", "--worker-gpus", "0.5"], "--worker-gpus 0.5 is used with --cluster alone"),
        (["{prompts}", "--cluster", "auto", "--at-once", "2"], "--at-once 2 is used with --url alone"),
        (["{prompts}", "--output", "{folder}"], "name a new folder"),
        (["{prompts}", "--output", "{prompts}"], "prompts.csv"),
    ],
)
def test_what_cannot_be_begun_ends_with_two(
    words: list[str], says: str, prompts: Path, tmp_path: Path
) -> None:
    filled = [word.format(prompts=prompts, folder=tmp_path) for word in words]
    result = run("batch", "-o", str(tmp_path / "out"), *filled)
    assert result.exit_code == BAD_INPUT and says in result.stderr
    assert "hush" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("here")
def test_what_the_environment_says_to_all_commands_is_no_option_of_this_one(
    prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_API_KEY", "hush")
    assert "2 finished, 1 failed" in run("batch", str(prompts), "-o", str(tmp_path / "out")).stdout


def test_models_that_are_not_there_are_told_of_before_anything_is_drawn(
    prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(painter: object) -> None:
        raise CheckpointError("no such folder: nowhere")

    monkeypatch.setattr(FakePainter, "load", missing)
    monkeypatch.setattr(batch_painter, "LocalPainter", lambda models: FakePainter())
    result = run("batch", str(prompts), "-o", str(tmp_path / "out"), "--checkpoint", "nowhere")
    assert result.exit_code == BAD_INPUT and "no such folder" in result.stderr


def test_ctrl_c_stops_the_runs_and_says_how_to_go_on(prompts: Path, tmp_path: Path) -> None:
    """A real terminal's signal to a real process."""
    with serving(app_over_fakes(Hanging())) as url, ReCorDClient(url) as client:
        words = [sys.executable, "-m", "record_cli", "batch", str(prompts), "-o", str(tmp_path / "out")]
        with subprocess.Popen(
            [*words, "--url", url],
            cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c,
        ) as process:  # fmt: skip
            kept = tmp_path / "out" / "rows" / "1-of-1.jsonl"
            while len(list(client.runs(status="running"))) < 2 or not kept.read_bytes():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            said, complained = process.communicate(timeout=60)
        assert process.returncode == INTERRUPTED, complained
        assert "1 of 3 prompts are done; the same command goes on from here" in complained
        assert "0 finished, 1 failed, 2 missing" in said
        ends = [list(client.events(run.id))[-1].event for run in client.runs()]
        assert len(ends) == 2 and all(isinstance(end, Cancelled) for end in ends)
    assert [row["status"] for row in manifest(tmp_path / "out")] == ["failed"]
