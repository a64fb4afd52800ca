"""What a message shows of somebody's input: enough to know it again, and no more."""

MOST = 80
"""Characters."""


def cut(text: str) -> str:
    """`text`, or its beginning and three dots where it is longer than `MOST` characters."""
    return text if len(text) <= MOST else f"{text[: MOST - 3]}..."


def shown(value: object) -> str:
    """Any value as Python writes it, cut."""
    return cut(repr(value))
