"""The gates: figures that say whether the small models are good enough to serve."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image, ImageDraw

from miniature.diffusion.sampling import Sampled, Sampler
from miniature.judge import Judge, Verdict
from miniature.judge.evaluate import GROUPS
from miniature.training.pixels import Bytes, psnr, to_bytes, to_tensor
from miniature.world import SUBJECTS, draw, with_article
from record.analysis import PoseEstimator, object_box
from record.analysis.bundle import ensure_pose_bundle

_BATCH = 8


@dataclass(frozen=True)
class Asked:
    """How to sample: pictures of every pair, denoising steps and guidance scale."""

    rounds: int
    steps: int
    scale: float


def _people(pictures: Bytes) -> list[bool]:
    poses = PoseEstimator(ensure_pose_bundle())
    found = [poses.find(picture) is not None for picture in pictures]
    poses.close()
    return found


@torch.no_grad()
def evaluate_vae(vae: AutoencoderKL, count: int, *, seed: int = 99, sheet: Path | None = None) -> float:
    """Share of new drawings' reconstructions in which MediaPipe finds the person; prints it and the dB."""
    rng = random.Random(seed)
    drawings = np.stack([draw(rng, kind="interaction").image for _ in range(count)])
    made, errors = [], []
    for first in range(0, count, 4):
        some = to_tensor(drawings[first : first + 4])
        again = vae.decode(vae.encode(some).latent_dist.mean).sample.clamp(-1, 1)
        made.append(to_bytes(again))
        errors.append(float((again - some).pow(2).mean()))
    pictures = np.concatenate(made)
    before, after = np.mean(_people(drawings)), float(np.mean(_people(pictures)))
    print(
        f"vae: person found in {before:.1%} of drawings, {after:.1%} of reconstructions; "
        f"{psnr(float(np.mean(errors))):.1f} dB over {count}",
        flush=True,
    )
    if sheet:
        rows = [np.concatenate([*some], axis=1) for some in (drawings[:8], pictures[:8])]
        Image.fromarray(np.concatenate(rows)).save(sheet)
    return after


@dataclass(frozen=True)
class Row:
    """One sampled picture: what was asked for and what was found."""

    group: str
    subject: str
    verb: str
    thing: str
    verb_right: bool
    object_seen: bool
    person: bool
    iou: float | None

    @property
    def both(self) -> bool:
        """Verb right and object seen; the verb only where no object was asked for."""
        return self.verb_right and (self.object_seen or not self.thing)


def _sample(sampler: Sampler, words: Sequence[tuple[str, str, str]], seed: int, asked: Asked) -> Sampled:
    captions = [
        f"a {who} is {verb} {with_article(thing)}" if thing else f"a {who} is {verb.split()[0]}"
        for who, verb, thing in words
    ]
    parts = []
    for first in range(0, len(words), _BATCH):
        last = min(first + _BATCH, len(words))
        nouns, seeds = [thing for _, _, thing in words[first:last]], list(range(seed + first, seed + last))
        part = sampler.draw(captions[first:last], nouns, seeds, steps=asked.steps, scale=asked.scale)
        parts.append(part)
    return Sampled(np.concatenate([p.pictures for p in parts]), np.concatenate([p.maps for p in parts]))


def _row(
    group: str, words: tuple[str, str, str], verdict: Verdict, person: bool, attended: np.ndarray
) -> Row:
    who, verb, thing = words
    box = verdict.box(thing) if thing else None
    found = object_box(attended) if thing else None
    iou = (found.iou(box) if found else 0.0) if box else None
    return Row(group, who, verb, thing, verdict.verb == verb, box is not None, person, iou)


def evaluate_samples(folder: Path, judge: Path, asked: Asked, *, sheet: Path | None = None) -> list[Row]:
    """Sample every pair and every verb alone; prints shares by group and by word, and returns the rows.

    `sheet` is a folder for one PNG a group.
    """
    sampler, looker, rows = Sampler.of(folder), Judge.from_pretrained(judge), []
    for number, (group, pairs) in enumerate(GROUPS.items()):
        chosen = list(pairs) * asked.rounds * (2 if group == "alone" else 1)
        words = [(SUBJECTS[(i + i // 4) % 4], verb, thing) for i, (verb, thing) in enumerate(chosen)]
        made = _sample(sampler, words, 1000 * number, asked)
        verdicts, people = looker.look(made.pictures), _people(made.pictures)
        parts = zip(words, verdicts, people, made.maps, strict=True)
        some = [_row(group, *part) for part in parts]
        rows += some
        print(_summary(group, some), flush=True)
        if sheet:
            sheet.mkdir(parents=True, exist_ok=True)
            titles = [
                f"{' '.join(w).strip()} / {v.verb} {v.object}" for w, v in zip(words, verdicts, strict=True)
            ]
            save_sheet(sheet / f"{group}.png", made.pictures, titles)
    for field in ("subject", "verb", "thing"):
        _print_by(field, rows)
    return rows


def _summary(name: str, rows: Sequence[Row]) -> str:
    ious = [row.iou for row in rows if row.iou is not None]
    figures = {
        "verb": np.mean([row.verb_right for row in rows]),
        "object": np.mean([row.object_seen for row in rows]),
        "both": np.mean([row.both for row in rows]),
        "person": np.mean([row.person for row in rows]),
        "attention IoU": np.mean(ious) if ious else float("nan"),
    }
    told = ", ".join(f"{key} {value:.2f}" for key, value in figures.items())
    return f"{name:13} {told} ({len(rows)})"


def _print_by(field: str, rows: Sequence[Row]) -> None:
    """A table of the frequent pairs by one word."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.group == "frequent":
            groups[getattr(row, field)].append(row)
    print(f"frequent pairs by {field}:")
    for name, some in sorted(groups.items()):
        print("  " + _summary(name, some), flush=True)


def save_sheet(path: Path, pictures: Bytes, titles: Sequence[str], columns: int = 8) -> None:
    """Save pictures of 256 pixels with titles below."""
    side = pictures.shape[1]
    sheet = Image.new("RGB", (side * columns, (side + 14) * -(-len(pictures) // columns)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (picture, title) in enumerate(zip(pictures, titles, strict=True)):
        x, y = side * (i % columns), (side + 14) * (i // columns)
        sheet.paste(Image.fromarray(picture), (x, y))
        pen.text((x + 2, y + side), title[:44], fill="black")
    sheet.save(path)
