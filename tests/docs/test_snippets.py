"""What the pages give to be typed or copied is right as far as can be told without running it.

Python compiles, and what it imports is there; commands are taken by the parsers of the programs that they
name; configuration is what the application takes.
"""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import typer
import yaml
from ray.serve.schema import ServeApplicationSchema

from deployments.arguments import AppArgs
from deployments.scaling.policy import ByWork
from record_cli.app import app
from tests.docs.test_links import CODE, PAGES, ROOT, read

FENCED = re.compile(r"^```(\w+)\n(.*?)^``` *$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^(?: {4,}\S.*| *)\n)+", re.MULTILINE)
PROGRAM = re.compile(r"^(?:record|serve|ray|python3? -m [\w.]+)(?: |$)")
OPTION = re.compile(r"(?<!\S)--?[a-z][\w-]*")
OUR_PATHS = re.compile(r"(?<![\w/.~-])(?:cluster|profiles|docs|miniature)/[\w./-]*\w")
OWN_PARSERS = ("benchmarks", "fleet", "miniature")
"""Packages whose modules' commands are made by Typer, where they take anything at all."""

Parser = Callable[[list[str]], object]


def fenced(page: str, language: str) -> list[str]:
    """The blocks of a language."""
    return [textwrap.dedent(text) for kind, text in FENCED.findall(read(page)) if kind == language]


def indented(page: str) -> list[str]:
    """Blocks that are set off by their indent."""
    found = INDENTED.findall(FENCED.sub("", read(page)))
    return [textwrap.dedent(text).strip("\n") for text in found if text.strip()]


def commands(text: str) -> Iterator[str]:
    """The lines of a block that run a program which can be asked what it takes."""
    for line in text.replace("\\\n", " ").splitlines():
        if PROGRAM.match(line.strip()):
            yield line.strip()


def blocks(page: str) -> list[str]:
    """Every command that stands on a line of its own."""
    return [line for text in (*fenced(page, "sh"), *indented(page)) for line in commands(text)]


def spans(page: str) -> list[str]:
    """Every command within a sentence: often only a part of one."""
    prose = INDENTED.sub("", FENCED.sub("", read(page)))
    found = (match[0].strip("` ").replace("\n", " ") for match in CODE.finditer(prose))
    return [text for text in found if PROGRAM.match(text)]


def unknown_names(source: str) -> list[str]:
    """What a snippet imports and nobody has."""
    lost = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            lost += [one.name for one in node.names if find_spec(one.name) is None]
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(str(node.module))
            lost += [f"{node.module}.{one.name}" for one in node.names if not hasattr(module, one.name)]
    return lost


def command_of(program: str) -> Any:
    """A program's own command, of Click or of Typer's copy of it; None where it reads no arguments."""
    if program == "record":
        return typer.main.get_command(app)
    if program in {"ray", "serve"}:
        return importlib.import_module("ray.scripts.scripts" if program == "ray" else "ray.serve.scripts").cli
    is_package = (ROOT / program.replace(".", "/")).is_dir()
    module = importlib.import_module(f"{program}.__main__" if is_package else program)
    if not hasattr(module, "typer"):
        return None
    found: typer.Typer | None = getattr(module, "app", None)
    if found is None:
        found = typer.Typer()
        found.command()(module.main)
    return typer.main.get_command(found)


def split(line: str) -> tuple[str, list[str]]:
    """The program, or the module that Python runs, and its words."""
    words = shlex.split(line, comments=True)
    return (words[2], words[3:]) if words[0].startswith("python") else (words[0], words[1:])


def asked(line: str) -> tuple[Any, list[str]]:
    """The command of a line, below all its groups, and what is left for it; None for one not asked."""
    program, words = split(line)
    if program.partition(".")[0] not in {"record", "ray", "serve", *OWN_PARSERS}:
        return None, []
    command = command_of(program)
    while words and (below := getattr(command, "commands", {}).get(words[0])) is not None:
        command, words = below, words[1:]
    return command, words


def fault(line: str) -> str | None:
    """Why the program of a whole command would not take it."""
    command, words = asked(line)
    if command is None:
        return f"{line}: takes nothing" if words else None
    if getattr(command, "commands", None) is not None:
        return f"{line}: no command of {command.name}"
    try:
        command.make_context(command.name, words)
    except Exception as error:  # Click's or Typer's own, which are no relations
        return f"{line}: {error}"
    return None


def unknown_options(line: str) -> set[str]:
    """Options of a part of a command that its program has not."""
    command, words = asked(line)
    known = {name for one in getattr(command, "params", ()) for name in (*one.opts, *one.secondary_opts)}
    return set() if command is None else set(OPTION.findall(" ".join(words))) - known - {"--help", "-h"}


def config_fault(text: str) -> str | None:
    """Why the application or Ray Serve does not take a part of a configuration; None for none."""
    found = yaml.safe_load(text)
    if not isinstance(found, dict):
        return None
    try:
        if found.keys() <= AppArgs.model_fields.keys():
            AppArgs.read({"diffusion": {"checkpoint": "any"}, **found})
        elif found.keys() <= ServeApplicationSchema.model_fields.keys():
            ServeApplicationSchema(import_path="deployments.app:build", **found)
            ByWork(**found.get("autoscaling_policy", {}).get("policy_kwargs", {}))
        else:
            return f"{sorted(found)} are keys of no configuration"
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("page", PAGES)
def test_python_compiles_and_what_it_imports_is_there(page: str) -> None:
    for source in fenced(page, "python"):
        compile(source, page, "exec")
        assert unknown_names(source) == []


@pytest.mark.parametrize("page", PAGES)
def test_programs_take_the_commands(page: str) -> None:
    assert [said for line in blocks(page) if (said := fault(line))] == []


@pytest.mark.parametrize("page", PAGES)
def test_options_that_sentences_name_are_there(page: str) -> None:
    assert {line: lost for line in spans(page) if (lost := unknown_options(line))} == {}


@pytest.mark.parametrize("page", PAGES)
def test_shell_can_be_read_and_names_files_that_are_there(page: str) -> None:
    for text in (*fenced(page, "sh"), *(one for one in indented(page) if list(commands(one)))):
        read_by_bash = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
        assert read_by_bash.returncode == 0, read_by_bash.stderr
        assert [path for path in OUR_PATHS.findall(text) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_configuration_is_taken(page: str) -> None:
    texts = fenced(page, "yaml") + [one for one in indented(page) if re.match(r"\w+:\n  \w+: ", one)]
    assert [said for text in texts if (said := config_fault(text))] == []


def test_enough_is_found_to_be_looked_at() -> None:
    assert len([line for page in PAGES for line in blocks(page)]) > 40
    assert {"README.md", "docs/methods.md"} <= {page for page in PAGES if fenced(page, "python")}


@pytest.mark.parametrize(
    "line",
    [
        "record batch prompts.csv --shards 1/2",
        "record generat 'a woman is kicking a ball'",
        "record plan --gpu h200  # without a rate",
        "record correct run-1 --box 1,2,3",
        "python -m benchmarks.quality --row plain",
        "python -m miniature.diffusion unets",
        "ray start --heads",
        "serve apply profiles/sd14.yaml",
    ],
)
def test_planted_faults_are_found(line: str) -> None:
    assert fault(line) is not None


def test_planted_faults_of_the_other_kinds_are_found() -> None:
    assert unknown_names("from record import ReCord\nimport no_such_package") == [
        "record.ReCord",
        "no_such_package",
    ]
    assert unknown_options("record batch --cluster --blocks") == {"--blocks"}
    assert config_fault("ingress:\n  keep_day: 30\n") and config_fault("ingres:\n  keep_days: 30\n")
    assert config_fault("autoscaling_policy:\n  policy_function: a:b\n  policy_kwargs: {drains: 1}\n")
