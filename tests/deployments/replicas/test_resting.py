from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from deployments.config import ROOT
from deployments.replicas import resting


def plugin() -> Callable[[], None]:
    """What vLLM finds in each of its processes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["vllm.general_plugins"]["record"].partition(":")
    found: Callable[[], None] = getattr(import_module(module), name)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("is_cpu", "seconds", "again_ms"), [(True, resting.SPIN_S, 20), (False, 1, 5000)])
def test_readers_of_messages_soon_sleep_but_not_for_long_where_there_is_no_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_cpu: bool, seconds: float, again_ms: int
) -> None:
    import zmq
    from vllm.distributed.device_communicators import shm_broadcast
    from vllm.platforms import current_platform

    condition = shm_broadcast.SpinCondition
    monkeypatch.setattr(condition, "__init__", condition.__init__)  # put back at the end
    usual_ms = shm_broadcast.SHM_READER_RECHECK_INTERVAL_MS
    monkeypatch.setattr(shm_broadcast, "SHM_READER_RECHECK_INTERVAL_MS", usual_ms)
    monkeypatch.setattr(type(current_platform), "is_cpu", lambda self: is_cpu)
    plugin()()
    patience = shm_broadcast.MessageQueue.ReadTimeoutWithWarnings(None, should_warn=False)
    assert patience.timeout_ms() == again_ms
    with zmq.Context() as context:
        reader = condition(is_reader=True, context=context, notify_address=f"ipc://{tmp_path}/news")
        assert reader.busy_loop_s == seconds
        for socket in (reader.local_notify_socket, reader.write_cancel_socket, reader.read_cancel_socket):
            socket.close()
