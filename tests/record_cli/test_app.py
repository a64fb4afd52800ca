from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from record_cli import app as commands
from record_cli import options
from record_cli.telling import BAD_INPUT, FAILED, INTERRUPTED
from record_client import Cancelled, Progress, ReCorDClient
from tests.deployments.conftest import app_over_fakes
from tests.house import ROOT
from tests.record_cli.conftest import KICK, FakePainter, grey
from tests.record_client.conftest import Hanging, serving


def run(*words: str) -> Result:
    return CliRunner().invoke(commands.app, list(words))


def opened(path: Path) -> Image.Image:
    """A picture file, read and closed."""
    with Image.open(path) as picture:
        return picture.copy()


@pytest.fixture
def here(painter: FakePainter, monkeypatch: pytest.MonkeyPatch) -> FakePainter:
    """Drawing in this process, without models."""
    monkeypatch.setattr(commands, "LocalPainter", lambda models: painter)
    return painter


@pytest.mark.usefixtures("here")
def test_a_picture_and_its_trace_are_written(tmp_path: Path) -> None:
    target = tmp_path / "new" / "kick.png"
    result = run("generate", KICK, "-o", str(target), "--show-trace", "--seed", "7")
    assert result.exit_code == 0, result.output
    assert grey(opened(target)) == 9
    assert opened(target.with_suffix(".trace.png")).width > 500
    assert "woman | kicking | ball" in result.stdout and str(target) in result.stdout


def test_options_become_settings(here: FakePainter, tmp_path: Path) -> None:
    result = run(
        "generate", KICK, "-o", str(tmp_path / "a.png"), "--method", "plain", "--steps", "3",
        "--set", "guidance_scale=4", "--set", "steps=9", "--box", "0.5,0.5,0.8,0.9",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (ask,) = here.asked
    assert ask.settings == {"method": "plain", "steps": 3, "guidance_scale": 4}
    assert ask.box is not None and ask.box.to_list() == [0.5, 0.5, 0.8, 0.9]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a nice sunset"], "interaction"),
        ([KICK, "--method", "magic"], "magic"),
        ([KICK, "--set", "stepz=1"], "did you mean 'steps'"),
        ([KICK, "--box", "0,0,2,1"], "between 0 and 1"),
        ([KICK, "-o", "kick.txt"], "must end in"),
        (
            [KICK, "--url", "http://127.0.0.1:9", "--device", "cuda"],
            "--device is for drawing in this process",
        ),
        ([], "prompt"),
    ],
)
def test_bad_input_is_told_and_ends_with_two(words: list[str], says: str) -> None:
    result = run("generate", *words)
    assert result.exit_code == BAD_INPUT
    assert says in " ".join(result.stderr.replace("│", " ").split()).lower() or says in result.stderr


def test_a_failure_ends_with_one(tmp_path: Path) -> None:
    result = run("generate", KICK, "-o", str(tmp_path / "a.png"), "--url", "http://127.0.0.1:9")
    assert result.exit_code == FAILED and "make serve" in result.stderr


def test_a_running_service_draws(address: str, tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    result = run("generate", KICK, "-o", str(target), "--url", address, "--seed", "7", "--show-trace")
    assert result.exit_code == 0, result.output
    assert grey(opened(target)) == 9 and "<- chosen" in result.stdout
    refused = run("generate", "a woman is kiking a ball", "-o", str(target), "--url", address)
    assert refused.exit_code == BAD_INPUT and "did you mean 'kicking'" in refused.stderr


def _heed_ctrl_c() -> None:
    """Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_stops_the_run_and_says_so(tmp_path: Path) -> None:
    """A real terminal's signal to a real process."""
    with serving(app_over_fakes(Hanging())) as url, ReCorDClient(url) as client:
        words = [sys.executable, "-m", "record_cli", "generate", KICK, "--url", url]
        with subprocess.Popen(
            words, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c
        ) as process:
            while not (runs := list(client.runs())):
                assert process.poll() is None
            next(told for told in client.events(runs[0].id) if isinstance(told.event, Progress))
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert process.returncode == INTERRUPTED and f"interrupted: run {runs[0].id} is stopped" in said
        assert isinstance(list(client.events(runs[0].id))[-1].event, Cancelled)


@pytest.mark.usefixtures("here")
def test_methods_are_compared_on_a_grid(tmp_path: Path) -> None:
    target = tmp_path / "grid.png"
    result = run("compare", KICK, "-o", str(target), "--methods", "plain,record", "--seeds", "2")
    assert result.exit_code == 0, result.output
    assert opened(target).width > opened(target).height
    unknown = run("compare", KICK, "-o", str(target), "--methods", "plain,magic")
    assert unknown.exit_code == BAD_INPUT and "'magic' is not a method" in unknown.stderr


def test_every_method_that_can_be_drawn_here_is_compared(here: FakePainter, tmp_path: Path) -> None:
    assert run("compare", KICK, "-o", str(tmp_path / "grid.png")).exit_code == 0
    drawn = [ask.settings["method"] for ask in here.asked]
    assert drawn == [name for name in options.METHODS if name not in ("images_api", "interactdiffusion")]
    assert drawn[0] == "plain" and drawn[-1] == "record"


@pytest.mark.usefixtures("here")
def test_a_grid_with_no_picture_is_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "grid.png"
    result = run("compare", KICK, "-o", str(target), "--methods", "plain", "--set", "steps=0")
    assert result.exit_code == FAILED and target.exists()


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("record ")
    for words in (["--help"], ["generate", "--help"], ["compare", "-h"]):
        assert run(*words).exit_code == 0
    assert run().exit_code == BAD_INPUT
