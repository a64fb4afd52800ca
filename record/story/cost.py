"""What a request costs before it is drawn, in row-steps, and what of it a budget leaves. No torch here.

One row-step is one row of a UNet call for one step. A strand that is guided without a classifier has
two rows (unconditional and conditional), one that is not has one; a guided descent is one row's
forward and its backward, counted as `DESCENT` row-steps. What may end early is counted to its end, so
a story never costs more. Encoding, decoding, looking and asking are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from record.errors import SettingsError
from record.settings import Drawing, Settings
from record.traits import Traits, traits_of

DESCENT = 2
"""Row-steps of one guided descent: a forward that ends after the last map read, and its backward.

In whole rows half a UNet and twice that, 1.5, where much work lies beyond the maps as in Stable
Diffusion; 2.3 were measured with the shipped checkpoint (one thread, float32).
"""
PAPER_STEPS = 50
EXCITED = (0, 10, 20)
LMD_DESCENTS = (4,) * 5 + (3,) * 5 + (2,) * 10 + (1,) * 10
REFINEMENTS = 20
"""These four as in the methods' papers; tests hold them against the methods themselves."""


@dataclass(frozen=True)
class Work:
    """What one step takes: rows of the UNet call without gradients, and guided descents before it."""

    rows: int = 2
    descents: int = 0

    @property
    def row_steps(self) -> int:
        """Both in one number."""
        return self.rows + DESCENT * self.descents


@dataclass(frozen=True)
class Plan:
    """How much of a request is drawn: whole stories, candidates and corrections of each, and its cost."""

    stories: int
    candidates: int
    corrections: int
    row_steps: int


def row_steps(settings: Settings, traits: Traits, *, has_box: bool = False, can_judge: bool = True) -> int:
    """The most row-steps that a request takes, within its budget.

    `has_box` is a request whose caller gave the object's box, `can_judge` a reasoner that can look
    again: where that is unknown, it costs most with one that can. Raises as `plan` does.
    """
    return plan(settings, traits, has_box=has_box, can_judge=can_judge).row_steps


def plan(settings: Settings, traits: Traits, *, has_box: bool = False, can_judge: bool = True) -> Plan:
    """What is drawn of a request: all that was asked for, or as much as `settings.row_steps` allow.

    Where the budget is short, whole stories are left out first, then corrections beyond the first,
    then candidates beyond the first, then the correction. SettingsError where no picture fits.
    """
    judged = settings.look_again and can_judge
    stories = settings.best_of if judged else 1
    candidates = settings.candidates if traits.proposes else 1
    corrections = 0
    if traits.proposes and settings.correction:
        corrections = settings.corrections if judged else 1
    wanted = Plan(stories, candidates, corrections, 0)
    for tried in _less_and_less(wanted):
        cost = tried.stories * _story(settings, traits, tried, has_box=has_box, judged=judged)
        if not settings.row_steps or cost <= settings.row_steps:
            return replace(tried, row_steps=cost)
    raise SettingsError(
        f"row_steps={settings.row_steps}: one picture of this request takes {cost}, give at least those",
        param="row_steps",
    )


def _less_and_less(wanted: Plan) -> Iterator[Plan]:
    yield wanted
    for stories in range(wanted.stories - 1, 0, -1):
        yield (wanted := replace(wanted, stories=stories))
    for corrections in range(wanted.corrections - 1, 0, -1):
        yield (wanted := replace(wanted, corrections=corrections))
    for candidates in range(wanted.candidates - 1, 0, -1):
        yield (wanted := replace(wanted, candidates=candidates))
    if wanted.corrections:
        yield replace(wanted, corrections=0)


def _story(settings: Settings, traits: Traits, tried: Plan, *, has_box: bool, judged: bool) -> int:
    drawing, steps = settings.drawing(), settings.steps
    if traits.proposes:
        early = min(settings.candidate_steps or steps, steps)
        finish = trajectory(drawing, start=early)
        corrected = tried.corrections * trajectory(drawing, box=True, person=True)
        last = corrected + finish if judged and tried.corrections else max(corrected, finish)
        return tried.candidates * trajectory(drawing, stop=early) + last
    if not traits.needs_box:
        return trajectory(drawing, box=has_box)
    is_drafted = not has_box or traits.needs_person
    draft = trajectory(drawing.model_copy(update={"method": "plain"})) if is_drafted else 0
    return draft + trajectory(drawing, box=True, person=is_drafted)


def trajectory(
    drawing: Drawing, *, box: bool = False, person: bool = False, start: int = 0, stop: int | None = None
) -> int:
    """Row-steps of one trajectory from step `start` to `stop` (None: the last one).

    `box` is one that places the object, `person` one that knows the person's box as well.
    """
    steps = range(start, drawing.steps if stop is None else min(stop, drawing.steps))
    return sum(work(step, drawing, box=box, person=person).row_steps for step in steps)


def work(step: int, drawing: Drawing, *, box: bool = False, person: bool = False) -> Work:
    """What step `step` (0 is the noisiest) takes of a trajectory."""
    traits = traits_of(drawing.method)
    if traits.is_drawn_elsewhere:
        return Work(0)
    counted = _COUNTED.get(drawing.method)
    return Work(traits.rows) if counted is None else counted(step, drawing, box, person)


def _record(step: int, drawing: Drawing, box: bool, person: bool) -> Work:
    is_own = drawing.base_branch == "two_rows"
    is_held = box and _within(step, drawing.hold_pose_share, drawing)
    base_until = _base_until(drawing, is_own)
    if is_held:
        has_base = base_until > 0
    else:
        is_begun = is_own or not _within(step, drawing.self_edit_from, drawing)
        is_same = _within(step, drawing.intransitive_share, drawing) and not (box and is_own)
        has_base = is_begun and _within(step, base_until, drawing) and not is_same
    rows = 2 + (2 if is_own else 1) * has_base + 2 * is_held
    return Work(rows, _excited(step, drawing, drawing.refinements) if box else 0)


def _base_until(drawing: Drawing, is_own: bool) -> float:
    """Share of the steps after which no edit reads a strand of y'."""
    is_cross = drawing.cross_edit and is_own
    is_self = drawing.self_edit and drawing.self_edit_from < drawing.self_edit_until
    return max(drawing.cross_edit_share * is_cross, drawing.self_edit_until * is_self)


def _excited(step: int, drawing: Drawing, refinements: int) -> int:
    if not _within(step, drawing.guided_share, drawing):
        return 0
    refined = {round(one * drawing.steps / PAPER_STEPS) for one in EXCITED}
    return 1 + refinements * (step in refined)


def _attend_and_excite(step: int, drawing: Drawing, box: bool, person: bool) -> Work:
    return Work(2, _excited(step, drawing, REFINEMENTS))


def _boxdiff(step: int, drawing: Drawing, box: bool, person: bool) -> Work:
    return _attend_and_excite(step, drawing, box, person) if box else Work()


def _lmd(step: int, drawing: Drawing, box: bool, person: bool) -> Work:
    index = step * PAPER_STEPS // drawing.steps
    return Work(2, LMD_DESCENTS[index]) if box and index < len(LMD_DESCENTS) else Work()


def _multidiffusion(step: int, drawing: Drawing, box: bool, person: bool) -> Work:
    return Work(1 + 2 * (1 + 1 + person)) if box else Work()


_COUNTED: dict[str, Callable[[int, Drawing, bool, bool], Work]] = {
    "record": _record,
    "attend_and_excite": _attend_and_excite,
    "boxdiff": _boxdiff,
    "lmd": _lmd,
    "multidiffusion": _multidiffusion,
}


def _within(step: int, share: float, drawing: Drawing) -> bool:
    return step < round(share * drawing.steps)
