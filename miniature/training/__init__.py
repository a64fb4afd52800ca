"""What the trainings of diffusion, VLM and judge share."""
