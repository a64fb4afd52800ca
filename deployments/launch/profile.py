"""serve_config.yaml as a whole: Ray Serve drops keys it does not know, so they are refused here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import isclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingPolicy
from ray.serve.schema import DeploymentSchema, ServeDeploySchema

from deployments.arguments import AppArgs
from deployments.config import ConfigError
from deployments.reserved import SCALING
from record.nearest import remedy


@dataclass(frozen=True)
class Profile:
    """A checked profile: its file, Ray Serve's own part, and our application's arguments."""

    path: Path
    schema: ServeDeploySchema
    args: AppArgs

    @property
    def host(self) -> str:
        """Address the HTTP edge listens on."""
        return str(self.schema.http_options.host)

    @property
    def port(self) -> int:
        """Port the HTTP edge listens on."""
        return int(self.schema.http_options.port)

    def replicas(self, name: str) -> tuple[int, int]:
        """The fewest and the most replicas of a deployment."""
        listed = next((one for one in self.schema.applications[0].deployments if one.name == name), None)
        bounds = {} if listed is None else listed.model_dump(exclude_unset=True)
        scaling = {**SCALING["autoscaling_config"], **(bounds.get("autoscaling_config") or {})}
        fixed = bounds.get("num_replicas")
        if isinstance(fixed, int):
            return fixed, fixed
        return scaling["min_replicas"], scaling["max_replicas"]


def read_profile(path: Path) -> Profile:
    """Read and check a profile; ConfigError says in one line what is wrong with it."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist: name a profile such as serve_config.yaml") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict):
        raise ConfigError(f"{path} holds no keys and values: begin with a copy of serve_config.yaml")
    for line in unknown_keys(ServeDeploySchema, given):
        raise ConfigError(f"{path}: {line}")
    try:
        schema = ServeDeploySchema.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from error
    if len(schema.applications) != 1:
        raise ConfigError(f"{path}: applications: one is started from here, not {len(schema.applications)}")
    profile = Profile(path, schema, AppArgs.read(schema.applications[0].args))
    for line in (*_wrong_bounds(profile), *_wrong_policy(profile)):
        raise ConfigError(f"{path}: {line}")
    return profile


def _wrong_bounds(profile: Profile) -> Iterator[str]:
    """A line for each entry under `deployments:` that fits no deployment, or itself not."""
    for listed in profile.schema.applications[0].deployments:
        if listed.name not in profile.args.parts:
            yield f"deployments: {remedy(listed.name, profile.args.parts, 'names')}"
            continue
        fewest, most = profile.replicas(listed.name)
        if fewest > most:
            yield f"deployments: {listed.name}: min_replicas={fewest} is above max_replicas={most}"
        if listed.name == "Ingress":
            yield from _hidden_health(listed, profile.args.ingress.max_open)


def _wrong_policy(profile: Profile) -> Iterator[str]:
    """A line where the application's policy cannot be made."""
    given = profile.schema.applications[0].autoscaling_policy
    if given is None:
        return
    yield from unknown_keys(AutoscalingPolicy, given, "autoscaling_policy.")
    try:
        policy = AutoscalingPolicy(**given)
        made = policy.get_policy()
        if isclass(made):
            made(**policy.policy_kwargs)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        yield f"autoscaling_policy: {error}"


def _hidden_health(listed: DeploymentSchema, held: int) -> Iterator[str]:
    """A line where the edge's replica could be full of requests that last: the next would wait."""
    ongoing = listed.model_dump(exclude_unset=True).get("max_ongoing_requests")
    if ongoing is not None and ongoing <= held:
        yield (
            f"deployments: Ingress: max_ongoing_requests={ongoing} is not above ingress.max_open={held}, and "
            "/healthz would wait behind open requests: raise the first, or lower the second"
        )


def unknown_keys(model: type[BaseModel], given: dict[str, Any], where: str = "") -> Iterator[str]:
    """A line for every key of `given` that Ray's schema does not have, with the nearest one it has."""
    fields = model.model_fields
    for name, value in given.items():
        if name not in fields:
            yield f"unknown key {where + name!r}: {remedy(name, fields, 'keys')}"
            continue
        inner = _model_in(fields[name].annotation)
        parts = value if isinstance(value, list) else [value]
        if inner is not None:
            for part in parts:
                if isinstance(part, dict):
                    yield from unknown_keys(inner, part, f"{where}{name}.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The pydantic model an annotation is about, through Optional and list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)
