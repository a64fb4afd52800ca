"""serve_config.yaml's import path: arguments in, application out. Wiring only."""

from typing import Any

from ray import serve
from ray.serve.deployment import Application

from deployments.arguments import AppArgs
from deployments.config import ImagesArgs, VlmArgs
from deployments.edge.ingress import Ingress
from deployments.keys import read_keys
from deployments.replicas.analysis import AnalysisReplica
from deployments.replicas.diffusion import DiffusionReplica
from record.reasoning import GENERAL, Dialect, dialect_for


def build(args: dict[str, Any]) -> Application:
    """Wire the deployments together; ConfigError names a key that is unknown or out of range."""
    checked = AppArgs.read(args)
    vlm = build_reasoner(checked.vlm, checked.options("VLM")) if checked.vlm else None
    return wire(checked, DiffusionReplica, AnalysisReplica, vlm)


def wire(checked: AppArgs, painter: type, analyst: type, vlm: Application | None) -> Application:
    """The application over any classes that draw and look; ConfigError for keys that cannot be read."""
    read_keys(checked.ingress)  # so that it fails here and not in a replica
    diffusion = serve.deployment(painter, name="Diffusion", **checked.options("Diffusion"))
    analysis = serve.deployment(analyst, name="Analysis", **checked.options("Analysis"))
    ingress = serve.deployment(Ingress, name="Ingress", **checked.options("Ingress"))
    return ingress.bind(
        checked.ingress,
        diffusion.bind(checked.diffusion),
        analysis.bind(checked.analysis),
        vlm,
        dialect_of(checked.vlm) if checked.vlm else GENERAL,
        build_images(checked.images, checked.options("Images")) if checked.images else None,
        checked.settings,
    )


def dialect_of(args: VlmArgs) -> Dialect:
    """How the model is spoken to: in the coordinates the arguments name, else those its name is known for."""
    return dialect_for(args.dialect, args.model, args.coordinates)


def build_reasoner(args: VlmArgs, options: dict[str, Any]) -> Application:
    """The vision-language model's deployment: vLLM here, or a proxy to an API."""
    if args.kind == "openai":
        from deployments.replicas.proxy import OpenAIProxy

        return serve.deployment(OpenAIProxy, name="VLM", **options).bind(args)
    from deployments.replicas.vlm import build_vlm

    return build_vlm(args, options)


def build_images(args: ImagesArgs, options: dict[str, Any]) -> Application:
    """The deployment that asks another service for pictures."""
    from deployments.replicas.images import ImagesProxy

    return serve.deployment(ImagesProxy, name="Images", **options).bind(args)
