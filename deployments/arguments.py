"""The arguments of the whole application: unknown keys are refused, with the nearest known name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployments.config import (
    BESIDE,
    AnalysisArgs,
    ConfigError,
    DiffusionArgs,
    ImagesArgs,
    IngressArgs,
    SeeingArgs,
    VlmArgs,
)
from deployments.reserved import SCALING, Reserved
from record.errors import SettingsError
from record.nearest import remedy
from record.settings import Settings
from record.shown import shown
from record.traits import traits_of


class AppArgs(BaseModel):
    """Everything `deployments.app:build` takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    diffusion: DiffusionArgs
    vlm: VlmArgs | None = None
    analysis: AnalysisArgs = AnalysisArgs()
    ingress: IngressArgs = IngressArgs()
    images: ImagesArgs | None = None
    seeing: SeeingArgs = SeeingArgs()
    settings: dict[str, Any] = Field(
        default_factory=dict, description="defaults of every request: fields of record.settings.Settings"
    )

    @property
    def parts(self) -> dict[str, Reserved]:
        """The arguments of every deployment, by its name."""
        parts = {
            "Diffusion": self.diffusion,
            "VLM": self.vlm,
            "Analysis": self.analysis,
            "Ingress": self.ingress,
            "Images": self.images,
        }
        return {name: args for name, args in parts.items() if args is not None}

    def options(self, name: str) -> dict[str, Any]:
        """What Ray Serve is told of a deployment."""
        options = self.parts[name].options(self.ingress.request_timeout_s)
        options["ray_actor_options"]["runtime_env"]["env_vars"].update(self.seeing.environment)
        if name == "Ingress":
            options["max_ongoing_requests"] = self.ingress.max_open + BESIDE
        return options

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Check `given`; ConfigError names the first thing that is wrong."""
        try:
            checked = cls.model_validate(dict(given))
            settings = Settings.build(checked.settings)
        except ValidationError as error:
            raise ConfigError(_explain(error)) from error
        except SettingsError as error:
            raise ConfigError(f"settings: {error}") from error
        if traits_of(settings.method).is_drawn_elsewhere and checked.images is None:
            raise ConfigError(
                f"settings: method={settings.method!r} needs an images section with model and base_url"
            )
        return checked


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        # a group as a whole is not shown: it is long, and may hold the database's password
        is_plain = isinstance(first["input"], str | int | float | None)
        value = f"={shown(first['input'])}" if is_plain else ""
        return f"{where or 'args'}{value}: {first['msg'].lower()}"
    if first["loc"][-1] in {*SCALING, *SCALING["autoscaling_config"]}:
        return (
            f"{where!r} is a bound: write it under deployments: of the application, beside args, as in "
            "{name: Diffusion, autoscaling_config: {min_replicas: 1, max_replicas: 2}}"
        )
    known = _known_at(first["loc"][:-1])
    return f"unknown key {where!r}: {remedy(str(first['loc'][-1]), known, 'keys', likeness=0.5)}"


def _known_at(path: tuple[int | str, ...]) -> list[str]:
    """The keys that a group has, or at the top the groups."""
    if not path:
        return list(AppArgs.model_fields)
    group = AppArgs.model_fields[str(path[0])].annotation
    kinds = [kind for kind in (group, *get_args(group)) if hasattr(kind, "model_fields")]
    return [name for kind in kinds for name in kind.model_fields]
