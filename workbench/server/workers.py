"""Several workers that serve one port, and the parent that starts them, holds them together and ends them.

Each worker is a process of its own, started as this one was, that binds the port with SO_REUSEPORT. The other way,
one listening socket that all inherit, lets whoever wakes first take a whole burst: of 64 connections that a gateway
opened at once, one of two workers got 59, and kept-alive connections stay where they are. The kernel deals them out
(31 and 33). Connections that wait at a worker that ends are lost with SO_REUSEPORT, but nobody waits there: readiness
failed a second before, and a worker that crashes loses what it holds in any case; the next go to the others.

A worker says `{"ready": true}` or `{"failed": …}` through its channel and is told `+` when all are ready; then it says
`{"alive": true}` every second, and one that is silent is killed (`silence`): its connections would wait for ever. The
channel's end means that the other side is gone. Until all were ready once, a worker that ends ends them all. Later
only it is started again, so that a crash costs no more than what was in it.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Final

import orjson

from workbench.server.errors import StartError
from workbench.server.host import listen, stop_signal
from workbench.server.logs import event
from workbench.server.settings import Settings
from workbench.server.watchdog import MOST_LOOKS, Watchdog
from workbench.server.worker import ALL_READY, BEAT_SECONDS

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
# A worker that lived so long did not fail by what it was started with.
STEADY_SECONDS: Final = 60.0
# What the end of a worker may take beyond its drain.
SLACK_SECONDS: Final = 2.0
LONGEST_LINE: Final = 1024 * 1024


class WorkerError(StartError):
    """A worker can't start; `traceback` is that of the score script, if it was at fault."""

    def __init__(self, message: str, traceback: str | None = None) -> None:
        super().__init__(message)
        self.traceback = traceback


def supervise(settings: Settings, count: int) -> None:
    """Serve by `count` workers until SIGTERM or SIGINT; raises StartError if one of them can't start."""
    # Alone once, or two servers of ours could share a port unseen; then as the workers do, so that it stays ours.
    listen(settings.port).close()
    with listen(settings.port, shared=True), _shared_folder() as folder:
        asyncio.run(Workers(settings, count, folder).run())


def _shared_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="scoring-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StartError(
            f"no folder for temporary files can be written: {error.strerror}; mount a tmpfs at /tmp, "
            "or set SCORING_WORKERS=1"
        ) from error


class Workers:
    """`folder` is for what they share: their metrics, and turns to write to the standard output."""

    def __init__(self, settings: Settings, count: int, folder: str) -> None:
        self._settings, self._count, self._folder = settings, count, folder
        self._running: dict[int, Process] = {}
        self._channels: dict[int, asyncio.StreamWriter] = {}
        self._ready: set[int] = set()
        self._all_were_ready = False
        self._reasons: dict[int, WorkerError] = {}
        self._silence = Watchdog()

    async def run(self) -> None:
        """Keep all workers running until the signal; raises WorkerError if one could not start."""
        stop = stop_signal()
        keepers = [asyncio.create_task(self._keep(number, stop)) for number in range(1, self._count + 1)]
        watching = asyncio.create_task(self._watch())
        await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
        failed = next((error for keeper in keepers if keeper.done() and (error := keeper.exception())), None)
        if not stop.done():
            stop.set_result(None)
        if failed is None:
            event(logging.INFO, "draining", workers=self._count, seconds=self._settings.drain_seconds)
            self._signal(signal.SIGTERM)
            await asyncio.wait(keepers, timeout=self._settings.drain_seconds + SLACK_SECONDS)
        self._signal(signal.SIGKILL)
        await asyncio.gather(*keepers, return_exceptions=True)
        if failed is not None:
            raise failed
        event(logging.INFO, "stopped")

    async def _keep(self, number: int, stop: asyncio.Future[None]) -> None:
        """Run a worker, and again whenever it ends before `stop`; raises WorkerError if that is while it starts."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            try:
                ended = _told(await self._run(number, stop))
            except OSError as error:
                ended = f"{error.strerror}; give the container more, or set SCORING_WORKERS lower"
            if stop.done():
                return
            reason = self._reasons.pop(number, None) or WorkerError(f"worker {number} ended: {ended}")
            if not self._all_were_ready:
                raise reason
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            event(
                logging.ERROR,
                "worker_ended",
                worker=number,
                message=str(reason),
                traceback=reason.traceback,
                again_in_seconds=pause,
            )
            await asyncio.wait([stop], timeout=pause)
            if stop.done():
                return
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _watch(self) -> None:
        """Kill workers that hang; they are started again as any that ends."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for number in self._silence.look():
                seconds = MOST_LOOKS * BEAT_SECONDS
                self._reasons[number] = WorkerError(
                    f"worker {number} hung: it did nothing for {seconds:g} s, so it was killed; "
                    "see what the score script does that long without letting go of the interpreter"
                )
                with suppress(ProcessLookupError):
                    self._running[number].kill()

    async def _run(self, number: int, stop: asyncio.Future[None]) -> int:
        """Run a worker once; returns its exit code, that of a signal below 0."""
        ours, theirs = socket.socketpair()
        with theirs:
            reader, self._channels[number] = await asyncio.open_connection(sock=ours, limit=LONGEST_LINE)
            hearing = asyncio.create_task(self._hear(number, reader))
            try:
                process = self._running[number] = await self._start(number, theirs.fileno())
            except OSError:
                hearing.cancel()
                self._channels.pop(number).close()
                raise
        if stop.done():
            process.kill()
        code = await process.wait()
        # A process that the score script left behind may hold the channel open.
        await asyncio.wait([hearing], timeout=1)
        hearing.cancel()
        self._forget(number)
        return code

    async def _start(self, number: int, channel: int) -> Process:
        arguments = ["--worker", str(number), "--channel", str(channel), "--shared", self._folder]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workbench.server", *arguments, *(["--late"] if self._all_were_ready else [])),
            pass_fds=[channel],
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": self._folder},
        )

    async def _hear(self, number: int, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            async for line in reader:
                told = orjson.loads(line)
                if told.get("alive"):
                    self._silence.heard(number)
                elif told.get("ready"):
                    self._ready.add(number)
                    self._welcome(number)
                else:
                    self._reasons[number] = WorkerError(told["failed"], told["traceback"])

    def _welcome(self, number: int) -> None:
        """Tell all once they are all ready; later the one that came again."""
        welcome = [number]
        if not self._all_were_ready:
            welcome = sorted(self._ready) if len(self._ready) == self._count else []
            self._all_were_ready = bool(welcome)
            if welcome:
                event(logging.INFO, "all_ready", workers=self._count)
        for each in welcome:
            self._channels[each].write(ALL_READY)

    def _forget(self, number: int) -> None:
        from prometheus_client.multiprocess import mark_process_dead

        del self._running[number]
        self._channels.pop(number).close()
        self._ready.discard(number)
        self._silence.forget(number)
        mark_process_dead(number, self._folder)  # type: ignore[no-untyped-call] # the library's own types end here

    def _signal(self, number: signal.Signals) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)


def _told(code: int) -> str:
    if code >= 0:
        return f"exit code {code}; what its log says before tells why"
    return f"{signal.Signals(-code).name}; if its memory was too small, give more or set SCORING_WORKERS lower"
