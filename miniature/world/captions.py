"""The sentences that go with a picture."""

from __future__ import annotations

import random

from miniature.world.vocabulary import with_article

_INTERACTION = (
    "a {subject} is {verb} {object}",
    "a {subject} is {verb} {object}",
    "a {subject} is {verb} {object}",
    "a {subject} {verb} {object}",
    "the {subject} is {verb} {object}",
    "a photo of a {subject} {verb} {object}",
)
_AND = (
    "a {subject} and {object}",
    "a {subject} with {object}",
    "a {subject} next to {object}",
    "{object} and a {subject}",
)
_OBJECT = ("{object}", "a photo of {object}", "a picture of {object}")
_PERSON = ("a {subject}", "a photo of a {subject}", "a picture of a {subject}")
_POSE = ("a {subject} is {verb}", "a {subject} is {verb}", "a {subject} {verb}", "the {subject} is {verb}")
_TEMPLATES = {"interaction": _INTERACTION, "and": _AND, "object": _OBJECT, "person": _PERSON, "pose": _POSE}
_SCENE_SHARE = 0.4


def caption(rng: random.Random, kind: str, subject: str, verb: str, thing: str, scene: str) -> str:
    """Say what a picture shows; a pose names the verb's first word only ("sitting")."""
    template = rng.choice(_TEMPLATES[kind])
    said = verb.split()[0] if kind == "pose" else verb
    text = template.format(subject=subject, verb=said, object=with_article(thing) if thing else "")
    return f"{text} {scene}" if rng.random() < _SCENE_SHARE else text
