from __future__ import annotations

import httpx
import pytest

from record_client import ConnectionLost, Overloaded, Refused, ServiceError, TooLate, Unavailable, tries
from record_client.errors import check
from record_client.tries import LONGEST_S, Tries

REQUEST = httpx.Request("POST", "http://there:8000/v1/runs")
CUT = httpx.ReadError("it broke", request=REQUEST)


def answered(status: int, code: str = "some", **headers: str) -> ServiceError:
    """The error of an answer."""
    said = {"type": "server_error", "code": code, "message": "so it is", "param": None}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.Response(status, json={"error": said}, headers=named, request=REQUEST)
    with pytest.raises(ServiceError) as told:
        check(answer)
    return told.value


def test_pauses_double_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "FIRST_S", 0.25)
    counted = Tries(12)
    pauses = [counted.pause_s(CUT) for _ in range(12)]
    assert 0.18 < pauses[0] <= 0.25 and all(pause <= LONGEST_S for pause in pauses)
    assert pauses[3] > pauses[1] > pauses[0] and 30 < sum(pauses) < 80
    with pytest.raises(ConnectionLost, match="http://there:8000 cannot be reached"):
        counted.pause_s(CUT)
    counted.progress()
    assert counted.pause_s(CUT) <= 0.25


def test_what_the_service_wishes_is_kept_to() -> None:
    busy = answered(429, "overloaded", retry_after="3")
    assert isinstance(busy, Overloaded) and busy.retry_after_s == 3 and Tries(1).pause_s(busy) == 3
    with pytest.raises(Overloaded):
        Tries(5).pause_s(answered(429, retry_after="300"))
    with pytest.raises(TooLate):
        Tries(5).pause_s(answered(408, x_should_retry="false"))
    assert Tries(5).pause_s(answered(500, x_should_retry="true")) == 0


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (409, Refused), (422, Refused), (500, Unavailable)]
)
def test_what_stays_wrong_is_not_repeated(status: int, kind: type[ServiceError]) -> None:
    with pytest.raises(kind, match="so it is"):
        Tries(5).pause_s(answered(status))


def test_an_answer_that_is_no_json_has_its_status() -> None:
    answer = httpx.Response(502, text="<html>", headers={"retry-after": "soon"}, request=REQUEST)
    with pytest.raises(Unavailable, match="http://there:8000/v1/runs answered 502 Bad Gateway") as told:
        check(answer)
    assert told.value.may_repeat and told.value.retry_after_s is None
