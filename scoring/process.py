"""One serving process from its socket to its exit: listen, load, be ready, drain.

The order of a drain is the point: readiness fails first, and only after a grace, in which gateways notice and every
request is still answered, the listener closes. What is in flight then is finished.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop

from scoring.errors import StartError
from scoring.keys import Keys
from scoring.lifecycle import Lifecycle
from scoring.logs import event
from scoring.pool import Pool
from scoring.server import build
from scoring.service import load
from scoring.settings import Settings

# Gateways ask every half second: two chances to see that readiness failed.
GRACE_SECONDS: Final = 1
# Longer than the gateway's 30 s, so that it is never us who closes a connection that the gateway is about to use.
KEEP_ALIVE_SECONDS: Final = 75


class Server(uvicorn.Server):
    """uvicorn, with its signals and its end in our hands: it would end by killing itself with the signal it got."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises StartError if the service can't start."""
    listener = listen(settings.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener))


def listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("0.0.0.0", port))  # noqa: S104 - the container's own network; the gateway stands before it
    except OSError as error:
        raise StartError(f"SCORING_PORT {port}: {error.strerror}; choose another port") from error
    return listener


async def _serve(settings: Settings, listener: socket.socket) -> None:
    lifecycle, keys = Lifecycle(), Keys(Path(settings.keys_file))
    pool = Pool(settings.threads, settings.concurrency)
    server = Server(configuration(build(lifecycle, keys, pool, settings.max_body_bytes)))
    stop = stop_signal()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    loading = asyncio.ensure_future(pool.run(load, settings.service, Path(settings.folder)))
    try:
        await first_of(loading, stop, serving)
        if loading.done():
            lifecycle.ready(loading.result())
            event(logging.INFO, "ready", service=settings.service, port=settings.port)
            await first_of(stop, serving)
            await drain(server, lifecycle, settings.drain_seconds)
    finally:
        server.should_exit = True
        await serving
        pool.close()
    event(logging.INFO, "stopped", unfinished=pool.unfinished)


def configuration(application: object) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # type: ignore[arg-type] # Starlette's and uvicorn's ASGI types are spelled differently
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def stop_signal() -> asyncio.Future[None]:
    """Done at the first SIGTERM or SIGINT; later ones change nothing."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def stop_once() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_once)
    return stop


async def first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def drain(server: Server, lifecycle: Lifecycle, seconds: int) -> None:
    """Fail readiness and give the grace; what is in flight then has the rest of `seconds`, and at least one."""
    lifecycle.drain()
    grace = min(GRACE_SECONDS, seconds)
    event(logging.INFO, "draining", seconds=seconds)
    await asyncio.sleep(grace)
    server.config.timeout_graceful_shutdown = max(1, seconds - grace)
