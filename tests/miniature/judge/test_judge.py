"""The shipped judge, measured on drawings it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from miniature import WEIGHTS
from miniature.diffusion.vae import make_vae
from miniature.judge import Judge, Verdict
from miniature.judge.evaluate import GATE, held_out, measure
from miniature.judge.model import GRID, NO_OBJECT, NO_VERB, Logits, Network
from miniature.judge.samples import draw_samples
from miniature.judge.train import judge_loss
from miniature.world import OBJECTS, VERBS
from record.geometry import Box


def verdict(verb: str, thing: str, sure: float = 0.9) -> Verdict:
    """A verdict that gives `sure` to one verb and one object, and the rest evenly to the others."""
    verbs = np.full(NO_VERB + 1, (1 - sure) / NO_VERB, np.float32)
    objects = np.full(NO_OBJECT + 1, (1 - sure) / NO_OBJECT, np.float32)
    verbs[(*VERBS, "").index(verb)] = objects[(*OBJECTS, "").index(thing)] = sure
    return Verdict(verbs, objects, np.zeros((NO_OBJECT + 1, GRID, GRID), np.float32))


def test_the_shipped_weights_pass_the_gate_on_fresh_drawings() -> None:
    found = measure(Judge.from_pretrained(WEIGHTS / "judge"), held_out(4, seed=404))
    assert found.count == 4 * 77
    assert found.both >= GATE
    assert found.iou > 0.7


def test_the_likeliest_pair_has_rank_one() -> None:
    seen = verdict("kicking", "ball")
    assert (seen.verb, seen.object) == ("kicking", "ball")
    assert seen.rank("kicking", "ball") == 1
    assert seen.rank("kicking", "box") == 2  # as likely as any other object for the same verb
    assert seen.rank("holding", "box") == 22  # behind one sure pair and twenty half-sure ones


def test_a_picture_without_the_object_is_not_right() -> None:
    seen = verdict("kicking", "")
    assert seen.object == ""
    assert seen.rank("kicking", "ball") == 2


def test_a_box_is_the_largest_likely_region() -> None:
    seen = verdict("kicking", "ball")
    seen.cells[OBJECTS.index("ball"), 16:32, 32:48] = 0.9
    seen.cells[OBJECTS.index("ball"), 0:2, 0:2] = 0.9
    assert seen.box("ball") == Box(0.5, 0.25, 0.75, 0.5)
    assert seen.box("box") is None


def test_a_few_cells_are_no_object() -> None:
    seen = verdict("kicking", "ball")
    seen.cells[OBJECTS.index("ball"), 0:2, 0:3] = 0.9
    assert seen.box("ball") is None


def test_saved_weights_judge_the_same(tmp_path: Path) -> None:
    torch.manual_seed(0)
    judge = Judge(Network())
    judge.save_pretrained(tmp_path)
    pictures = np.stack([drawing.image for drawing in held_out(1, seed=1, group="rare")])
    before, after = judge.look(pictures), Judge.from_pretrained(tmp_path).look(pictures)
    assert all(np.allclose(a.verbs, b.verbs, atol=5e-3) for a, b in zip(before, after, strict=True))


def test_a_missing_judge_says_how_to_train_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="python -m miniature.judge train"):
        Judge.from_pretrained(tmp_path)


def test_samples_depend_on_the_seed_alone() -> None:
    one, again, other = (
        draw_samples(300, 0, make_vae(), seed=seed, processes=n) for seed, n in ((1, 1), (1, 2), (2, 1))
    )
    assert np.array_equal(one.pictures, again.pictures)
    assert not np.array_equal(one.pictures, other.pictures)
    present = one.cells != NO_OBJECT
    assert (one.cells[present] == np.repeat(one.objects, present.sum(axis=(1, 2)))).all()


def test_the_loss_falls_to_nothing_for_the_truth_and_rises_for_each_error() -> None:
    data = draw_samples(4, 0, make_vae(), seed=3, processes=1)
    rows = np.arange(4)
    logits = Logits(
        30.0 * F.one_hot(torch.from_numpy(data.verbs), NO_VERB + 1),
        30.0 * F.one_hot(torch.from_numpy(data.objects), NO_OBJECT + 1),
        30.0 * F.one_hot(torch.from_numpy(data.cells).long(), NO_OBJECT + 1).permute(0, 3, 1, 2),
    )
    assert judge_loss(logits, data, rows) < 1e-6
    for part in Logits._fields:
        wrong = logits._replace(**{part: getattr(logits, part).roll(1, dims=1)})
        assert judge_loss(wrong, data, rows) > 10


def test_a_judge_of_other_words_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Judge(Network()).save_pretrained(tmp_path)
    Judge.from_pretrained(tmp_path)
    monkeypatch.setattr("miniature.judge.judge.VERBS", VERBS[::-1])
    with pytest.raises(ValueError, match="other words"):
        Judge.from_pretrained(tmp_path)


def test_the_judges_samples_are_halved_drawings_with_their_truth() -> None:
    made = draw_samples(12, 2, make_vae(), seed=1, processes=1)
    assert made.pictures.shape == (12, 128, 128, 3) and made.cells.shape == (12, 64, 64)
    assert made.verbs.max() <= NO_VERB and made.objects.max() <= NO_OBJECT
    for thing, cells in zip(made.objects, made.cells, strict=True):
        assert set(np.unique(cells)) <= {int(thing), NO_OBJECT}
        assert (cells == thing).any() or thing == NO_OBJECT
