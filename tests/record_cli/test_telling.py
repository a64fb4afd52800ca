from __future__ import annotations

from rich.table import Table

from record_cli.telling import out


def test_prompts_and_answers_are_shown_as_they_are() -> None:
    lines = Table()
    lines.add_row("a man is [/b] :key: kicking a ball")
    with out.capture() as shown:
        out.print(lines)
    assert "a man is [/b] :key: kicking a ball" in shown.get()
