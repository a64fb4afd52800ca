"""The examples of docs/clients.md, tried."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from record_cli.app import app
from record_client import ReCorDClient
from tests.house import ROOT

PAGE = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
EXAMPLE_URL, EXAMPLE_RUN = "http://127.0.0.1:8000", "run-0123456789ab"


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("code", examples("python"))
def test_python(code: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORD_URL", address)
    exec(compile(code.replace(EXAMPLE_URL, address), "docs/clients.md", "exec"), {})


def test_the_command_line(client: ReCorDClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORD_URL", client.url)
    run = client.draw("a woman is kicking a ball").run.id
    (block,) = examples("sh")
    for line in block.replace(EXAMPLE_URL, client.url).replace(EXAMPLE_RUN, run).splitlines():
        result = CliRunner().invoke(app, shlex.split(line)[1:])
        assert result.exit_code == 0, result.output
    assert {"kick.png", "moved.png", "kept"} <= {path.name for path in tmp_path.iterdir()}
