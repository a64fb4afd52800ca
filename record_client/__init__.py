"""A client for a running service: pictures, events as they happen, runs and what they left behind.

    from record_client import ReCorDClient

    with ReCorDClient("http://127.0.0.1:8000") as client:
        client.draw("a woman is kicking a ball", seed=7).image.save("kick.png")

It needs neither torch nor Ray. client and async_client are the two clients, and hold what waits and
sends; what is sent and how answers are read is in calls, events, told and following, once for both.
"""

from record_client.async_client import AsyncReCorDClient
from record_client.client import ReCorDClient
from record_client.errors import (
    ClientError,
    ConnectionLost,
    NotAllowed,
    NotFound,
    Overloaded,
    Refused,
    RunCancelled,
    RunFailed,
    ServiceError,
    TooLate,
    Unavailable,
    Unreadable,
)
from record_client.events import Accepted, Cancelled, Failed, Finished, Progress, Step, Told, Unknown
from record_client.told import Artefact, Drawing, File, Model, Run, Status

__all__ = [
    "Accepted",
    "Artefact",
    "AsyncReCorDClient",
    "Cancelled",
    "ClientError",
    "ConnectionLost",
    "Drawing",
    "Failed",
    "File",
    "Finished",
    "Model",
    "NotAllowed",
    "NotFound",
    "Overloaded",
    "Progress",
    "ReCorDClient",
    "Refused",
    "Run",
    "RunCancelled",
    "RunFailed",
    "ServiceError",
    "Status",
    "Step",
    "Told",
    "TooLate",
    "Unavailable",
    "Unknown",
    "Unreadable",
]
