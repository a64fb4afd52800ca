"""vLLM without a GPU waits asleep, and gives way: a plugin that vLLM loads in each of its processes.

They wait for one another's messages by spinning, up to a second after the last one. On a machine whose
processors draw as well, that second is taken from the pictures. `pyproject.toml` names the plugin.
"""

from __future__ import annotations

from functools import partialmethod

from deployments.replicas.manners import give_way

SPIN_S = 0.001
"""Long enough for an answer that is on its way; then the reader sleeps until the writer rings."""
LOOK_MS = 20
"""How long it sleeps at most: some rings are lost, more of them the sooner it sleeps. vLLM looks again after
five seconds, and one request in fifteen took so much longer."""


def install() -> None:
    """Let this process give way, and its readers sleep after `SPIN_S` seconds; with a GPU nothing changes."""
    from vllm.distributed.device_communicators import shm_broadcast
    from vllm.platforms import current_platform

    if current_platform.is_cpu():
        give_way()
        patient = partialmethod(shm_broadcast.SpinCondition.__init__, busy_loop_s=SPIN_S)
        shm_broadcast.SpinCondition.__init__ = patient
        shm_broadcast.SHM_READER_RECHECK_INTERVAL_MS = LOOK_MS
