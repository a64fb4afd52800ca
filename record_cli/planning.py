"""`record plan`: how large a fleet has to be."""

from __future__ import annotations

import math
import re
from typing import Annotated

import typer
from rich.table import Table

from fleet.cards import card_named
from fleet.limits import loads
from fleet.models import QWEN3_VL_8B, checkpoint_named
from fleet.pace import Pace, computed
from fleet.plan import Answer, Fleet
from fleet.plan import plan as planned
from fleet.sizing import fit, tensor_parallel
from fleet.story import Beside, calls_of, phases_of
from record.errors import SettingsError
from record.settings import Settings
from record_cli import options
from record_cli.telling import FAILED, complain, out, told

EDGE_RUNS = 32
"""Runs that one replica of the edge plays at once, in a fleet: ingress.max_playing."""


def plan(
    rate: Annotated[str, typer.Option(help="requests, such as 50/s, 100/min or 2000/h")],
    gpu: Annotated[str, typer.Option(help="a4000, l4, l40s, h100 or h200")] = "h200",
    model: Annotated[str, typer.Option(help="sd14 or sdxl")] = "sd14",
    deadline: Annotated[str, typer.Option(help="seconds that 95% of requests may take, such as 10s")] = "10s",
    method: options.Method = None,
    steps: options.Steps = None,
    candidates: options.Candidates = None,
    others: options.Others = None,
    step_ms: Annotated[float | None, typer.Option(help="measured: a step without rows", min=0)] = None,
    row_ms: Annotated[float | None, typer.Option(help="measured: each row of a step", min=0.001)] = None,
    price: Annotated[float | None, typer.Option(help="what a GPU costs an hour", min=0)] = None,
) -> None:
    """Replicas, GPUs, latency and cost of a rate of requests, by simulation.

    Step times are computed from the card's sheet unless --step-ms and --row-ms give measured ones
    (python -m benchmarks.engine --only pace). The exit status is 1 where the deadline cannot be met.
    """
    with told():
        per_s, deadline_s = _rate(rate), _seconds(deadline)
        given = options.settings_of(others, method=method, steps=steps, candidates=candidates)
        settings = Settings.build(given)
        checkpoint, card = checkpoint_named(model), card_named(gpu)
        fitting, cards = fit(checkpoint, card), tensor_parallel(QWEN3_VL_8B, card)
        if fitting is None or cards is None:
            raise SettingsError(f"{model} does not fit {gpu}: take a larger card", param="gpu")
        pace = _measured(computed(checkpoint, card, fitting.max_trajectories), step_ms, row_ms)
    phases = phases_of(settings)
    answer = planned(per_s, deadline_s, phases, Fleet(pace, Beside(), cards_an_engine=cards))
    _print(answer, per_s, deadline_s, pace, price)
    _print_limits(answer, per_s, calls_of(phases), checkpoint.sent_mib)
    if not answer.is_met:
        raise typer.Exit(FAILED)


def _measured(usual: Pace, step_ms: float | None, row_ms: float | None) -> Pace:
    """The measured pace, where there is one."""
    if step_ms is None and row_ms is None:
        return usual
    if step_ms is None or row_ms is None:
        raise SettingsError("--step-ms and --row-ms are measured together: give both, or neither")
    return Pace(step_ms / 1000, row_ms / 1000, usual.slots, "measured")


def _print(answer: Answer, rate: float, deadline_s: float, pace: Pace, price: float | None) -> None:
    table = Table("", "", show_header=False)
    for name, count in answer.replicas.items():
        table.add_row(f"replicas that {name}", f"{count}, {answer.used[name]:.0%} of their capacity used")
    table.add_row("GPUs", str(answer.gpus))
    latency = f"mean {answer.mean_s:.1f} s, p95 {answer.p95_s:.1f} s, alone {answer.alone_s:.1f} s"
    table.add_row("latency", latency)
    hours = answer.gpu_hours_per_thousand(rate)
    cost = f"{hours:.1f} GPU-hours" + ("" if price is None else f", {hours * price:.2f} at {price:g} an hour")
    table.add_row("1000 requests", cost)
    table.add_row("a step", f"{1000 * pace.step_s:.1f} ms + {1000 * pace.row_s:.2f} ms a row ({pace.source})")
    out.print(table)
    if not answer.is_met:
        is_alone = answer.alone_s > deadline_s
        why = "one request alone takes longer" if is_alone else "no fleet that was tried is fast enough"
        complain(f"not within {deadline_s:g} s: {why}; fewer steps, or --set candidate_steps=20")


def _print_limits(answer: Answer, rate: float, calls: int, sent_mib: float) -> None:
    edges = max(2, math.ceil(rate * answer.mean_s / EDGE_RUNS))
    found = loads(rate, answer.mean_s, sum(answer.replicas.values()), edges, calls, sent_mib)
    table = Table("what breaks first", "asked", "limit", "share", "how")
    for one in found:
        limit = f"{one.limit:.0f} {one.unit}"
        table.add_row(one.part, f"{one.asked:.0f}", limit, f"{one.share:.0%}", one.how)
    out.print(table)


def _rate(text: str) -> float:
    """Requests a second."""
    found = re.fullmatch(r"([\d.]+)/(s|min|h)", text)
    if found is None or not _number(found[1]):
        raise SettingsError(f"rate={text!r}: write it as 50/s, 100/min or 2000/h", param="rate")
    return _number(found[1]) / {"s": 1, "min": 60, "h": 3600}[found[2]]


def _seconds(text: str) -> float:
    value = _number(text.removesuffix("s"))
    if not value:
        raise SettingsError(f"deadline={text!r}: write seconds, such as 10s", param="deadline")
    return value


def _number(text: str) -> float:
    """A number above zero, or zero for what is none."""
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0
