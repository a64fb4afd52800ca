"""The RayService manifests: profiles put into cluster/template. python -m fleet.manifests writes them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import yaml

from fleet.models import CHECKPOINTS, MIB

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ROOT / "profiles"
CLUSTER = ROOT / "cluster"
ONE_MACHINE = {"laptop", "workstation"}
"""Profiles that need no cluster."""
CROSSINGS = 4
"""Requests' arrays that a node's object store keeps at once for each that runs: sent, read, not yet freed."""
LEAST_MIB = 2048
"""Of a node's object store, whatever is computed."""


def names() -> list[str]:
    """The profiles that are for clusters."""
    return sorted(path.stem for path in PROFILES.glob("*.yaml") if path.stem not in ONE_MACHINE)


def place_of(name: str) -> Path:
    """The file of a profile's manifest."""
    return CLUSTER / f"rayservice-{name}.yaml"


def rendered(name: str) -> str:
    """The manifest of a profile."""
    text = (PROFILES / f"{name}.yaml").read_text(encoding="utf-8")
    (app,) = yaml.safe_load(text)["applications"]
    bounds = {one["name"]: one["autoscaling_config"] for one in app["deployments"]}
    values = {
        "name": name,
        "title": text.partition("\n")[0].removeprefix("# ").rstrip("."),
        "profile": textwrap.indent(_without_heading(text), "    ").rstrip("\n"),
        "shared_bytes": str(_shared_mib(app) * MIB),
        **_drawing(app["args"]["diffusion"], bounds["Diffusion"]),
    }
    language = ""
    if app["args"]["vlm"]["kind"] == "vllm":
        language = _filled("language", _thinking(app["args"]["vlm"], bounds["VLM"]))
    return _filled("rayservice", {**values, "language": language})


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = (CLUSTER / "template" / f"{template}.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _without_heading(text: str) -> str:
    """The profile without the comment that begins it, which speaks of the file."""
    lines = text.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return "".join(lines[first:])


def _drawing(args: Mapping[str, Any], bounds: Mapping[str, int]) -> dict[str, str]:
    """The GPU group: as many painters a pod as have room on one card."""
    a_pod = int(1 / args["num_gpus"])
    return {
        "draws_min": str(math.ceil(bounds["min_replicas"] / a_pod)),
        "draws_max": str(math.ceil(bounds["max_replicas"] / a_pod)),
        "draws_cpus": str(a_pod * args["num_cpus"]),
    }


def _thinking(args: Mapping[str, Any], bounds: Mapping[str, int]) -> dict[str, str]:
    return {
        "thinks_min": str(bounds["min_replicas"]),
        "thinks_max": str(bounds["max_replicas"]),
        "cards": str(args["engine"]["tensor_parallel_size"]),
    }


def _shared_mib(app: Mapping[str, Any]) -> int:
    """MiB of a node's object store, for what crosses replicas of the requests that an edge plays at once."""
    sent = CHECKPOINTS["sdxl" if "xl" in app["args"]["diffusion"]["checkpoint"] else "sd14"].sent_mib
    playing: int = app["args"]["ingress"].get("max_playing", 4)
    return max(LEAST_MIB, math.ceil(CROSSINGS * playing * sent))


def main() -> None:
    """Write every manifest, and say which."""
    for name in names():
        place_of(name).write_text(rendered(name), encoding="utf-8")
        print(place_of(name).relative_to(ROOT))


if __name__ == "__main__":
    main()
