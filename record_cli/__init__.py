"""The `record` command: pictures from a terminal, drawn in this process or by a running service."""
