"""What a fleet asks of the parts that do not grow with it, and which of them breaks first.

Limits are round figures: one was measured, one is a default, where it says so, and the rest is assumed. The
arithmetic is told.
"""

from __future__ import annotations

from dataclasses import dataclass

RENEW_S = 0.5
"""How often a run's lease is renewed: deployments.playing.player.RENEW_S."""
TOLD = 40
"""Transactions of a run that tell its events: progress is gathered, artefacts come one by one. Assumed."""
EDGE_PER_S = 140.0
"""Requests a second that one replica of the edge passes on; measured with 16 at once on two cores."""
CONTROLLER_REPORTS_PER_S = 2000.0
"""Reports of replicas and handles that Serve's one controller takes in a second. Assumed."""
REPORT_S = 1.0
"""How often a replica and a handle report: `metrics_interval_s` of the profiles' painters and edges."""
DATABASE_PER_S = 5000.0
"""Small transactions a second of one PostgreSQL on fast disks. Assumed."""
CONNECTIONS = 15
"""Connections to PostgreSQL that a replica of the edge opens at most: runs.connect.KEPT and MORE."""
CONNECTIONS_MOST = 97.0
"""Of one PostgreSQL as it ships: max_connections 100, of which 3 are kept for its superuser."""
NODE_MIB_PER_S = 2500.0
"""What one node's network moves, 25 Gbit/s with some loss. Assumed."""


@dataclass(frozen=True)
class Load:
    """One part: how much is asked of it, its limit, in what unit, and how that was reckoned."""

    part: str
    asked: float
    limit: float
    unit: str
    how: str

    @property
    def share(self) -> float:
        """Of the limit; above 1 it breaks."""
        return self.asked / self.limit


def loads(rate: float, seconds: float, replicas: int, edges: int, calls: int, sent_mib: float) -> list[Load]:
    """The parts by how near they are to their limits, the nearest first.

    `rate` requests a second, each `seconds` long, over `replicas` of all kinds behind `edges` of the edge.
    A request makes `calls` over handles and sends `sent_mib` MiB with them.
    """
    running = rate * seconds
    reports = (replicas + edges * 3) / REPORT_S
    database = rate * (2 + TOLD) + running / RENEW_S
    asked = rate * calls
    found = [
        Load("controller", reports, CONTROLLER_REPORTS_PER_S, "reports/s",
             f"({replicas} replicas + {edges} x 3 handles) / {REPORT_S:g} s"),
        Load("handles", asked / edges, EDGE_PER_S, "calls/s an edge",
             f"{rate:g}/s x {calls} / {edges} edges"),
        Load("ingress", rate / edges, EDGE_PER_S, "requests/s an edge", f"{rate:g}/s / {edges} edges"),
        Load("object store", rate * sent_mib / edges, NODE_MIB_PER_S, "MiB/s an edge's node",
             f"{rate:g}/s x {sent_mib:g} MiB / {edges} edges"),
        Load("database", database, DATABASE_PER_S, "transactions/s",
             f"{rate:g}/s x (2 + {TOLD}) + {running:.0f} running / {RENEW_S:g} s"),
        Load("connections", edges * CONNECTIONS, CONNECTIONS_MOST, "of PostgreSQL as it ships",
             f"{edges} edges x {CONNECTIONS}"),
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.share)
