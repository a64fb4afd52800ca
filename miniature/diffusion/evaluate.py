"""The gates: figures that say whether the small model is good enough to serve."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image, ImageDraw

from miniature.diffusion.dataset import SIDE
from miniature.diffusion.sampling import Sampled, Sampler
from miniature.judge import Judge
from miniature.training.pixels import Bytes, psnr, to_bytes, to_tensor
from miniature.world import FREQUENT, RARE, SUBJECTS, UNSEEN, draw, with_article
from record.analysis import PoseEstimator, object_box
from record.analysis.bundle import ensure_pose_bundle
from record.geometry import Box

_PAIRS = {"frequent": FREQUENT, "rare": RARE, "unseen": UNSEEN}
_BATCH = 10


def _people(pictures: Bytes) -> list[bool]:
    poses = PoseEstimator(ensure_pose_bundle())
    found = [poses.find(picture) is not None for picture in pictures]
    poses.close()
    return found


@torch.no_grad()
def evaluate_vae(vae: AutoencoderKL, count: int, *, seed: int = 99) -> float:
    """Share of new drawings' reconstructions in which MediaPipe finds the person; prints it."""
    rng = random.Random(seed)
    drawings = np.stack([draw(rng, kind="interaction").image for _ in range(count)])
    made, errors = [], []
    for first in range(0, count, 20):
        some = to_tensor(drawings[first : first + 20])
        again = vae.decode(vae.encode(some).latent_dist.mean).sample.clamp(-1, 1)
        made.append(to_bytes(again))
        errors.append(float((again - some).pow(2).mean()))
    before, after = np.mean(_people(drawings)), float(np.mean(_people(np.concatenate(made))))
    print(
        f"vae: person found in {before:.1%} of drawings, {after:.1%} of reconstructions; "
        f"{psnr(float(np.mean(errors))):.1f} dB over {count}",
        flush=True,
    )
    return after


def _sample(sampler: Sampler, asked: Sequence[tuple[str, str, str]], steps: int, scale: float) -> Sampled:
    captions = [f"a {who} is {verb} {with_article(thing)}" for who, verb, thing in asked]
    parts = []
    for first in range(0, len(asked), _BATCH):
        last = min(first + _BATCH, len(asked))
        nouns = [thing for _, _, thing in asked[first:last]]
        parts.append(
            sampler.draw(captions[first:last], nouns, list(range(first, last)), steps=steps, scale=scale)
        )
    return Sampled(np.concatenate([p.pictures for p in parts]), np.concatenate([p.maps for p in parts]))


def evaluate_samples(
    folder: Path,
    judge: Path,
    pairs: str,
    *,
    scale: float,
    steps: int,
    rounds: int,
    sheet: Path | None = None,
) -> dict[str, float]:
    """Sample every pair `rounds` times; prints and returns the shares and the mean attention IoU.

    `judge` is the folder of the weights that say which verb is shown and where the object is.
    `attention_iou` compares the Otsu box of the object's map with the judge's box and counts the pictures
    that have one; `pairs` is frequent, rare or unseen.
    """
    chosen = _PAIRS[pairs] * rounds
    asked = [(SUBJECTS[i % len(SUBJECTS)], verb, thing) for i, (verb, thing) in enumerate(chosen)]
    made = _sample(Sampler.of(folder), asked, steps, scale)
    verdicts = Judge.from_pretrained(judge).look(made.pictures)
    boxes = [seen.box(thing) for seen, (_, _, thing) in zip(verdicts, asked, strict=True)]
    verbs = [seen.verb for seen in verdicts]
    people, maps = _people(made.pictures), [object_box(m) for m in made.maps]
    ious = [m.iou(box) if m else 0.0 for m, box in zip(maps, boxes, strict=True) if box]
    figures = {
        "person": float(np.mean(people)),
        "object": float(np.mean([box is not None for box in boxes])),
        "verb": float(np.mean([seen == verb for seen, (_, verb, _) in zip(verbs, asked, strict=True)])),
        "attention_iou": float(np.mean(ious)) if ious else 0.0,
    }
    print(
        f"{pairs} pairs, {len(asked)} samples, {steps} steps, scale {scale:g}: "
        + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()),
        flush=True,
    )
    _print_by(asked, 1, people, boxes, verbs)
    _print_by(asked, 2, people, boxes, verbs)
    if sheet:
        save_sheet(sheet, made.pictures, [" ".join(words) for words in asked], boxes, maps)
    return figures


def _print_by(
    asked: Sequence[tuple[str, str, str]],
    field: int,
    people: list[bool],
    boxes: list[Box | None],
    verbs: list[str],
) -> None:
    groups: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for words, person, box, seen in zip(asked, people, boxes, verbs, strict=True):
        groups[words[field]].append((person, box is not None, seen == words[1]))
    for name, rows in groups.items():
        person, thing, verb = np.mean(rows, axis=0)
        print(f"  {name:13} person {person:.2f} object {thing:.2f} verb {verb:.2f} ({len(rows)})")


def save_sheet(
    path: Path,
    pictures: Bytes,
    titles: Sequence[str],
    boxes: Sequence[Box | None] = (),
    maps: Sequence[Box | None] = (),
    columns: int = 10,
) -> None:
    """Save pictures with titles, detected boxes (red) and attention boxes (green)."""
    wide, high = SIDE + 4, SIDE + 16
    sheet = Image.new("RGB", (wide * columns, high * -(-len(pictures) // columns)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, picture in enumerate(pictures):
        x, y = wide * (i % columns), high * (i // columns)
        sheet.paste(Image.fromarray(picture), (x, y))
        pen.text((x, y + SIDE), titles[i][:24], fill="black")
        for found, colour in ((boxes, "red"), (maps, "lime")):
            box = found[i] if i < len(found) else None
            if box:
                x0, y0, x1, y1 = (v * (SIDE - 1) for v in box.to_list())
                pen.rectangle([x + x0, y + y0, x + x1, y + y1], outline=colour)
    sheet.save(path)
