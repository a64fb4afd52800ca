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
@pytest.mark.parametrize(("is_cpu", "seconds"), [(True, resting.SPIN_S), (False, 1)])
def test_readers_of_messages_soon_sleep_where_there_is_no_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_cpu: bool, seconds: float
) -> None:
    import zmq
    from vllm.distributed.device_communicators.shm_broadcast import SpinCondition
    from vllm.platforms import current_platform

    monkeypatch.setattr(SpinCondition, "__init__", SpinCondition.__init__)  # put back at the end
    monkeypatch.setattr(type(current_platform), "is_cpu", lambda self: is_cpu)
    plugin()()
    with zmq.Context() as context:
        reader = SpinCondition(is_reader=True, context=context, notify_address=f"ipc://{tmp_path}/news")
        assert reader.busy_loop_s == seconds
        for socket in (reader.local_notify_socket, reader.write_cancel_socket, reader.read_cancel_socket):
            socket.close()
