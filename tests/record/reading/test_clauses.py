"""Prompts as people type them: other word orders, other tenses, case, spaces, marks, hyphens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.errors import PromptError
from record.reading.prompt import LONGEST_PROMPT, parse

READINGS = {
    "He's kicking a ball": "He|kicking||ball",
    "HE’S KICKING A BALL": "HE|KICKING||BALL",
    "the boy's kicking a red ball": "boy|kicking||ball",
    "A man's dog is chasing a cat": "man's dog|chasing||cat",
    "two women are carrying a box": "women|carrying||box",
    "two men are each happily holding a box": "men|holding||box",
    "a boy is happily, quickly riding a skateboard": "boy|riding||skateboard",
    "two girls kick a ball": "girls|kick||ball",
    "people ride horses in the park": "people|ride||horses",
    "a man juggles the knives": "man|juggles||knives",
    "the musician tuned their guitar": "musician|tuned||guitar",
    "the surfer rode the waves, feeling the wind": "surfer|rode||waves",
    "a toddler chased after a ball": "toddler|chased|after|ball",
    "a child is learning to ride a bike": "child|ride||bike",
    "a dog can catch a frisbee": "dog|catch||frisbee",
    "a man is sitting and a woman is kicking a ball": "woman|kicking||ball",
    "while a dog is barking, a man is kicking a ball": "man|kicking||ball",
    "a man who is tall is kicking a ball": "man|kicking||ball",
    "a man wearing a hat kicks a ball": "man|wearing||hat",
    "one rainy night a man kicks a ball": "man|kicks||ball",
    "there is a man riding a horse": "man|riding||horse",
    "draw a man kicking a ball": "man|kicking||ball",
    "show me a woman holding an umbrella": "woman|holding||umbrella",
    "a photo of a painting of a man riding a horse": "man|riding||horse",
    "a cowboy, riding a horse": "cowboy|riding||horse",
    "man riding horse": "man|riding||horse",
    'a man is "kicking" a ball': "man|kicking||ball",
    "a dog is lying on its back": "dog|lying|on|back",
    "a book is lying open on a coffee table": "book|lying|on|coffee table",
    "a couple is walking hand in hand on the beach": "couple|walking|on|beach",
    "a woman is kicking a beautifully painted vase": "woman|kicking||painted vase",
    "a man is sitting on a very old wooden chair": "man|sitting|on|chair",
    "a man is riding down a long, winding road": "man|riding|down|road",
    "a woman is holding a paint can": "woman|holding||paint can",
    "a cat is sleeping on a flower bed": "cat|sleeping|on|flower bed",
    "a child is watching a bird fly": "child|watching||bird",
    "a girl is looking at a butterfly perched on a flower": "girl|looking|at|butterfly",
    "a middle-aged person is riding a snow-covered sled": "person|riding||snow-covered sled",
    "a person is talking on phone a cell phone": "person|talking|on phone|cell phone",
    "a man is feeding dogs a bone": "man|feeding||dogs",
}


@pytest.mark.parametrize(("text", "wanted"), READINGS.items())
def test_reads_what_people_type(text: str, wanted: str) -> None:
    prompt = parse(text)
    triplet = prompt.triplet
    assert "|".join((triplet.subject, triplet.verb, triplet.preposition, triplet.object)) == wanted
    assert prompt.intransitive.endswith(triplet.verb)


@pytest.mark.parametrize(
    "text",
    [
        "a couple is cuddled up in front of a cozy fireplace.",
        "a guitar is being played in a park",
        "a person is looking at something",
        "a woman is kissing him",
        "a runner is pushing themselves, feeling their heart",
        "a child is learning to swim",
        "a photo of a person holding",
        "a photo of a person and an airplane",
        "the back of a house",
    ],
)
def test_refuses_what_shows_no_interaction_with_a_thing(text: str) -> None:
    with pytest.raises(PromptError, match="give a triplet"):
        parse(text)


def test_the_refusal_names_the_subject_in_front_of_a_full_stop() -> None:
    with pytest.raises(PromptError, match=r"subject 'guitar', no verb, no object"):
        parse("A guitar is being played.")


@st.composite
def written_carelessly(draw: st.DrawFn) -> tuple[str, str]:
    """A prompt, and the same with other spaces, other case, and marks around it."""
    text = draw(st.sampled_from([text for text in READINGS if '"' not in text]))
    gaps = st.sampled_from([" ", "  ", "\t", "\n", " \u00a0 "])
    careless = "".join(draw(gaps) if char == " " else char for char in text)
    careless = "".join(char.upper() if draw(st.booleans()) else char for char in careless)
    before = draw(st.sampled_from(["", "  ", '"', "…", "Photo: "]))
    after = draw(st.sampled_from(["", ".", "!!", ' "', ", 4k, sharp", " 🎉"]))
    return text, before + careless + after


@given(written_carelessly())
def test_case_spaces_and_marks_change_nothing(texts: tuple[str, str]) -> None:
    plain, careless = parse(texts[0]).triplet, parse(texts[1]).triplet
    for role in ("subject", "verb", "object", "preposition"):
        assert getattr(careless, role).lower().split() == getattr(plain, role).lower().split()


PIECES = """a an the man woman dogs is are being kicking riding king red ed s 's ’s of on in front with and
while , . ! ( ) " - -- hand rode juggles to can photo very ly İ ß é ё 球 🎾 \u200d \u0301""".split()


@given(
    st.text(max_size=LONGEST_PROMPT)
    | st.lists(st.sampled_from(PIECES), max_size=250).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=250).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        prompt = parse(text)
    except PromptError:
        return
    assert prompt.text.startswith(prompt.intransitive)
    for role in ("subject", "verb", "object"):
        start, end = prompt.spans[role]
        assert 0 <= start < end <= len(prompt.text)
        assert prompt.text[start:end] == getattr(prompt.triplet, role)
    assert prompt.spans["subject"][1] <= prompt.spans["verb"][0]
    assert prompt.spans["verb"][1] <= prompt.spans["object"][0]
