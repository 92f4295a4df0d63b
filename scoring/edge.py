"""What every request goes through: an id, the door, one log line; and every refusal's way out.

Deny by default: what no route declares open needs a key, whether it exists or not.
"""

import logging
import time

from scoring import inference, logs
from scoring.connection import ADMITTED, STANDING
from scoring.contract import write_error
from scoring.errors import Code, RequestError, RunError
from scoring.exchange import Exchange, LeftError, Receive, Scope, Send, address
from scoring.keys import Keys
from scoring.lifecycle import Lifecycle, Phase
from scoring.metrics import Metrics
from scoring.routes import Routes
from scoring.settings import Settings
from scoring.tracing import Tracing


class Edge:
    """The ASGI application of one process."""

    def __init__(
        self, routes: Routes, keys: Keys, lifecycle: Lifecycle, metrics: Metrics, tracing: Tracing, settings: Settings
    ) -> None:
        self._routes, self._keys, self._lifecycle = routes, keys, lifecycle
        self._metrics, self._tracing = metrics, tracing
        self._limit, self._seconds = settings.max_body_bytes, float(settings.body_seconds)
        self._address = f"{address(settings.service)}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        exchange = Exchange(scope, receive, send, self._limit, self._seconds)
        if exchange.path.startswith(self._address):  # as callers know it, where no gateway took that off
            exchange.path = exchange.path[len(self._address) - 1 :]
        logs.request_id.set(exchange.request_id)
        if self._lifecycle.phase is Phase.DRAINING:
            # Callers leave by themselves, and none meets a closing connection.
            exchange.shared.append((b"connection", b"close"))
        with self._tracing.span(exchange):
            try:
                await self._answer(exchange, scope.get("state", {}).get(STANDING, {}))
            except LeftError:
                pass
            except RequestError as error:
                await refuse(exchange, error)
                forget(error)
            except Exception as error:  # noqa: BLE001 - the last place: the caller gets an id, the log the traceback
                await fail(exchange, error)
                forget(error)
            finally:
                seconds = time.perf_counter() - began
                self._metrics.finished(exchange, seconds)
                log_request(exchange, seconds)

    async def _answer(self, exchange: Exchange, standing: dict[str, bool]) -> None:
        found = self._routes.find(exchange.method, exchange.path)
        if found is None or not found.route.open:
            self._keys.admit(exchange.header(b"authorization"))
            standing[ADMITTED] = True
        if found is None:
            raise self._routes.refusal(exchange.method, exchange.path)
        exchange.route = found.route.template
        await found.route.handler(exchange, **found.parts)


def forget(error: Exception) -> None:
    """Let go of the frames that raised it: they hold the body, and whatever held the error would hold them all."""
    error.__traceback__ = error.__context__ = error.__cause__ = None


async def refuse(exchange: Exchange, error: RequestError) -> None:
    exchange.code = error.code
    # A refusal before `100 Continue` leaves it open whether the body still comes; only a new connection is sure.
    unread = exchange.header(b"expect") is not None
    headers = error.headers | ({"connection": "close"} if unread else {})
    extra = [(name.encode(), value.encode()) for name, value in headers.items()]
    if any(name == b"connection" for name, _ in exchange.shared):
        extra = [each for each in extra if each[0] != b"connection"]
    if exchange.path.startswith(inference.PREFIX):
        content = inference.write_error(error)
    else:
        content = write_error(error, exchange.request_id)
    await exchange.answer(error.status, content, headers=extra)


async def fail(exchange: Exchange, error: Exception) -> None:
    """Log what went wrong; the caller learns the request's id and nothing else."""
    ours = not isinstance(error, RunError)
    logs.event(logging.ERROR, "server_failed" if ours else "run_failed", exc_info=error if ours else error.__cause__)
    if exchange.status is None:
        text = "the service failed on this request; its log says why, by request id"
        await refuse(exchange, RequestError(Code.INTERNAL, text))


def log_request(exchange: Exchange, seconds: float) -> None:
    """One line a request, status null if the caller left first; none for what is routine."""
    if not exchange.is_routine:
        logs.answered(exchange, seconds)
