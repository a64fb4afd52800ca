"""A small Stable Diffusion of the real architecture, trained from scratch on the drawn world."""
