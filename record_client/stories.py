"""What led to a picture, as the story's own `Run`: the same as drawing in process gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from record.reading.prompt import Prompt
from record.settings import Settings
from record.story.event import Event
from record.story.run import Run as Story
from record_client.errors import Unreadable
from record_client.events import Accepted, Told, Unknown
from record_client.told import Artefact, File, Run

PNG = "image/png"


def wanted(run: Run, picture: int) -> Iterator[Artefact]:
    """The files that a story is looked at with: all pictures, and no maps."""
    for one in run.artefacts:
        if one.media_type == PNG and one.name.startswith(f"{picture}/"):
            yield one


def story_of(run: Run, told: Iterable[Told], files: Iterable[File], picture: int) -> Story:
    """The story of one picture; Unreadable where the service tells of settings that are not known here."""
    head = f"{picture}/"
    arrays = {file.name.removeprefix(head).rpartition(".")[0]: file.array() for file in files}
    try:
        events = [Event.from_json(one.event.to_json(), arrays) for one in _last_attempt(told, picture)]
        order = run.order or {}
        settings = Settings.build(order["settings"][picture])
        return Story(run.id, Prompt.from_json(order["prompt"]), settings, events)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Unreadable(f"picture {picture} of run {run.id} cannot be read: {error}") from error


def _last_attempt(told: Iterable[Told], picture: int) -> list[Told]:
    ours = [one for one in told if not isinstance(one.event, Accepted | Unknown) and one.picture == picture]
    last = max((one.attempt for one in ours), default=0)
    return [one for one in ours if one.attempt == last]
