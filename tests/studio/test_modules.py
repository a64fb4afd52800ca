from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "modules"


def test_the_modules_do_what_they_say_without_a_browser() -> None:
    """`node --test` of actions and pure functions over a service that answers as each test says."""
    node = shutil.which("node")
    if node is None:
        say = pytest.fail if os.environ.get("STUDIO_TESTS") == "required" else pytest.skip
        say("there is no node: install Node.js 20 or newer")
    ran = subprocess.run([node, "--test", str(HERE)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
