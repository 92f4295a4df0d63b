"""One serving process from its socket to its exit: listen, load, be ready, drain.

The order of a drain is the point: readiness fails first, and only after a grace, in which gateways notice and every
request is still answered, the listener closes. What is in flight then is finished.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop

from workbench.server.complete_requests import Cycle
from workbench.server.connection import Connection, Take
from workbench.server.fast_path import FastPath
from workbench.server.held import Held
from workbench.server.host import listen, stop_signal
from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle
from workbench.server.logs import event
from workbench.server.memory import settle
from workbench.server.metrics import Metrics
from workbench.server.pool import Pool
from workbench.server.server import build
from workbench.server.service import load
from workbench.server.settings import Settings
from workbench.server.tracing import Tracing, start
from workbench.server.validator import Limits
from workbench.server.worker import Worker

# Gateways ask every half second: two chances to see that readiness failed.
GRACE_SECONDS: Final = 1
# Longer than the gateway's 30 s, so that it is never us who closes a connection that the gateway is about to use.
KEEP_ALIVE_SECONDS: Final = 75
# What of the drain is left goes to spans that wait; a collector that is gone must not hold up a deployment.
SHORTEST_FLUSH_SECONDS, LONGEST_FLUSH_SECONDS = 0.5, 2.0


class Server(uvicorn.Server):
    """uvicorn, with its signals and its end in our hands: it would end by killing itself with the signal it got."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve_behind(self, doors: asyncio.Event, listener: socket.socket) -> None:
        """Serve once the doors are open; not at all if the end comes first."""
        await doors.wait()
        if not self.should_exit:
            await self.serve(sockets=[listener])


def serve(settings: Settings, *, traces: bool = False, worker: Worker | None = None) -> None:
    """Serve until SIGTERM or SIGINT; raises StartError if the service can't start. `worker` is one of several."""
    listener = listen(settings.port, shared=worker is not None)
    tracing = start(settings.service, wanted=traces)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, tracing, worker))


async def _serve(settings: Settings, listener: socket.socket, tracing: Tracing, worker: Worker | None) -> None:
    lifecycle, keys = Lifecycle(), Keys(Path(settings.keys_file))
    pool = Pool(settings.threads, settings.concurrency)
    metrics = Metrics(worker.number if worker else None)
    quick = FastPath(lifecycle, keys, pool, metrics, settings)
    application = build(lifecycle, keys, pool, metrics, tracing, settings)
    server = Server(
        # Spans are the common way's alone.
        configuration(application, metrics.publish, settings.body_seconds, quick.take if tracing.idle else None)
    )
    metrics.watch(lambda: len(server.server_state.tasks) + quick.waiting)
    stop = stop_signal()
    doors, ends = asyncio.Event(), 0.0
    if worker is not None:
        worker.attach(stop)
    if worker is None or not worker.late:
        doors.set()
    serving = asyncio.create_task(server.serve_behind(doors, listener))
    limits = Limits(settings.max_rows, settings.max_text_length)
    loading = asyncio.ensure_future(pool.run(load, settings.service, Path(settings.folder), limits))
    try:
        await first_of(loading, stop, serving)
        if loading.done():
            service = loading.result()
            metrics.describe(service)
            tracing.describe(service)
            settle()
            if worker is not None:
                await first_of(asyncio.ensure_future(worker.ready()), stop, serving)
            lifecycle.ready(service)
            doors.set()
            event(logging.INFO, "ready", service=settings.service, port=settings.port)
            await first_of(stop, serving)
            ends = asyncio.get_running_loop().time() + settings.drain_seconds
            await drain(server, lifecycle, settings.drain_seconds)
    finally:
        server.should_exit = True
        doors.set()
        await serving
        pool.close()
        left = ends - asyncio.get_running_loop().time()
        tracing.close(min(max(left, SHORTEST_FLUSH_SECONDS), LONGEST_FLUSH_SECONDS))
    event(logging.INFO, "stopped", unfinished=pool.unfinished)


def configuration(
    application: object,
    every_second: Callable[[], None] | None = None,
    head_seconds: float = Connection.seconds,
    take: Take | None = None,
) -> uvicorn.Config:
    class Head(Connection):
        seconds = head_seconds
        held = Held()

        def take(self, cycle: Cycle) -> bool:
            return take is not None and take(self, cycle)

    async def tick() -> None:
        if every_second is not None:
            every_second()

    return uvicorn.Config(
        application,  # type: ignore[arg-type] # ours and uvicorn's ASGI types are spelled differently
        http=Head,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        callback_notify=tick,
        timeout_notify=0,
    )


async def first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def drain(server: Server, lifecycle: Lifecycle, seconds: int) -> None:
    """Fail readiness and give the grace; what is in flight then has the rest of `seconds`, and at least one."""
    lifecycle.drain()
    grace = min(GRACE_SECONDS, seconds)
    event(logging.INFO, "draining", seconds=seconds)
    await asyncio.sleep(grace)
    server.config.timeout_graceful_shutdown = max(1, seconds - grace)
