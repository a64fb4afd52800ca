"""Short forms of `make bench-service`, `make chaos` and `make soak` on the shared service."""

from __future__ import annotations

import asyncio

import pytest
from rich.console import Console

from benchmarks.service import chaos, load, memory, soak
from benchmarks.service.asking import Asker
from benchmarks.service.callers import verdict
from benchmarks.service.own import Started

pytestmark = pytest.mark.slow


async def test_overload_is_refused_early_and_nothing_begins_in_vain(service: Started) -> None:
    plan = load.Plan(requests=8, clients=4, overload_s=3, most=60, within_s=8)
    async with Asker(service.address) as asker:
        found = {one.name: one for one in await load.measure(asker, plan, Console(quiet=True))}
    assert found["throughput at capacity"].value > 0
    timed = {
        name
        for name in found
        if any(word in name for word in ("p99", "p50", "goodput", "followed", "accepted, and no picture"))
    }
    kept = {name for name, one in found.items() if one.limit is not None} - timed
    assert kept and all(found[name].is_kept for name in kept), found


async def test_no_request_is_lost_or_wrong_while_replicas_are_killed(service: Started) -> None:
    plan = chaos.Plan(requests=12, clients=3, kinds=("Diffusion", "Ingress", "Analysis"))
    lines = list[str]()
    async with Asker(service.address) as asker:
        pictures = await chaos.in_peace(asker, plan)
        outcomes = await chaos.under_kills(asker, plan, service.process.pid, lines.append)
    found = verdict(outcomes, pictures)
    assert [line for line in lines if line] == [f"{kind} killed" for kind in plan.kinds]
    assert len(outcomes) == plan.requests and chaos.is_well(found), found


async def test_memory_is_measured_while_all_kinds_of_requests_are_asked(service: Started) -> None:
    plan = soak.Plan(seconds=20, rate=1.0)
    async with Asker(service.address) as asker:
        found = await soak.soak(asker, plan, service.process.pid, lambda at: None)
        async with asyncio.timeout(60):
            await chaos.ready(asker)
    grown = {one.kind: one for one in memory.growth(found.samples)}
    assert {"Diffusion", "Ingress", "Analysis", "VLM", "raylet"} <= grown.keys()
    assert all(one.first_mib > 0 for one in grown.values())
    assert {"image: 200", "followed: 202", "refused: 400"} <= found.statuses.keys(), found.statuses
