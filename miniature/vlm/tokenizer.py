"""The tokenizer: every word, whole number and stretch of JSON that the tasks use is one token.

Words of a sentence carry the space before them. In an answer the fixed stretches of JSON between two
values are one token each, and a pose's name carries the quote and comma behind it, so that an answer
over five pictures is 22 tokens long. Decoding concatenates, so answers survive the round trip exactly.
Words outside the drawn world become `<unk>`.
"""

from __future__ import annotations

import re
import string

from tokenizers import Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

from miniature.world.vocabulary import OBJECTS, VERBS, words
from record.reasoning.schemas import DIRECTIONS, ORIENTATIONS, POSE_TYPES, RELATIONSHIPS

PAD, UNKNOWN, END = "<pad>", "<unk>", "<end_of_utterance>"
USER, ASSISTANT = "<user>", "<assistant>"
IMAGE, IMAGE_EDGE, IMAGE_START = "<image>", "<fake_token_around_image>", "<global-img>"
SPECIAL = (PAD, UNKNOWN, END, USER, ASSISTANT, IMAGE, IMAGE_EDGE, IMAGE_START)

STANDING = "standing"
"""The pose of a person without a verb."""
POSES = (*VERBS, STANDING)
NOTHING = "nothing"
"""Said where no object is in sight."""
THINGS = (*OBJECTS, NOTHING)
NUMBERS = tuple(str(number) for number in range(100))

_JSON = (
    '{"poses": [["',
    '], ["',
    ']], "choice": ["',
    "]}",
    '{"pose": "',
    '"action_right": ',
    ', "object_there": ',
    ', "person_whole": ',
    "true",
    "false",
    '{"pose_type": "',
    '", "body_orientation": "',
    '", "facial_direction": "',
    '", "object_relationship": "',
    '", "object_size": ',
    ', "object_box": [',
    ", ",
)
_ASKED = ("choose:", "mend:", "judge:", "none", " [", "] [", "] ")

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<assistant>' if message['role'] == 'assistant' else '<user>' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}{{ '<image>' }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ '<end_of_utterance>' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)


def vocabulary() -> tuple[str, ...]:
    """Every token, special ones first; a token's id is its place."""
    values = (*POSE_TYPES, *ORIENTATIONS, *DIRECTIONS, *RELATIONSHIPS)
    poses = [f'{name}", ' for name in (*POSES, *THINGS)]
    poses += [f"{pose}, " for pose in POSES]
    spoken = [f" {word}" for word in (*words(), STANDING)]
    single = [c for c in string.punctuation + " \n"]
    return tuple(dict.fromkeys([*SPECIAL, *NUMBERS, *_JSON, *poses, *values, *_ASKED, *spoken, *single]))


def _pattern() -> str:
    """Longest known stretch first; then a number, an unknown word, or a single character."""
    known = [token for token in vocabulary() if token not in (*SPECIAL, *NUMBERS) and len(token) > 1]
    known.sort(key=len, reverse=True)
    stretches = [re.escape(token) + (r"\b" if token[-1].isalpha() else "") for token in known]
    return "|".join([*stretches, r"[1-9][0-9]", r"[0-9]", r" ?[a-z]+", r"[\s\S]"])


def build() -> PreTrainedTokenizerFast:
    """The tokenizer with its chat template."""
    ids = {token: number for number, token in enumerate(vocabulary())}
    core = Tokenizer(WordLevel(ids, unk_token=UNKNOWN))
    core.normalizer = Lowercase()
    core.pre_tokenizer = Split(Regex(_pattern()), "isolated")
    core.decoder = Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        unk_token=UNKNOWN,
        eos_token=END,
        additional_special_tokens=[USER, ASSISTANT, IMAGE, IMAGE_EDGE, IMAGE_START],
        clean_up_tokenization_spaces=False,
        padding_side="right",
        model_max_length=1024,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
