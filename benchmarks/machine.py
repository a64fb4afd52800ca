"""The machine in words, for the last line of a benchmark."""

from record.backbone.precision import processor as machine

__all__ = ["machine"]
