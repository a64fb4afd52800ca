"""A Stable Diffusion of the real architecture at 256 pixels, trained from scratch on the next drawn world."""
