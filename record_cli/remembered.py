"""The commands on a service's runs: `record runs`, `record show` and `record correct`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rich.progress import track
from rich.table import Column, Table

from record_cli import options
from record_cli.painter import Drawn, drawn_of
from record_cli.progress import StoryProgress
from record_cli.remote import RemotePainter, explained
from record_cli.telling import err, out, save, say, told, trace
from record_cli.trace import table
from record_client import ReCorDClient, Run


def runs(
    limit: options.Limit = 20,
    status: options.StatusOption = None,
    url: options.ServiceUrl = None,
    api_key: options.ApiKey = None,
) -> None:
    """List a service's runs, newest first."""
    whole = (Column(name, no_wrap=True) for name in ("run", "status", "accepted", "took", "method"))
    lines = Table(*whole, "prompt", box=None)
    with told(), explained(), ReCorDClient(url, api_key) as client:
        for run in islice(client.runs(status=status, page=min(limit, 100)), limit):
            lines.add_row(run.id, run.status, _when(run), _took(run), run.method, run.prompt)
    out.print(lines)


def show(
    run: options.RunId,
    output: options.Folder = None,
    picture: options.Picture = 0,
    show_trace: options.ShowTrace = False,
    url: options.ServiceUrl = None,
    api_key: options.ApiKey = None,
) -> None:
    """Tell what became of a run, and save what it left behind."""
    with told(), explained(), ReCorDClient(url, api_key) as client:
        found = client.run(run)
        lines = Table("what", "value", show_header=False)
        for name, value in facts(found):
            lines.add_row(name, value)
        out.print(lines)
        if output is not None:
            for one in track(found.artefacts, "saving", console=err, transient=True):
                client.artefact(run, one.name).save(output)
            say(f"{output}: {len(found.artefacts)} files")
        if found.status != "finished":
            return
        drawn = drawn_of(client.story(run, picture), found.seconds or 0.0)
    _tell(drawn, (output or Path()) / f"{run}.trace.png", show_trace=show_trace)


def correct(
    run: options.RunId,
    box: options.Corrected,
    output: options.Output = Path("out.png"),
    picture: options.Picture = 0,
    show_trace: options.ShowTrace = False,
    steps: options.Steps = None,
    others: options.Others = None,
    url: options.ServiceUrl = None,
    api_key: options.ApiKey = None,
) -> None:
    """Draw a finished run's picture again with its object elsewhere; Ctrl-C stops it.

    No candidate is drawn and no language model is asked: the run's own candidate is corrected.
    """
    settings = options.settings_of(others, steps=steps)
    with told():
        painter = RemotePainter(url, api_key)
        with StoryProgress(err, f"drawing by {painter.name}") as progress:
            drawn = painter.correct(run, box, picture, settings, progress.on_event)
        save(drawn.image, output)
    if show_trace:
        trace(drawn, output.with_suffix(".trace.png"))


def facts(run: Run) -> Iterator[tuple[str, str]]:
    """Name and value of what is known of any run."""
    yield "run", run.id
    yield "status", f"{run.status}, degraded" if run.degraded else run.status
    yield "accepted", _when(run)
    if run.parent is not None:
        yield "corrects", run.parent
    if run.attempts > 1:
        yield "attempts", str(run.attempts)
    if run.error is not None:
        yield "error", str(run.error.get("message"))
    if run.status != "finished":
        yield "prompt", run.prompt
        yield "method", run.method
    yield "left behind", f"{len(run.artefacts)} files"


def _tell(drawn: Drawn, path: Path, *, show_trace: bool) -> None:
    if show_trace:
        trace(drawn, path)
    else:
        out.print(table(drawn))


def _when(run: Run) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))


def _took(run: Run) -> str:
    return "" if run.seconds is None else f"{run.seconds:.1f} s"
