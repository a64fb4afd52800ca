"""The one list of methods: what it knows without torch, and how others add to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from record.errors import SettingsError
from record.methods import Method, method_of
from record.settings import Drawing, Settings
from record.traits import SHIPPED, Traits, find, names, register, traits_of, unregister
from tests.house import ROOT
from tests.record.methods.fakes import offered

DRAWN_HERE = [one.name for one in SHIPPED if not one.is_drawn_elsewhere]


@pytest.fixture
def own() -> Iterator[Traits]:
    """A method of this process."""
    yield register(Traits("own", Method, "of this process"))
    unregister("own")


@pytest.mark.parametrize("name", DRAWN_HERE)
def test_every_method_of_the_list_is_loaded_by_its_name(name: str) -> None:
    assert isinstance(method_of(name), Method)
    assert method_of(name) is method_of(name)
    assert traits_of(name).summary


def test_what_no_checkpoint_draws_has_no_method() -> None:
    with pytest.raises(
        SettingsError, match="method='images_api' is not drawn by a checkpoint here: use one of"
    ):
        method_of("images_api")


def test_settings_take_the_names_of_the_list_alone(own: Traits) -> None:
    assert Drawing(method="own").method == "own"
    assert Settings.model_json_schema()["properties"]["method"]["enum"] == [*names()]
    with pytest.raises(SettingsError, match="^method='recrod': did you mean 'record'") as caught:
        Settings.build({"method": "recrod"})
    assert caught.value.param == "method"
    with pytest.raises(SettingsError, match="method='magic': known methods: .*own, plain"):
        traits_of("magic")


def test_an_own_method_may_be_offered_again_and_taken_back() -> None:
    with offered(Method(), "own"):
        first = method_of("own")
        register(Traits("own", Method))
        assert method_of("own") is not first
    assert find("own") is None and "own" not in names()
    with pytest.raises(SettingsError, match="method='own'"):
        Settings.build({"method": "own"})


def test_a_name_that_is_there_already_is_refused() -> None:
    with pytest.raises(ValueError, match="'plain' is there already"):
        register(Traits("plain", Method))


def test_what_makes_no_method_is_named() -> None:
    register(Traits("odd", dict))
    try:
        with pytest.raises(TypeError, match="method 'odd'.*makes no Method"):
            method_of("odd")
    finally:
        unregister("odd")


PACKAGE = """
from record.methods import Method, Traits

class VerbFirst(Method):
    pass

VERB_FIRST = Traits("verb_first", VerbFirst, needs_box=True)
"""
MISNAMED = """
from record.traits import Traits

OTHER_NAME = Traits("something_else", "misnamed:Method")
"""
ENTRIES = """[record.methods]
verb_first = verb_first:VERB_FIRST
misnamed = misnamed:OTHER_NAME
missing = nowhere:METHOD
plain = nowhere:PLAIN
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder that holds another package with methods, as an installer lays it out."""
    facts = tmp_path / "verb_first-1.0.dist-info"
    facts.mkdir()
    (tmp_path / "verb_first.py").write_text(PACKAGE)
    (tmp_path / "misnamed.py").write_text(MISNAMED)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: verb-first\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(ENTRIES)
    return tmp_path


def python(code: str, *paths: Path) -> str:
    """What another process prints."""
    path = os.pathsep.join(map(str, (ROOT, *paths)))
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_installed_package_offers_methods_by_its_entry_points(installed: Path) -> None:
    code = """
import sys
from record.settings import Settings
settings = Settings.build({"method": "verb_first"})
assert "verb_first" not in sys.modules, "naming it loads nothing"
from record.methods import method_of, traits_of
assert traits_of("verb_first").needs_box
print(type(method_of(settings.drawing().method)).__name__, traits_of("plain").implementation)
"""
    assert python(code, installed) == "VerbFirst record.methods.plain:Plain"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing", "cannot be loaded from 'nowhere:METHOD'"), ("misnamed", "must be record.methods.Traits")],
)
def test_a_package_that_offers_nonsense_is_named(installed: Path, name: str, reason: str) -> None:
    code = f"""
from record.errors import SettingsError
from record.traits import traits_of
try:
    traits_of({name!r})
except SettingsError as error:
    print(error)
"""
    assert reason in python(code, installed)


def test_all_but_drawing_knows_methods_without_torch() -> None:
    code = """
import sys
import record.methods, record.story, record.settings, record.job, record.traits, record_cli.app
import deployments.edge.handles, deployments.edge.service, deployments.config
print([name for name in record.methods.names() if record.methods.traits_of(name).needs_box])
assert not {"torch", "diffusers", "transformers"} & sys.modules.keys()
"""
    assert python(code) == "['boxdiff', 'multidiffusion', 'lmd', 'interactdiffusion']"
