from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from miniature.diffusion.tokenizer import make_tokenizer, vocabulary_digest
from miniature.vlm.tokenizer import build
from miniature.vlm.train import read

_PRINT = (
    "from miniature.diffusion.tokenizer import vocabulary_digest; from miniature.vlm.tokenizer import build; "
    "print(vocabulary_digest(build()))"
)


def test_the_numbering_is_the_same_in_every_process() -> None:
    for seed in ("0", "7"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _PRINT]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == vocabulary_digest(build())


def test_a_checkpoint_with_another_vocabulary_is_refused(tmp_path: Path) -> None:
    words, path = build(), tmp_path / "text.pt"
    torch.save({"model": {}, "vocabulary": vocabulary_digest(words)}, path)
    assert read(path, words)["model"] == {}
    torch.save({"model": {}, "vocabulary": vocabulary_digest(make_tokenizer())}, path)
    with pytest.raises(ValueError, match="another vocabulary"):
        read(path, words)
    torch.save({"model": {}}, path)
    with pytest.raises(ValueError, match="not recorded"):
        read(path, words)
