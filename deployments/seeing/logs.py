"""Log lines that name the run they belong to.

Ray Serve writes the logs, as text or, with `logging_config: {encoding: JSON}`, as JSON lines; a line of a
run begins with its id, and in JSON has it as `run_id` too.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar

log = logging.getLogger("ray.serve")
_run: ContextVar[str] = ContextVar("run", default="")


def belongs_to(run: str) -> None:
    """From here on this task, and those that it starts, work for a run."""
    _run.set(run)


def current_run() -> str:
    """The run that this task works for; "" where it is none."""
    return _run.get()


class NamesRun(logging.Filter):
    """Lets every line through, with its run."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Name the run, once."""
        run = current_run()
        if run and not hasattr(record, "run_id"):
            record.run_id = run
            if run not in record.getMessage():
                record.msg = f"{run}: {record.msg}"
        return True


def install() -> None:
    """Name the run in all that this process logs; more than once does no harm."""
    if not any(isinstance(one, NamesRun) for one in log.filters):
        log.addFilter(NamesRun())
