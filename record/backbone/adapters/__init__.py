"""Trained additions to a checkpoint that tell its UNet who does what with what, and where.

InteractDiffusion is the one there is. LayoutLLM-T2I (ACM MM 2023) has layers of its own as well, the
relation-aware attention, but no weights in the diffusers layout are published for them: only its
other half, boxes laid out by a language model, can be run here, as method lmd.
"""

from record.backbone.adapters.gated import Adapter
from record.backbone.adapters.interaction import Interaction
from record.backbone.adapters.loading import load_adapter

__all__ = ["Adapter", "Interaction", "load_adapter"]
