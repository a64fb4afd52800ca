"""The dashboard and the alerts ask for figures and labels that exist, and each alert says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from deployments.seeing.figures import FIGURES, Figure, Histogram
from runs.rows import Status

ROOT = Path(__file__).resolve().parents[2]
WATCH = ROOT / "cluster" / "watch"
RAYS_OWN = {"le", "WorkerId", "NodeAddress"}
"""Labels that every figure has beside its own."""
VALUES = {"status": set(get_args(Status)), "outcome": {"answered", "error", "away"}}
NAMED = re.compile(r"\bray_(record_[a-z_]+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
SELECTED = re.compile(r"(\w+)=~?\"([^\"]*)\"")


def _alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load((WATCH / "alerts.yaml").read_text())["groups"]
    return [rule for group in rules for rule in group["rules"]]


def queries() -> Iterator[str]:
    """What alerts and dashboard ask Prometheus."""
    yield from (rule["expr"] for rule in _alerts())
    for panel in json.loads((WATCH / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def series() -> dict[str, Figure]:
    """The names under which Ray tells the figures. A histogram's sum is left out: Ray only estimates it."""
    told: dict[str, Figure] = {}
    for figure in FIGURES:
        endings = ("_bucket", "_count") if isinstance(figure, Histogram) else ("",)
        told |= {figure.name + ending: figure for ending in endings}
    return told


def faults(query: str) -> list[str]:
    """What a query asks for that nobody tells."""
    found, labels = [], set(RAYS_OWN)
    for name, selection in NAMED.findall(query):
        figure = series().get(name)
        if figure is None:
            found.append(name)
            continue
        labels |= set(figure.labels)
        for label, value in SELECTED.findall(selection):
            known = VALUES.get(label)
            if label not in figure.labels or (known and not set(value.split("|")) <= known):
                found.append(f"{label}={value}")
    grouped = {label.strip() for labels in GROUPED.findall(query) for label in labels.split(",")}
    return found + sorted(grouped - labels) + ([] if NAMED.search(query) else ["no figure"])


@pytest.mark.parametrize("query", sorted(set(queries())))
def test_every_query_names_what_exists(query: str) -> None:
    assert not faults(query) and query.count("(") == query.count(")")


@pytest.mark.parametrize(
    "query",
    [
        "sum(ray_record_nothing_total)",
        'rate(ray_record_run_seconds_count{stage="propose"}[5m])',
        'rate(ray_record_run_seconds_count{status="done"}[5m])',
        "sum by (method) (ray_record_rejected_total)",
        "rate(ray_record_run_seconds_sum[5m])",
        "up",
    ],
)
def test_planted_faults_are_found(query: str) -> None:
    assert faults(query)


def test_every_figure_is_on_the_dashboard() -> None:
    shown = " ".join(queries())
    assert [figure.name for figure in FIGURES if figure.name not in shown] == []


def test_the_page_says_what_to_do_about_every_alert() -> None:
    page = (ROOT / "docs" / "watch.md").read_text()
    headings = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert headings == [rule["alert"] for rule in _alerts()]
    for rule in _alerts():
        assert rule["annotations"]["runbook"] == f"docs/watch.md#{rule['alert'].lower()}"


def test_the_page_lists_every_figure_with_its_labels() -> None:
    page = (ROOT / "docs" / "watch.md").read_text()
    for figure in FIGURES:
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{figure.name}`")]
        assert all(f"`{label}`" in line for label in figure.labels), line
