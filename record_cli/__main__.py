"""`python -m record_cli` is `record`."""

from record_cli.app import app

app(prog_name="record")
