"""A bare Serve deployment beside the service, behind the same proxy: what Ray Serve itself costs.

python -m benchmarks.service.floor      deploys it into the Ray of this machine, until standard input ends
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NAME, PATH = "floor", "/floor"
UP = "up"
CONNECT = {"RAY_AUTH_MODE": "token"}


@contextmanager
def floor() -> Iterator[bool]:
    """Whether the floor could be deployed; it goes at the end. Without a Ray on this machine it cannot."""
    command = [sys.executable, "-m", "benchmarks.service.floor"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **CONNECT},
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield any(line.strip() == UP for line in process.stdout.readline().splitlines())
        finally:
            process.stdin.close()


def main() -> None:
    """Deploy, say so, wait, take down."""
    import ray
    from ray import serve
    from starlette.requests import Request

    class Echo:
        async def __call__(self, request: Request) -> bytes:
            return await request.body()

    ray.init(address="auto", log_to_driver=False, logging_level="ERROR")
    echo = serve.deployment(Echo, ray_actor_options={"num_cpus": 0}, max_ongoing_requests=200)
    serve.run(echo.bind(), name=NAME, route_prefix=PATH)
    print(UP, flush=True)
    try:
        sys.stdin.read()
    finally:
        serve.delete(NAME)


if __name__ == "__main__":
    main()
