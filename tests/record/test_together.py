import asyncio

import pytest

from record.together import together


async def test_results_keep_their_order() -> None:
    async def late(value: int) -> int:
        for _ in range(3 - value):
            await asyncio.sleep(0)
        return value

    assert await together(late(value) for value in range(3)) == [0, 1, 2]


async def test_the_first_failure_ends_the_others() -> None:
    ended = list[str]()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waiting")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await together([wait(), fail(), wait()])
    assert ended == ["waiting"] * 2
