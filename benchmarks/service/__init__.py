"""The running service: how long a request takes."""
