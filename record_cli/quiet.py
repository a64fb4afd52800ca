"""A terminal without the libraries' own chatter."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2


@contextmanager
def natives_silenced() -> Iterator[None]:
    """Drop what native code writes to stderr; Python's own messages still come through.

    MediaPipe logs several lines a start from C++, with no switch that turns them off in time.
    """
    usual = sys.__stderr__
    if usual is None or sys.stderr is not usual:
        yield
        return
    usual.flush()
    kept = os.dup(STDERR)
    with open(os.devnull, "w") as nothing, os.fdopen(kept, "w", buffering=1) as terminal:
        os.dup2(nothing.fileno(), STDERR)
        sys.stderr = terminal
        try:
            yield
        finally:
            terminal.flush()
            sys.stderr = usual
            os.dup2(kept, STDERR)


def quieten_libraries() -> None:
    """No bars and hints of diffusers and transformers among our own."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    for logging in (of_diffusers, of_transformers):
        logging.set_verbosity_error()
        logging.disable_progress_bar()
