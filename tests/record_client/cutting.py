"""Transports whose streams of events break again and again, each time within an event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx

END = b"\r\n\r\n"
FURTHER = 9
"""Bytes of the next event that still come through."""


class Scissors:
    """Lets one whole event a connection through; every other time nobody answers at all."""

    def __init__(self) -> None:
        self.cuts = 0

    def begin(self, request: httpx.Request) -> bool:
        """Whether this answer is to be cut."""
        if not request.url.path.endswith("/events"):
            return False
        self.cuts += 1
        if self.cuts % 2:
            raise httpx.ConnectError("nobody is there", request=request)
        return True

    @staticmethod
    def cut(seen: bytes, chunk: bytes) -> tuple[bytes, bool]:
        """What of `chunk` comes through after `seen`, and whether the connection breaks there."""
        where = (seen + chunk).find(END)
        last = where + len(END) + FURTHER - len(seen)
        return (chunk, False) if where < 0 or last >= len(chunk) else (chunk[:last], True)


class CutStream(httpx.SyncByteStream):
    """A stream that ends within its second event."""

    def __init__(self, whole: httpx.SyncByteStream) -> None:
        self._whole = whole

    def __iter__(self) -> Iterator[bytes]:
        seen = b""
        for chunk in self._whole:
            some, is_cut = Scissors.cut(seen, chunk)
            yield some
            seen += some
            if is_cut:
                raise httpx.ReadError("it broke")

    def close(self) -> None:
        self._whole.close()


class AsyncCutStream(httpx.AsyncByteStream):
    """The same, awaited."""

    def __init__(self, whole: httpx.AsyncByteStream) -> None:
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = b""
        async for chunk in self._whole:
            some, is_cut = Scissors.cut(seen, chunk)
            yield some
            seen += some
            if is_cut:
                raise httpx.ReadError("it broke")

    async def aclose(self) -> None:
        await self._whole.aclose()


class Cutting(httpx.HTTPTransport):
    """A transport that cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.scissors = Scissors()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_cut = self.scissors.begin(request)
        answer = super().handle_request(request)
        if is_cut:
            assert isinstance(answer.stream, httpx.SyncByteStream)
            answer.stream = CutStream(answer.stream)
        return answer


class AsyncCutting(httpx.AsyncHTTPTransport):
    """The same, awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.scissors = Scissors()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_cut = self.scissors.begin(request)
        answer = await super().handle_async_request(request)
        if is_cut:
            assert isinstance(answer.stream, httpx.AsyncByteStream)
            answer.stream = AsyncCutStream(answer.stream)
        return answer
