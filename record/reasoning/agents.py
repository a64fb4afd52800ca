"""The pose agent, the layout agent and the judge, over anything that can answer a chat request."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeVar

from pydantic import ValidationError

from record.errors import ReasoningError
from record.reading.prompt import Prompt
from record.reasoning.dialect import COMPACT, Dialect
from record.reasoning.heard import Exchange, without_pictures
from record.reasoning.messages import Message, as_sent, judge_messages, layout_messages, pose_messages
from record.reasoning.schemas import (
    LayoutAnswer,
    PoseAnswer,
    VerdictAnswer,
    layout_schema,
    pose_schema,
    response_format,
    verdict_schema,
)
from record.together import together
from record.types import Json, Layout, Look, Picture, PoseChoice, Verdict

MINIMUM_EDGE = 0.01
"""A proposed box must be at least this wide and high, in shares of the picture."""
ANOTHER_TRY = {"temperature": 0.3, "seed": 1}
"""How a question is put again as it is: at temperature 0 the answer would be the same."""
WRONG_HABIT = 1.5
"""Coordinates above so many times the largest one are written in another unit; below, they are clamped."""
Payload = Json
Answer = TypeVar("Answer")


class Chat(Protocol):
    """Anything that answers OpenAI chat-completions requests."""

    async def chat_json(self, payload: Json) -> Json:
        """Take a request body; return a response body, or `{"error": {...}}`.

        AwayError where it is no use to ask again.
        """
        ...


class VisionReasoner:
    """All agents over one chat model. Each asks at most twice, then raises `ReasoningError`.

    Messages hold encoded pictures: they are made in threads, so that nothing else waits for them.
    """

    can_judge = True

    def __init__(
        self, chat: Chat, dialect: Dialect = COMPACT, *, model: str = "vlm", max_tokens: int = 400
    ) -> None:
        self._chat = chat
        self._dialect = dialect
        self._model = model
        self._max_tokens = max_tokens
        self._listen: Callable[[Exchange], None] | None = None

    def heard_by(self, listen: Callable[[Exchange], None]) -> Self:
        """The same agents; what passes between them and the model is told to `listen`."""
        heard = copy.copy(self)
        heard._listen = listen
        return heard

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        """Name every picture's pose, and the picture whose pose fits the prompt's verb best."""
        if not images:
            raise ValueError("the pose agent needs at least one picture, got none")
        messages = await asyncio.to_thread(pose_messages, prompt, images, self._dialect)
        wanted = response_format("poses", pose_schema(len(images), self._dialect.style))
        return await self._ask(messages, wanted, lambda content: read_pose(content, len(images)))

    async def lay_out(self, prompt: Prompt, image: Picture, look: Look) -> Layout:
        """Read the visual attributes and propose the object's box."""
        image = await asyncio.to_thread(as_sent, image, self._dialect)
        height, width = image.shape[:2]
        limit = self._dialect.limit(max(height, width))
        messages = await asyncio.to_thread(layout_messages, prompt, image, look, self._dialect)
        wanted = response_format("layout", layout_schema(limit=limit, whole=self._dialect.whole))
        return await self._ask(messages, wanted, lambda text: read_layout(text, self._dialect, width, height))

    async def judge(self, prompt: Prompt, images: Sequence[Picture]) -> tuple[Verdict, ...]:
        """Say of every picture whether action, object and person are right; a question each, all at once."""
        return tuple(await together(self._judge_one(prompt, image) for image in images))

    async def _judge_one(self, prompt: Prompt, image: Picture) -> Verdict:
        messages = await asyncio.to_thread(judge_messages, prompt, image, self._dialect)
        wanted = response_format("verdict", verdict_schema(self._dialect.style))
        return await self._ask(messages, wanted, read_verdict)

    async def _ask(self, messages: list[Message], wanted: Json, read: Callable[[str], Answer]) -> Answer:
        payload: Payload = {
            "model": self._model,
            "messages": messages,
            "response_format": wanted,
            "temperature": 0,
            "max_tokens": self._max_tokens,
        }
        content, fault = "", ""
        for _ in range(2):
            try:
                content = content_of(await self._chat.chat_json(payload))
                self._tell(wanted, payload, content)
                return read(content)
            except (ValueError, TypeError, LookupError) as error:
                fault = _plain(error)
                payload = self._again(payload, content, fault)
        raise ReasoningError(f"the model gave no usable answer twice; the last was {content!r}: {fault}")

    def _tell(self, wanted: Json, payload: Payload, content: str) -> None:
        if self._listen is not None:
            question = str(wanted["json_schema"]["name"])
            self._listen(Exchange(question, without_pictures(payload["messages"]), content))

    def _again(self, payload: Payload, content: str, fault: str) -> Payload:
        """The second request: the fault is told, where there is an answer and a model that can read it.

        The compact dialect knows its questions and nothing else; it is asked the same again.
        """
        if self._dialect.style == "compact" or not content:
            return {**payload, **ANOTHER_TRY}
        told = [
            {"role": "assistant", "content": content},
            {"role": "user", "content": f"That answer cannot be used: {fault}. Answer again, as JSON only."},
        ]
        return {**payload, "messages": [*payload["messages"], *told]}


def content_of(response: Json) -> str:
    """The answer's text; ValueError says what the model server complained about."""
    if "error" in response:
        raise ValueError(f"the model server answered an error: {response['error']}")
    try:
        choice = response["choices"][0]
        message = choice["message"]
        content = message["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"not a chat-completions response: {str(response)[:200]}") from error
    if message.get("refusal"):
        raise ValueError(f"the model refused: {message['refusal']}")
    if not isinstance(content, str):
        raise ValueError("the answer is empty")
    if choice.get("finish_reason") == "length":
        raise ValueError("the answer was cut off at max_tokens")
    return content


def json_of(content: str) -> str:
    """The JSON object in an answer, without prose or a code fence around it; else the answer itself."""
    start, end = content.find("{"), content.rfind("}")
    return content[start : end + 1] if 0 <= start < end else content


def read_pose(content: str, pictures: int) -> PoseChoice:
    """Check a pose answer over `pictures` pictures; ValueError says what is wrong with it.

    The choice repeats a listed pair. Where its name and number disagree, the first picture that bears
    the name is taken, for the name was reasoned and the number only looked up; if none bears it, the
    number stands.
    """
    answer = PoseAnswer.model_validate_json(json_of(content))
    numbers = [number for _, number in answer.poses]
    if sorted(numbers) != list(range(pictures)):
        raise ValueError(f"poses must name pictures 0 to {pictures - 1} once each, got {numbers}")
    names = {number: name for name, number in answer.poses}
    pose, number = answer.choice
    if names.get(number) != pose:
        number = min((index for index, name in names.items() if name == pose), default=number)
    if number not in names:
        raise ValueError(f"choice {list(answer.choice)} names no picture from 0 to {pictures - 1}")
    poses = tuple(names[index] for index in range(pictures))
    return PoseChoice(index=number, poses=poses, reason=f"picture {number} shows {names[number]}")


def read_layout(content: str, dialect: Dialect, width: int, height: int) -> Layout:
    """Check a layout answer; ValueError says what is wrong with it.

    `object_size` becomes the longer edge as a share of the picture.
    """
    answer = LayoutAnswer.model_validate_json(json_of(content))
    limit = dialect.limit(max(width, height))
    if max(answer.object_box) > WRONG_HABIT * limit:
        raise ValueError(f"object_box {answer.object_box} is out of range; coordinates run from 0 to {limit}")
    box = dialect.read_box(answer.object_box, width, height)
    if box.width < MINIMUM_EDGE or box.height < MINIMUM_EDGE:
        order = f"[left, top, right, bottom], 0 to {limit}"
        raise ValueError(f"object_box {answer.object_box} has no area; give {order}")
    return Layout(
        pose_type=answer.pose_type,
        body_orientation=answer.body_orientation,
        facial_direction=answer.facial_direction,
        object_relationship=answer.object_relationship,
        object_size=answer.object_size / 10,
        object_box=box,
        reason=f"{answer.object_relationship} {answer.pose_type} {answer.body_orientation} person",
    )


def read_verdict(content: str) -> Verdict:
    """Check a judge's answer on one picture; ValueError says what is wrong with it."""
    answer = VerdictAnswer.model_validate_json(json_of(content))
    return Verdict(answer.action_right, answer.object_there, answer.person_whole, answer.pose)


def _plain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return str(error) or type(error).__name__
