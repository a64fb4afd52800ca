"""vLLM without a GPU waits asleep: a plugin that vLLM loads in each of its processes (`pyproject.toml`).

They wait for one another's messages by spinning, up to a second after the last one. On a machine whose
processors draw as well, that second is taken from the pictures.
"""

from __future__ import annotations

from functools import partialmethod

SPIN_S = 0.001
"""Long enough for an answer that is on its way; then the reader sleeps until the writer rings."""


def install() -> None:
    """Let this process's readers sleep after `SPIN_S` seconds; with a GPU nothing changes."""
    from vllm.distributed.device_communicators.shm_broadcast import SpinCondition
    from vllm.platforms import current_platform

    if current_platform.is_cpu():
        patient = partialmethod(SpinCondition.__init__, busy_loop_s=SPIN_S)
        SpinCondition.__init__ = patient
