"""What a cluster's workers ask of the ledger; tests/e2e/test_batch.py has a real cluster."""

from __future__ import annotations

import inspect
import socket

import pytest
from ray.data import Dataset

from batch.cluster import Ledger, connected
from record.errors import InputError


def test_what_the_driver_has_is_not_drawn_again() -> None:
    ledger = Ledger(tries=2)
    assert ledger.begin("a") == "draw"
    ledger.end("a")
    assert ledger.receive(["a"]) == ledger.receive(["a"]) == 1
    assert (ledger.begin("a"), ledger.begin("b")) == ("received", "draw")


def test_a_prompt_of_which_workers_die_is_given_up() -> None:
    ledger = Ledger(tries=2)
    assert [ledger.begin("deadly") for _ in range(3)] == ["draw", "draw", "hopeless"]


def test_a_prompt_is_not_blamed_for_the_others_of_its_block() -> None:
    ledger = Ledger(tries=2)
    for _ in range(5):
        assert ledger.begin("harmless") == "draw"
        ledger.end("harmless")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:none", "ray://:10001", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused_by_name(address: str) -> None:
    with pytest.raises(InputError, match="cluster=") as refused, connected(address):
        pass
    assert address in str(refused.value)


def test_a_cluster_that_nobody_started_is_refused_at_once() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(InputError, match="no Ray cluster is there"), connected(address):
            pass


def test_a_cluster_that_does_not_come_up_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> None:
        raise Exception("The current node timed out during startup.")  # as Ray itself does

    monkeypatch.setattr("batch.cluster.ray.init", slow)
    with pytest.raises(InputError, match="cluster='local': no Ray cluster .* timed out"), connected("local"):
        pass


def test_ray_names_no_bound_on_how_often_a_block_is_repeated() -> None:
    """Once it does, that name takes the place of the deprecated one."""
    named = [name for name in inspect.signature(Dataset.map_batches).parameters if "retr" in name]
    assert named == []
