"""`python hostile.py PORT COUNT`: so many callers without a key who mean ill, on loopback, until this is killed.

Says `ready` when all are connected. Whoever is thrown out comes back.
"""

import asyncio
import itertools
import resource
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PIECE = b"GET /x HTTP/1.1\r\nhost: toy\r\n\r\n" * 1500
REFUSED = b"POST /score HTTP/1.1\r\nhost: toy\r\ncontent-length: 100000000\r\n\r\n"
AGAIN_SECONDS = 1.0
TRICKLE_SECONDS = 0.5
TURNS = 10**9


async def pipeline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send requests as fast as they are taken, and read the answers."""
    reading = asyncio.ensure_future(swallow(reader))
    try:
        await flood(reader, writer)
    finally:
        reading.cancel()


async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send requests as fast as they are taken, and read no answer."""
    for _ in range(TURNS):
        writer.write(PIECE)
        await writer.drain()


async def body_after_refusal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be refused, and send the body byte by byte."""
    writer.write(REFUSED)
    await reader.readuntil(b"\r\n\r\n")
    for _ in range(TURNS):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(TRICKLE_SECONDS)


async def head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head byte by byte."""
    for byte in itertools.chain(b"GET / HTTP/1.1\r\nx: ", itertools.repeat(ord("y"), TURNS)):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(TRICKLE_SECONDS)


async def nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await swallow(reader)


async def swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


KINDS: tuple[Speak, ...] = (pipeline, flood, body_after_refusal, head, nothing)


async def call(port: int, number: int, connected: Callable[[], None]) -> None:
    """One caller, of the kind of its number, from an address of its own beside the good ones'."""
    source = (f"127.0.1.{number % 250 + 1}", 0)
    for _ in range(TURNS):
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=source)
            connected()
            try:
                await KINDS[number % len(KINDS)](reader, writer)
            finally:
                writer.close()
        await asyncio.sleep(AGAIN_SECONDS)


async def main(port: int, count: int) -> None:
    left: Iterator[int] = iter(range(count - 1, -1, -1))

    def connected() -> None:
        if next(left, None) == 0:
            print("ready", flush=True)

    async with asyncio.TaskGroup() as callers:
        for number in range(count):
            callers.create_task(call(port, number, connected))


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
