"""The studio over a cast without models, to work on the page: `python -m tests.studio [PORT]`."""

from __future__ import annotations

import sys

from tests.studio.cast import World
from tests.studio.serving import served

if __name__ == "__main__":
    with served(World(pause_s=0.25), port=int(sys.argv[1]) if len(sys.argv) > 1 else 8010) as service:
        print(f"{service.url} until Ctrl-C")
        try:
            while input():
                pass
        except (EOFError, KeyboardInterrupt):
            pass
