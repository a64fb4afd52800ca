"""What a latent diffusion checkpoint offers the engine: encode, denoise, decode (SD 1.x, 2.x, XL)."""

from record.backbone.conditioning import Conditioning, TokenRoles
from record.backbone.model import Backbone
from record.backbone.schedule import Schedule

__all__ = ["Backbone", "Conditioning", "Schedule", "TokenRoles"]
