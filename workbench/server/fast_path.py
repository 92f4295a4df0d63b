"""Answers what is plainly right at once: the way of nearly every request to a quick script, with no task of its own.

It does what `edge` and `server` do with a score, by the same parts, for as long as nothing is wrong. What is refused,
fails or is in any way unusual it leaves to them, who begin anew and know what to say; so a script that fails on a row
is asked once more.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

from workbench.server import app, contract, logs
from workbench.server.batch import Rows
from workbench.server.complete_requests import Cycle
from workbench.server.connection import ADMITTED, Connection
from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle, Phase
from workbench.server.metrics import Metrics
from workbench.server.pool import Pool
from workbench.server.request import OK, Request, address
from workbench.server.service import Service
from workbench.server.settings import Settings

SCORE: Final = "/score"
# A quick script scores this much on the event loop in well under a millisecond.
QUICK_BYTES: Final = 64 * 1024


class FastPath:
    """`waiting` counts the requests that are taken and not answered."""

    def __init__(self, lifecycle: Lifecycle, keys: Keys, pool: Pool, metrics: Metrics, settings: Settings) -> None:
        self._lifecycle, self._keys, self._pool, self._metrics = lifecycle, keys, pool, metrics
        self._paths = frozenset({SCORE, f"{address(settings.service)}{SCORE}"})
        self._limit, self._seconds = settings.max_body_bytes, float(settings.body_seconds)
        self.waiting = 0

    def take(self, connection: Connection, cycle: Cycle) -> bool:
        """Whether this request is answered from here."""
        began = time.perf_counter()
        service, scope = self._lifecycle.service, cycle.scope
        if service is None or service.batch is None or self._lifecycle.phase is not Phase.READY:
            return False
        if scope["path"] not in self._paths or scope["method"] != "POST":
            return False
        request = Request(scope, cycle.receive, cycle.send, self._limit, self._seconds)  # type: ignore[arg-type] # ours and uvicorn's ASGI types are spelled differently
        rows = self._admitted(service, request, cycle.body)
        if rows is None:
            return False
        self.waiting += 1
        connection.standing[ADMITTED] = True
        request.path = request.route = SCORE
        # What the script logs bears the id of its batch's first request.
        token = logs.request_id.set(request.request_id)
        service.batch.add(rows, Taken(self, service, request, connection, cycle, began, len(rows)))
        logs.request_id.reset(token)
        return True

    def _admitted(self, service: Service, request: Request, body: bytearray) -> Rows | None:
        """The rows of a request, which has a place from now on; None if anything is unusual about it."""
        if len(body) > min(QUICK_BYTES, self._limit) or request.header(b"content-encoding") is not None:
            return None
        try:
            self._keys.admit(request.header(b"authorization"))
            contract.check_content_type(request.header(b"content-type"))
            arguments = service.decoder and service.decoder.decode_quickly(bytes(body))
            if not arguments:
                return None
            (rows,) = arguments.values()
            self._pool.enter()
        except Exception:  # noqa: BLE001 - it meets whoever comes next too, and they tell of it
            return None
        found: Rows = rows
        return found

    def answer(self, taken: "Taken", result: Any) -> None:  # noqa: ANN401 - a script answers what it likes
        """Answer, count and log as `edge` does."""
        request = taken.request
        try:
            answer = taken.service.write(result, taken.rows)
        except Exception:  # noqa: BLE001 - as above
            self.decline(taken)
            return
        self._leave()
        request.rows, request.status = answer.rows, OK
        content = answer.content
        taken.connection.answer(taken.cycle, request.head(content), content, taken.service.written_headers)
        seconds = time.perf_counter() - taken.began
        self._metrics.finished(request, seconds)
        app.log_request(request, seconds)

    def decline(self, taken: "Taken") -> None:
        """Leave a request to the common way after all."""
        self._leave()
        taken.connection.decline(taken.cycle)

    def _leave(self) -> None:
        self.waiting -= 1
        self._pool.leave()


@dataclass(slots=True)
class Taken:
    """A request as its batch knows it."""

    quick: FastPath
    service: Service
    request: Request
    connection: Connection
    cycle: Cycle
    began: float
    rows: int

    def done(self) -> bool:
        return False

    def set_result(self, result: Any) -> None:  # noqa: ANN401 - a script answers what it likes
        self.quick.answer(self, result)

    def set_exception(self, error: Exception) -> None:  # noqa: ARG002 - the common way meets it again
        self.quick.decline(self)
