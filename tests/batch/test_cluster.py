"""What a cluster's workers ask of the ledger; tests/e2e/test_batch.py has a real cluster."""

from __future__ import annotations

from batch.cluster import Ledger


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
