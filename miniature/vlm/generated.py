"""Does it choose and judge rightly where it is meant to? On pictures of the small diffusion model.

For every sentence the diffusion model draws five candidates; the judge (which never saw the vision-language
model) says which of them show the verb and which the object. Sentences count for choosing where at least one
candidate is right and one is wrong; every candidate counts for the third question.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from miniature.diffusion.sampling import Sampler
from miniature.judge import Judge
from miniature.judge.judge import Verdict
from miniature.training.pixels import Bytes
from miniature.world import FREQUENT, RARE, SUBJECTS, UNSEEN, with_article
from miniature.world.vocabulary import Pair
from record.errors import ReasoningError
from record.reading.prompt import Prompt, parse
from record.reasoning.agents import Chat, VisionReasoner

CANDIDATES = 5
_SEED = 5
PAIRS: dict[str, Sequence[Pair]] = {"frequent": FREQUENT, "rare": RARE, "unseen": UNSEEN}


@dataclass(frozen=True)
class Gain:
    """Counts over `sentences`: `open` ones have right and wrong candidates, `chosen` of them well.

    `right` of `candidates` show the verb; `agreed` of `asked` answers to the third question (action and
    object) are as the judge's.
    """

    sentences: int = 0
    candidates: int = 0
    right: int = 0
    open: int = 0
    chosen: int = 0
    asked: int = 0
    agreed: int = 0
    failures: int = 0

    def __add__(self, other: Gain) -> Gain:
        return Gain(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def __str__(self) -> str:
        """The figures in a line."""
        return (
            f"{self.sentences} sentences: verb right in {self.right} of {self.candidates} candidates; right "
            f"choice in {self.chosen} of {self.open} with right and wrong ones; third question as the judge "
            f"in {self.agreed} of {self.asked}; {self.failures} without an answer"
        )


async def gain(
    chat: Chat, sampler: Sampler, judge: Judge, pairs: Sequence[Pair], sentences: int, steps: int
) -> Gain:
    """Draw, choose and judge for `sentences` interactions of `pairs`."""
    rng, reasoner, total = random.Random(_SEED), VisionReasoner(chat), Gain()
    for _ in range(sentences):
        verb, thing = rng.choice(pairs)
        sentence = f"a {rng.choice(SUBJECTS)} is {verb} {with_article(thing)}"
        seeds = [rng.getrandbits(31) for _ in range(CANDIDATES)]
        made = sampler.draw([sentence] * CANDIDATES, [thing] * CANDIDATES, seeds, steps=steps)
        seen = judge.look(made.pictures)
        total += await _one(reasoner, parse(sentence), made.pictures, seen, (verb, thing))
    return total


async def _one(
    reasoner: VisionReasoner, prompt: Prompt, pictures: Bytes, seen: Sequence[Verdict], pair: Pair
) -> Gain:
    right = [verdict.verb == pair[0] for verdict in seen]
    is_open = 0 < sum(right) < len(right)
    drawn = Gain(1, len(right), sum(right), int(is_open))
    try:
        index = (await reasoner.select(prompt, list(pictures))).index
        verdicts = await reasoner.judge(prompt, list(pictures))
    except ReasoningError:
        return drawn + Gain(failures=1)
    agreed = sum(v.action_right == r for v, r in zip(verdicts, right, strict=True))
    agreed += sum(v.object_there == (s.object == pair[1]) for v, s in zip(verdicts, seen, strict=True))
    return drawn + Gain(chosen=int(is_open and right[index]), asked=2 * len(right), agreed=agreed)


def load(diffusion: Path, judge: Path) -> tuple[Sampler, Judge]:
    """The diffusion model's folder and the judge's weights."""
    return Sampler.of(diffusion), Judge.from_pretrained(judge)
