"""Ctrl-C at a terminal in which a Ray cluster draws a batch, by painters that need no models."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from benchmarks.batch import proof
from benchmarks.batch.toy import draws
from record_cli.telling import INTERRUPTED
from tests.house import ROOT
from tests.record_cli.test_app import _heed_ctrl_c

pytestmark = pytest.mark.slow

PROMPTS = 40


def test_ctrl_c_ends_the_cluster_and_a_command_goes_on(tmp_path: Path) -> None:
    prompts, out, log = tmp_path / "prompts.csv", tmp_path / "out", tmp_path / "log"
    prompts.write_text("prompt,seed\n" + "".join(f"{proof.PROMPT},{seed}\n" for seed in range(PROMPTS)))
    log.mkdir()
    words = [sys.executable, "-m", "tests.e2e.toying", str(log), str(prompts), "-o", str(out)]
    with subprocess.Popen(
        [*words, "--cluster", "local", "--workers", "1", "--block", "4"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=_heed_ctrl_c,
    ) as process:  # fmt: skip
        kept = out / "rows" / "1-of-1.jsonl"
        while not (kept.exists() and kept.read_bytes().count(b"\n") >= 8):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        cluster = psutil.Process(process.pid).children(recursive=True)
        assert cluster
        os.killpg(process.pid, signal.SIGINT)  # a terminal tells all processes that it has
        said, complained = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED, complained
    rows = pq.read_table(out / "manifest.parquet").to_pylist()
    assert f"{len(rows)} of {PROMPTS} prompts are done; the same command goes on from here" in complained
    assert f"{len(rows)} finished, {PROMPTS - len(rows)} missing" in said
    assert "Traceback" not in complained
    assert 8 <= len(rows) < PROMPTS
    assert psutil.wait_procs(cluster, timeout=60)[1] == []
    before = {row["id"] for row in rows}
    begun = Counter(draw.id for draw in draws(log))

    # In one process: another cluster would take its time and show no more.
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert f"{PROMPTS} finished" in ended.stdout
    ids = [row["id"] for row in pq.read_table(out / "manifest.parquet").to_pylist()]
    assert len(ids) == len(set(ids)) == PROMPTS
    again = Counter(draw.id for draw in draws(log))
    assert {one: again[one] for one in before} == {one: begun[one] for one in before}
