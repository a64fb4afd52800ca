from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, sys
from rich.console import Console
from record_cli.quiet import natives_silenced

err = Console(stderr=True)
with natives_silenced():
    os.write(2, b"native\\n")
    err.print("ours")
    print("printed", file=sys.stderr)
os.write(2, b"native afterwards\\n")
with natives_silenced():
    raise ValueError("told")
"""


def test_native_code_is_silenced_and_python_is_not() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    lines = done.stderr.splitlines()
    assert lines[:3] == ["ours", "printed", "native afterwards"]
    assert lines[-1] == "ValueError: told" and done.returncode == 1
