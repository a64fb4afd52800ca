"""A strip of pictures for the README: prompt, plain sample, candidates, pose, boxes, correction.

python -m miniature.showcase docs/showcase.png
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from mediapipe.tasks.python.vision import PoseLandmarksConnections
from PIL import Image, ImageDraw, ImageFont
from rich.progress import track

from miniature import WEIGHTS
from record.events import CandidateAnalysed, ImageReady, LayoutProposed, PoseSelected, Run
from record.geometry import Box
from record.local import ReCorD

TILE, GAP, MARGIN = 128, 6, 26
PROMPTS = (
    "a woman is kicking a ball",
    "a boy is sitting on a chair",
    "a man is lifting a box",
    "a girl is holding an umbrella",
    "a man is pushing a bag",
    "a boy is carrying a chair",
)
BEFORE, AFTER, BONE = (230, 60, 50), (30, 150, 60), (255, 200, 0)


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
        rows.append((text, plain, recorder(text, seed=seed, steps=steps)))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet([row(*one) for one in rows], rows[0][2].settings.candidates).save(target)


def row(text: str, plain: Run, run: Run) -> list[Image.Image]:
    """The tiles of one prompt, from left to right."""
    choice, look = run.find(PoseSelected), run.find(CandidateAnalysed)
    layout, final = run.find(LayoutProposed), run.find(ImageReady)
    index = choice.choice.index if choice else 0
    candidates = [Image.fromarray(c.image) for c in run.candidates]
    chosen = candidates[index]
    before = look.look.object_box if look else None
    after = layout.box if layout else None
    keypoints = look.look.keypoints if look else None
    candidates[index] = framed(chosen, AFTER)
    corrected = run.image if final and final.is_corrected else labelled(run.image, "kept")
    return [
        words(text),
        plain.image,
        *candidates,
        chosen if keypoints is None else with_skeleton(chosen, keypoints),
        with_boxes(chosen, before, after),
        corrected,
    ]


def words(text: str) -> Image.Image:
    """A white tile with the prompt."""
    tile = Image.new("RGB", (TILE, TILE), "white")
    ImageDraw.Draw(tile).multiline_text((4, TILE // 3), "\n".join(textwrap.wrap(text, 16)), "black", font(14))
    return tile


def framed(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The picture in a coloured frame."""
    marked = image.copy()
    ImageDraw.Draw(marked).rectangle((0, 0, image.width - 1, image.height - 1), outline=colour, width=3)
    return marked


def labelled(image: Image.Image, text: str) -> Image.Image:
    """The picture with a word in its corner."""
    marked = image.copy()
    ImageDraw.Draw(marked).text((4, image.height - 16), text, "black", font(12))
    return marked


def with_skeleton(image: Image.Image, keypoints: np.ndarray) -> Image.Image:
    """The picture with the body's bones drawn between its 33 keypoints."""
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    points = [(float(x) * image.width, float(y) * image.height) for x, y, _ in keypoints]
    for bone in PoseLandmarksConnections.POSE_LANDMARKS:
        draw.line((points[bone.start], points[bone.end]), fill=BONE, width=2)
    for x, y in points:
        draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=BEFORE)
    return marked


def with_boxes(image: Image.Image, before: Box | None, after: Box | None) -> Image.Image:
    """The picture with the object's box as found (red) and as proposed (green)."""
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    for box, colour in ((before, BEFORE), (after, AFTER)):
        if box is not None:
            x0, y0, x1, y1 = (v * (image.width - 1) for v in box.to_list())
            draw.rectangle((x0, y0, x1, y1), outline=colour, width=2)
    return marked


def sheet(rows: Sequence[Sequence[Image.Image]], candidates: int) -> Image.Image:
    """All rows under a line of headings."""
    heads = ["", "plain", *(f"candidate {i}" for i in range(candidates)), "chosen pose", "boxes", "corrected"]
    width, height = len(heads) * (TILE + GAP), MARGIN + len(rows) * (TILE + GAP)
    page = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(page)
    for column, head in enumerate(heads):
        draw.text((column * (TILE + GAP) + 4, 6), head, "black", font(13))
    for line, tiles in enumerate(rows):
        for column, tile in enumerate(tiles):
            fitted = tile.resize((TILE, TILE))
            page.paste(fitted, (column * (TILE + GAP), MARGIN + line * (TILE + GAP)))
    return page


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


if __name__ == "__main__":
    typer.run(main)
