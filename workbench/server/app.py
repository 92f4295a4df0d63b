"""What every request goes through: an id, the door, one log line; and every refusal's way out.

Deny by default: what no route declares open needs a key, whether it exists or not.
"""

import logging
import time

from workbench.server import inference, logs
from workbench.server.connection import ADMITTED, STANDING
from workbench.server.contract import write_error
from workbench.server.errors import Code, RequestError, RunError
from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle, Phase
from workbench.server.metrics import Metrics
from workbench.server.request import LeftError, Receive, Request, Scope, Send, address
from workbench.server.routes import Routes
from workbench.server.settings import Settings
from workbench.server.tracing import Tracing


class App:
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
        request = Request(scope, receive, send, self._limit, self._seconds)
        if request.path.startswith(self._address):  # as callers know it, where no gateway took that off
            request.path = request.path[len(self._address) - 1 :]
        logs.request_id.set(request.request_id)
        if self._lifecycle.phase is Phase.DRAINING:
            # Callers leave by themselves, and none meets a closing connection.
            request.shared.append((b"connection", b"close"))
        with self._tracing.span(request):
            try:
                await self._answer(request, scope.get("state", {}).get(STANDING, {}))
            except LeftError:
                pass
            except RequestError as error:
                await refuse(request, error)
                forget(error)
            except Exception as error:  # noqa: BLE001 - the last place: the caller gets an id, the log the traceback
                await fail(request, error)
                forget(error)
            finally:
                seconds = time.perf_counter() - began
                self._metrics.finished(request, seconds)
                log_request(request, seconds)

    async def _answer(self, request: Request, standing: dict[str, bool]) -> None:
        found = self._routes.find(request.method, request.path)
        if found is None or not found.route.open:
            self._keys.admit(request.header(b"authorization"))
            standing[ADMITTED] = True
        if found is None:
            raise self._routes.refusal(request.method, request.path)
        request.route = found.route.template
        await found.route.handler(request, **found.parts)


def forget(error: Exception) -> None:
    """Let go of the frames that raised it: they hold the body, and whatever held the error would hold them all."""
    error.__traceback__ = error.__context__ = error.__cause__ = None


async def refuse(request: Request, error: RequestError) -> None:
    request.code = error.code
    # A refusal before `100 Continue` leaves it open whether the body still comes; only a new connection is sure.
    unread = request.header(b"expect") is not None
    headers = error.headers | ({"connection": "close"} if unread else {})
    extra = [(name.encode(), value.encode()) for name, value in headers.items()]
    if any(name == b"connection" for name, _ in request.shared):
        extra = [each for each in extra if each[0] != b"connection"]
    if request.path.startswith(inference.PREFIX):
        content = inference.write_error(error)
    else:
        content = write_error(error, request.request_id)
    await request.answer(error.status, content, headers=extra)


async def fail(request: Request, error: Exception) -> None:
    """Log what went wrong; the caller learns the request's id and nothing else."""
    ours = not isinstance(error, RunError)
    logs.event(logging.ERROR, "server_failed" if ours else "run_failed", exc_info=error if ours else error.__cause__)
    if request.status is None:
        text = "the service failed on this request; its log says why, by request id"
        await refuse(request, RequestError(Code.INTERNAL, text))


def log_request(request: Request, seconds: float) -> None:
    """One line a request, status null if the caller left first; none for what is routine."""
    if not request.is_routine:
        logs.answered(request, seconds)
