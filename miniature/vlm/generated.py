"""Does choosing help where it is meant to? On pictures of the small diffusion model.

For every sentence the diffusion model draws five candidates; the judge (which never saw
the vision-language model) says which of them show the verb. The share of right verbs among the chosen
candidates is set against the share among all: what taking any would give.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from miniature.diffusion.sampling import Sampler
from miniature.judge import Judge
from miniature.world import FREQUENT, RARE, SUBJECTS, UNSEEN, with_article
from miniature.world.vocabulary import Pair
from record.errors import ReasoningError
from record.reading.prompt import parse
from record.reasoning.agents import Chat, VisionReasoner

CANDIDATES = 5
PAIRS: dict[str, Sequence[Pair]] = {"frequent": FREQUENT, "rare": RARE, "unseen": UNSEEN}


@dataclass(frozen=True)
class Gain:
    """Shares of right verbs in 0..1: among all candidates, chosen, and at best (any of the five right)."""

    sentences: int
    all: float
    chosen: float
    best: float
    failures: int

    def __str__(self) -> str:
        """The figures in a line."""
        return (
            f"{self.sentences} sentences: verb right in {self.all:.1%} of the candidates, "
            f"{self.chosen:.1%} of the chosen, {self.best:.1%} at best; {self.failures} without an answer"
        )


async def gain(
    chat: Chat, sampler: Sampler, judge: Judge, pairs: Sequence[Pair], sentences: int, seed: int = 5
) -> Gain:
    """Draw and choose for `sentences` interactions of `pairs`; without an answer the first is taken."""
    rng, reasoner = random.Random(seed), VisionReasoner(chat)
    total, chosen, best, failures = 0, 0, 0, 0
    for _ in range(sentences):
        verb, thing = rng.choice(pairs)
        sentence = f"a {rng.choice(SUBJECTS)} is {verb} {with_article(thing)}"
        seeds = [rng.getrandbits(31) for _ in range(CANDIDATES)]
        pictures = sampler.draw([sentence] * CANDIDATES, [thing] * CANDIDATES, seeds).pictures
        right = [seen.verb == verb for seen in judge.look(pictures)]
        index = 0
        try:
            index = (await reasoner.select(parse(sentence), list(pictures))).index
        except ReasoningError:
            failures += 1
        total, chosen, best = total + sum(right), chosen + right[index], best + any(right)
    return Gain(sentences, total / sentences / CANDIDATES, chosen / sentences, best / sentences, failures)


def load(diffusion: Path, judge: Path) -> tuple[Sampler, Judge]:
    """The diffusion model's folder and the judge's weights."""
    return Sampler.of(diffusion), Judge.from_pretrained(judge)
