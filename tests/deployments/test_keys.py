from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments import keys
from deployments.arguments import AppArgs
from deployments.config import ConfigError, IngressArgs
from deployments.keys import Key, Keyring, digest, read_keys

CANARY = "rk-canary-Zx81"
ALICE: dict[str, Any] = {"name": "alice", "sha256": digest("rk-alice"), "requests_per_minute": 30}


def written(folder: Path, *entries: dict[str, Any]) -> IngressArgs:
    file = folder / "keys.yaml"
    file.write_text(json.dumps({"keys": entries}), encoding="utf-8")
    return IngressArgs(keys_file=str(file))


def test_the_command_prints_a_key_and_an_entry_that_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["keys", "alice"])
    keys.main()
    printed = capsys.readouterr().out
    token = next(word for word in printed.split() if word.startswith(keys.PREFIX))
    (tmp_path / "k.yaml").write_text("keys:\n" + printed[printed.index("  - name") :], encoding="utf-8")
    (key,) = read_keys(IngressArgs(keys_file=str(tmp_path / "k.yaml")))
    assert key.name == "alice" and key.fits(digest(token)) and not key.fits(digest(token + "x"))
    assert printed.count(token) == 1 and len(token) > 40


def test_the_command_refuses_an_odd_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["keys", "al ice"])
    with pytest.raises(SystemExit):
        keys.main()


def test_keys_come_from_a_file_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEYS", yaml.safe_dump({"keys": [ALICE]}))
    (from_file,), (from_env,) = (
        read_keys(written(tmp_path, ALICE)),
        read_keys(IngressArgs(keys_env="SOME_KEYS")),
    )
    assert from_file == from_env == Key(**ALICE) and from_file.concurrency == 4
    assert read_keys(IngressArgs()) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"keys: [{{name: alice, sha256: {CANARY}}}]", "keys.0.sha256"),
        (f"keys: [{{name: {CANARY} {CANARY}, sha256: {'f' * 64}}}]", "keys.0.name"),
        (f"keys: [{{{CANARY}: 1, name: alice, sha256: {'f' * 64}}}]", "keys.0..."),
        (f"keys: [{CANARY}", "line 1"),
        (f"{CANARY}\x00", "odd characters"),
        (CANARY, "as a whole"),
        (f"{CANARY}: 1", "keys"),
        ("keys: []", "at least 1"),
        (json.dumps({"keys": [ALICE, ALICE]}), "same name"),
        (json.dumps({"keys": [ALICE, {**ALICE, "name": "bob"}]}), "same sha256"),
        (json.dumps({"keys": [{**ALICE, "concurrency": "4"}]}), "keys.0.concurrency"),
    ],
)
def test_a_wrong_file_is_explained_without_showing_what_stands_in_it(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "keys.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_keys(IngressArgs(keys_file=str(tmp_path / "keys.yaml")))
    assert says in str(caught.value) and str(tmp_path / "keys.yaml") in str(caught.value)
    assert "canary" not in str(caught.value) and caught.value.__cause__ is None


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_KEYS", raising=False)
    for args, says in (
        (IngressArgs(keys_file=str(tmp_path / "none.yaml")), "none.yaml cannot be read"),
        (IngressArgs(keys_env="NO_KEYS"), "NO_KEYS is not set"),
    ):
        with pytest.raises(ConfigError, match=says):
            read_keys(args)


@pytest.mark.parametrize(
    "both", [{"keys_file": "a", "keys_env": "B"}, {"keys_env": "B", "allow_anonymous": True}]
)
def test_settings_that_contradict_each_other_are_refused(both: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="one"):
        AppArgs.read({"diffusion": {"checkpoint": "x"}, "ingress": both})


def test_a_key_can_be_taken_back_and_a_broken_file_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    ring = Keyring(written(tmp_path, ALICE), clock=lambda: now[0])
    assert ring.find("rk-alice") and not ring.find("rk-bob") and not ring.find("")
    written(tmp_path, {**ALICE, "name": "bob", "sha256": digest("rk-bob")})
    assert ring.find("rk-alice"), "it is not looked at so soon"
    now[0] += 2
    assert ring.find("rk-bob") and not ring.find("rk-alice")
    (tmp_path / "keys.yaml").write_text(f"keys: {CANARY}", encoding="utf-8")
    now[0] += 2
    assert ring.find("rk-bob") and "stay as they were" in caplog.text
    os.remove(tmp_path / "keys.yaml")
    now[0] += 2
    assert ring.find("rk-bob") and "canary" not in caplog.text
