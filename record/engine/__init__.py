"""The step loop over many trajectories at once: schedule -> guide -> denoise -> update."""
