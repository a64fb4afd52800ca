"""`python -m cli` is `record`."""

from cli.app import app

app(prog_name="record")
