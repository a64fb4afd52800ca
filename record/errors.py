"""Every error the package raises on purpose.

    ReCorDError
    |-- InputError           the caller can mend it; carries `param`, the name of the offending field
    |   |-- PromptError      the prompt is empty, too long, or shows no human-object interaction
    |   `-- SettingsError    a setting is unknown or out of its range
    |-- CheckpointError      a model folder or file is missing or does not fit
    |-- ReasoningError       the vision-language model failed, or answered nonsense twice
    |   `-- AwayError        it cannot be reached, or does not answer in time
    |-- TrajectoryError      one picture's denoising failed (not a number, out of memory)
    |   `-- DeadlineError    it was not finished when it was due
    |-- EngineStoppedError   the whole engine failed; another one draws the same picture
    |-- OverloadedError      too much waits already; the same request may be served later
    `-- UpstreamError        a picture asked of another service did not come

A message names the value it refuses and what to do about it.
"""


class ReCorDError(Exception):
    """Base of every error raised on purpose."""

    code = "internal_error"


class InputError(ReCorDError, ValueError):
    """The request cannot be served as it is; `param` names the field to change."""

    code = "invalid_value"

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """Keep `param` and `code` across process borders."""
        return (_rebuild, (type(self), self.message, self.param, self.code))


class PromptError(InputError):
    """The prompt is empty, too long, holds unknown words or shows no interaction."""

    code = "invalid_prompt"


class SettingsError(InputError):
    """A setting is unknown or out of its documented range."""

    code = "invalid_setting"


class CheckpointError(ReCorDError):
    """A model folder or file is missing, or is of a kind this package cannot use."""

    code = "checkpoint_error"


class ReasoningError(ReCorDError):
    """The vision-language model failed, timed out, or answered nonsense after one retry."""

    code = "reasoning_failed"


class AwayError(ReasoningError):
    """The model cannot be reached or does not answer in time: asking again would be no use."""

    code = "reasoner_away"


class TrajectoryError(ReCorDError):
    """One trajectory's denoising failed; others in the same batch go on."""

    code = "trajectory_failed"


class DeadlineError(TrajectoryError):
    """A trajectory was not finished when it was due: nobody waits for it any more."""

    code = "timeout"


class EngineStoppedError(ReCorDError):
    """An engine's device was lost, or its steps hang or fail as a whole; its jobs are for another one."""

    code = "engine_stopped"


class UpstreamError(ReCorDError):
    """Another service was asked for a picture, and refused or failed; the message holds its own."""

    code = "upstream_error"


class OverloadedError(ReCorDError):
    """Too much waits already; `retry_after_s` says when there may be room, where that is known."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the time across process borders."""
        return (_overloaded, (self.message, self.retry_after_s))


def message_in(body: object, otherwise: str, secret: str | None = None) -> str:
    """What another service said, where its error's `body` is in OpenAI's shape; `otherwise` if it is not.

    A `secret` that was sent to it does not come back, even where the service repeats it.
    """
    said = body.get("message") if isinstance(body, dict) else None
    told = str(said or otherwise)
    return told.replace(secret, "[key]") if secret else told


def _overloaded(message: str, retry_after_s: float | None) -> OverloadedError:
    return OverloadedError(message, retry_after_s=retry_after_s)


def _rebuild(kind: type[InputError], message: str, param: str | None, code: str) -> InputError:
    return kind(message, param=param, code=code)
