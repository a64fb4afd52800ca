"""A strip of pictures for the README: prompt, plain sample, candidates, pose, boxes, correction.

python -m record_cli.showcase docs/showcase.png
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.progress import track

from record.local import ReCorD
from record.pictures.drawing import (
    FOUND,
    WANTED,
    captioned,
    fitted,
    framed,
    labelled,
    sheet,
    with_boxes,
    with_skeleton,
    words,
)
from record.story.events import CandidateAnalysed, ImageReady, LayoutProposed, PoseSelected
from record.story.run import Run
from record_cli.shipped import WEIGHTS

TILE = 192
PROMPTS = (
    "a woman is kicking a ball",
    "a boy is sitting on a chair",
    "a man is lifting a box",
    "a girl is holding an umbrella",
    "a man is pushing a bag",
    "a boy is carrying a chair",
)


def main(
    target: Annotated[Path, typer.Argument(help="where the PNG goes")],
    prompt: Annotated[list[str] | None, typer.Option(help="a sentence; may be given several times")] = None,
    seed: int = 0,
    steps: int = 50,
) -> None:
    """Draw one row a prompt with the shipped models, and write the PNG."""
    recorder = ReCorD.from_pretrained(WEIGHTS / "diffusion", reasoner=WEIGHTS / "vlm")
    rows = []
    for text in track(prompt or PROMPTS, description="drawing"):
        plain = recorder(text, method="plain", seed=seed, steps=steps)
        rows.append(row(text, plain, recorder(text, seed=seed, steps=steps)))
    heads = ["", "plain", *(f"candidate {i}" for i in range(len(rows[0]) - 5)), "chosen pose", "boxes"]
    rows[0] = [captioned(*one) for one in zip(rows[0], [*heads, "corrected"], strict=True)]
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet(rows).save(target)


def row(text: str, plain: Run, run: Run) -> list[Image.Image]:
    """The tiles of one prompt, from left to right."""
    choice, look = run.find(PoseSelected), run.find(CandidateAnalysed)
    layout, final = run.find(LayoutProposed), run.find(ImageReady)
    index = choice.choice.index if choice else 0
    candidates = [fitted(Image.fromarray(c.image), TILE) for c in run.candidates]
    chosen = candidates[index]
    before = look.look.object_box if look else None
    candidates[index] = framed(chosen)
    picture = fitted(run.image, TILE)
    return [
        words(text, TILE),
        fitted(plain.image, TILE),
        *candidates,
        with_skeleton(chosen, look.look.keypoints if look else None),
        with_boxes(chosen, (before, FOUND), (layout.box if layout else None, WANTED)),
        picture if final and final.is_corrected else labelled(picture, "kept"),
    ]


if __name__ == "__main__":
    typer.run(main)
