"""The commands on a service's runs, against the real HTTP edge over fakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from record_cli.telling import BAD_INPUT, FAILED
from record_client import ReCorDClient
from tests.deployments.conftest import app_over_fakes
from tests.record.fakes import FakeDiffusion
from tests.record_cli.conftest import KICK, grey
from tests.record_cli.test_app import opened, run
from tests.record_client.conftest import serving


@pytest.fixture
def drawn(address: str) -> str:
    """A finished run's id."""
    with ReCorDClient(address) as client:
        return client.draw(KICK, seed=7).run.id


def test_runs_are_listed(address: str, drawn: str) -> None:
    result = run("runs", "--url", address, "--limit", "1")
    assert result.exit_code == 0, result.output
    assert drawn in result.stdout and "finished" in result.stdout and "a woman is" in result.stdout
    assert drawn not in run("runs", "--url", address, "--status", "failed").stdout


def test_a_run_is_shown_and_what_it_left_behind_saved(address: str, drawn: str, tmp_path: Path) -> None:
    told = run("show", drawn, "--url", address)
    assert told.exit_code == 0 and "woman | kicking | ball" in told.stdout and "<- chosen" in told.stdout
    result = run("show", drawn, "--url", address, "-o", str(tmp_path), "--show-trace")
    assert result.exit_code == 0, result.output
    assert grey(opened(tmp_path / "0" / "image.png")) == 9
    assert (tmp_path / "0" / "candidates" / "2" / "object_map.npy").exists()
    assert opened(tmp_path / f"{drawn}.trace.png").width > 500


def test_a_run_that_failed_says_why() -> None:
    with serving(app_over_fakes(FakeDiffusion(failing=frozenset(range(99))))) as url:
        assert run("generate", KICK, "--url", url).exit_code == FAILED
        with ReCorDClient(url) as client:
            (failed,) = client.runs()
        result = run("show", failed.id, "--url", url)
    assert result.exit_code == 0 and "failed" in result.stdout and "see the log" in result.stdout


def test_a_run_is_corrected(address: str, drawn: str, tmp_path: Path) -> None:
    target = tmp_path / "b.png"
    words = ["correct", drawn, "--url", address, "-o", str(target), "--box"]
    result = run(*words, "0.1,0.1,0.4,0.5", "--show-trace")
    assert result.exit_code == 0, result.output
    assert grey(opened(target)) == 9 and opened(target.with_suffix(".trace.png")).width > 300
    assert "0.10, 0.10, 0.40, 0.50" in result.stdout
    assert run(*words, "0,0,2,1").exit_code == BAD_INPUT
    unknown = run("correct", "run-000000000000", *words[2:], "0.1,0.1,0.4,0.5")
    assert unknown.exit_code == BAD_INPUT and "is unknown" in unknown.stderr
    odd = run(*words, "0.1,0.1,0.4,0.5", "--set", "prompt=a")
    assert odd.exit_code == BAD_INPUT and "this is no setting" in odd.stderr


def test_the_address_comes_from_the_environment(
    address: str, drawn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_URL", address)
    assert drawn in run("runs").stdout
    target = tmp_path / "a.png"
    assert run("generate", KICK, "-o", str(target), "--seed", "3").exit_code == 0 and target.exists()


def test_nobody_there_is_a_failure() -> None:
    for words in (["runs"], ["show", "run-000000000000"]):
        result = run(*words, "--url", "http://127.0.0.1:9")
        assert result.exit_code == FAILED and "make serve" in result.stderr
    assert run("runs", "--url", "there").exit_code == BAD_INPUT
