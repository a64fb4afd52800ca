"""The table, and a sheet of pictures."""

from __future__ import annotations

import statistics as median_of
from collections.abc import Callable, Mapping, Sequence

from PIL import Image
from rich import box
from rich.table import Table

from benchmarks.quality.results import Result, Results
from benchmarks.quality.statistics import Estimate, mean, share
from benchmarks.quality.worker import Task
from record.pictures.drawing import FOUND, WANTED, captioned, fitted, framed, sheet, words

TILE = 160
COLUMNS: dict[str, Callable[[Sequence[Result]], str]] = {
    "both %": lambda some: percent(share([r.rank == 1 for r in some])),
    "verb %": lambda some: percent(share([r.verb_right for r in some])),
    "object %": lambda some: percent(share([r.object_right for r in some])),
    "top-3 %": lambda some: percent(share([r.rank <= 3 for r in some])),
    "whole %": lambda some: percent(share([r.is_whole for r in some])),
    "IoU, relation": lambda some: number(mean([r.relation_iou for r in some if r.relation_iou is not None])),
    "IoU, asked": lambda some: number(mean([r.asked_iou for r in some if r.asked_iou is not None])),
    "corrected %": lambda some: f"{100 * sum(r.is_corrected for r in some) / len(some):.0f}",
    "row-steps": lambda some: f"{median_of.median(r.row_steps for r in some):.0f}",
    "seconds": lambda some: f"{median_of.median(r.seconds for r in some):.1f}",
}


def percent(found: Estimate | None) -> str:
    """Mean and interval in per cent."""
    return f"{100 * found.mean:.0f} ({100 * found.low:.0f}-{100 * found.high:.0f})" if found else "-"


def number(found: Estimate | None) -> str:
    """Mean and interval with two places."""
    return f"{found.mean:.2f} ({found.low:.2f}-{found.high:.2f})" if found else "-"


def points(found: Estimate | None) -> str:
    """A difference of shares and its interval, in percentage points."""
    return f"{100 * found.mean:+.0f} ({100 * found.low:+.0f} to {100 * found.high:+.0f})" if found else "-"


def gain(some: Sequence[Result], base: Sequence[Result]) -> Estimate | None:
    """Mean difference in both right to another row, over the sentences and seeds that both have drawn."""
    before = {(result.text, result.seed): result.rank == 1 for result in base}
    names = [((result.text, result.seed), result.rank == 1) for result in some]
    return mean([float(now) - before[name] for name, now in names if name in before])


def table(
    found: Mapping[str, Sequence[Result]], groups: Sequence[str], title: str, against: str = ""
) -> Table:
    """A line for each row and group, "both" also as the gain over row `against`; empty rows are left out."""
    base = found.get(against, ())
    shown = Table("row", "pairs", "n", *COLUMNS, title=title, box=box.MARKDOWN)
    if base:
        shown.add_column(f"both over {against}")
    for name, results in found.items():
        for group in ("all", *groups) if len(groups) > 1 else groups:
            some = [result for result in results if group in ("all", result.group)]
            if some:
                gained = (points(gain(some, base)),) if base else ()
                cells = (cell(some) for cell in COLUMNS.values())
                shown.add_row(name, group, str(len(some)), *cells, *gained)
    return shown


def contact_sheet(
    planned: Mapping[str, Sequence[Task]], results: Results, tiles: int, across: int = 0
) -> Image.Image:
    """A column for each row, a line for each of the first cases; what is right has a green frame.

    Turned round where cases stand beside one another, `across` of them in a band.
    """
    asked = list(zip(*planned.values(), strict=True))[:tiles]
    drawn = [[_tile(results, task) for task in tasks] for tasks in asked]
    said = [words(tasks[0].case.text, TILE) for tasks in asked]
    if not across:
        lines = [[text, *line] for text, line in zip(said, drawn, strict=True)]
        heads = (captioned(*one) for one in zip(lines[0], ["", *planned], strict=True))
        return sheet([list(heads), *lines[1:]])
    names = [words("", TILE), *(words(name, TILE) for name in planned)]
    beside = [[text, *line] for text, line in zip(map(_low, said), drawn, strict=True)]
    narrow = [_narrow(_low(names[0])), *map(_narrow, names[1:])]
    bands = ([narrow, *beside[first : first + across]] for first in range(0, len(beside), across))
    return sheet([line for band in bands for line in zip(*band, strict=True)])


def _low(tile: Image.Image) -> Image.Image:
    """The middle of a tile of words, a third as high."""
    return tile.crop((0, tile.height // 3, tile.width, 2 * tile.height // 3))


def _narrow(tile: Image.Image) -> Image.Image:
    """The middle of a tile of a word, half as wide."""
    return tile.crop((tile.width // 4, 0, 3 * tile.width // 4, tile.height))


def _tile(results: Results, task: Task) -> Image.Image:
    result = results.get(task.key)
    if result is None:
        return words("-", TILE)
    with Image.open(results.picture(task.key)) as picture:
        return framed(fitted(picture, TILE), WANTED if result.rank == 1 else FOUND)
