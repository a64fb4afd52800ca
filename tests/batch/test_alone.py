from __future__ import annotations

from pathlib import Path

from batch.alone import alone


def test_a_folder_is_one_process_own_for_a_while(tmp_path: Path) -> None:
    with alone(tmp_path):
        assert (tmp_path / ".lock").exists()
    with alone(tmp_path):
        pass
