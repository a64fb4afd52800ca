from __future__ import annotations

import numpy as np

from miniature import WEIGHTS
from miniature.judge import Judge, labelled
from miniature.judge.labelled import UNCLEAR
from miniature.world import OBJECTS, VERBS


def test_every_picture_has_a_label_of_known_words() -> None:
    pictures, labels = labelled.read()
    assert pictures.shape == (200, 128, 128, 3) and len(labels) == 200
    for label in labels:
        assert label.asked_verb in VERBS and label.asked_object in OBJECTS
        assert label.verb in (*VERBS, "", UNCLEAR) and label.object in (*OBJECTS, "")


def test_the_shipped_judge_agrees_mostly_with_who_looked() -> None:
    found = labelled.agreement(Judge.from_pretrained(WEIGHTS / "judge"))
    assert found.clear > 150
    assert found.verb > 0.8 and found.object > 0.8
    assert np.isclose(found.judged_right, found.labelled_right, atol=0.05)
