"""Jobs as keys: equal ones are one, in every process; anything a picture depends on tells them apart."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from record.fingerprint import fingerprint
from record.geometry import Box
from record.job import Job, Reference, Resume
from record.reading.prompt import Triplet, parse
from record.settings import Drawing, Settings
from tests.house import ROOT

TEXT = "a woman is kicking a ball"
MASK = np.eye(8, dtype=bool)


def job(**changes: Any) -> Job:
    """A job with every part, its arrays made anew each time."""
    held = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    reference = Reference(Box(0, 0, 0.5, 1), MASK.copy(), held, held.T.copy())
    resume = Resume(3, np.ones((1, 4, 2, 2), np.float32))
    whole = Job(parse(TEXT), 3, Drawing(steps=9), Box(0.1, 0.2, 0.3, 0.4), reference, 5, resume)
    return replace(whole, **changes)


def test_equal_jobs_are_one() -> None:
    assert job() is not job() and job() == job() and len({job(), job()}) == 1
    assert job().key == job().key and len(job().key) == 64
    assert pickle.loads(pickle.dumps(job())) == job()
    assert job().reference == job().reference and hash(job().resume) == hash(job().resume)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": parse("a woman is kicking a box")},
        {"prompt": parse("a woman is kicking a ball", Triplet("woman", "is kicking", "ball"))},
        {"seed": 4},
        {"drawing": Drawing(steps=10)},
        {"drawing": Drawing(steps=9, method="plain")},
        {"drawing": Drawing(steps=9, bootstrapped_share=0.8)},
        {"box": None},
        {"box": Box(0.1, 0.2, 0.3, 0.5)},
        {"reference": Reference()},
        {"reference": Reference(Box(0, 0, 0.5, 1), ~MASK)},
        {"reference": Reference(Box(0, 0, 0.5, 1), MASK.astype(np.uint8))},
        {"stop_after": None},
        {"resume": None},
        {"resume": Resume(3, np.zeros((1, 4, 2, 2), np.float32))},
        {"resume": Resume(3, np.ones((1, 4, 4, 1), np.float32))},
        {"resume": Resume(4, np.ones((1, 4, 2, 2), np.float32))},
    ],
)
def test_what_a_picture_depends_on_makes_another_job(changes: dict[str, Any]) -> None:
    assert job(**changes) != job() and job(**changes).key != job().key


def test_what_only_the_story_uses_makes_none() -> None:
    asked = {"preset": "default", "seed": 77, "candidates": 2, "strict": True, "keep_iou": 0.1, "steps": 9}
    assert job(drawing=Settings.build(asked).drawing()) == job()
    assert set(Drawing.model_fields) & set(asked) == {"steps"}


def test_a_whole_request_s_settings_are_no_drawing() -> None:
    with pytest.raises(TypeError, match=r"give \.drawing\(\)"):
        Job(parse(TEXT), 3, Settings())


def test_a_number_counts_by_its_value() -> None:
    assert job(box=Box(0, 0, 1, 1)) == job(box=Box(-0.0, 0.0, np.float64(1), np.float32(1)))  # type: ignore[arg-type]
    assert job(seed=np.int64(3)) == job()
    transposed = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    assert fingerprint(transposed) == fingerprint(np.ascontiguousarray(transposed))


def test_what_has_no_fingerprint_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no fingerprint"):
        fingerprint({"part": object()})
    with pytest.raises(ValueError, match="JSON"):
        fingerprint(float("nan"))


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_key_is_the_same_in_every_process(hash_seed: str) -> None:
    code = "from tests.record.test_job import job; print(job().key)"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == job().key
