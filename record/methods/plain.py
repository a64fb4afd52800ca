"""Ordinary sampling: none of the hooks."""

from __future__ import annotations

from record.methods.base import Method


class Plain(Method):
    """Classifier-free guidance with DDIM and nothing else."""
