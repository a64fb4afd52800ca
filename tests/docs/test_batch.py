"""The page on batches has every column of the manifest, in the words of its field."""

from __future__ import annotations

from batch.rows import Row
from tests.docs.test_links import read


def test_every_column_stands_on_the_page() -> None:
    lines = read("docs/batch.md").splitlines()
    for name, field in Row.model_fields.items():
        assert name == "settings" or f"| `{name}` | {field.description} |" in lines, name
