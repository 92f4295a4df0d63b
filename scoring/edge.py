"""What every request goes through: an id, the door, one log line; and every refusal's way out.

Deny by default: what is not in `OPEN` needs a key, whether it exists or not.
"""

import logging
import re
import time
import uuid
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoring import logs
from scoring.contract import JSON, write_error
from scoring.errors import STATUS, Code, RequestError, RunError
from scoring.keys import Keys
from scoring.lifecycle import Lifecycle, Phase

HEALTH: Final = frozenset({"/", "/healthz/live", "/healthz/ready"})
OPEN: Final = HEALTH | {"/swagger.json"}
SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
LONGEST_PATH: Final = 200
OK: Final = 200


class Edge:
    def __init__(self, app: ASGIApp, keys: Keys, lifecycle: Lifecycle) -> None:
        self._app = app
        self._keys = keys
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request_id = choose_id(scope)
        logs.request_id.set(request_id)
        status: int | None = None

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                if self._must_close(scope, status):
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self._answer(scope, receive, send_marked, request_id)
        finally:
            log_request(scope, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        try:
            if not is_open(scope):
                self._keys.admit(scope["headers"])
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except RequestError as error:
            await refusal(error, request_id)(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the last place: the caller gets an id, the log the traceback
            ours = not isinstance(error, RunError)
            logs.event(
                logging.ERROR, "server_failed" if ours else "run_failed", exc_info=error if ours else error.__cause__
            )
            hidden = RequestError(Code.INTERNAL, "the service failed on this request; its log says why, by request id")
            await refusal(hidden, request_id)(scope, receive, send)

    def _must_close(self, scope: Scope, status: int) -> bool:
        """Draining: callers leave by themselves, and none meets a closing connection.

        A refusal before `100 Continue` leaves it open whether the body still comes; only a new connection is sure.
        """
        if self._lifecycle.phase is Phase.DRAINING:
            return True
        return status >= STATUS[Code.BAD_INPUT] and any(name == b"expect" for name, _ in scope["headers"])


def choose_id(scope: Scope) -> str:
    """Take the caller's `x-request-id` if it is short and plain, else make one."""
    given = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(given) == 1 and SANE_ID.fullmatch(given[0]):
        return str(given[0], "ascii")
    return uuid.uuid4().hex


def is_open(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and scope["path"] in OPEN


def refusal(error: RequestError, request_id: str) -> Response:
    content = write_error(error.code, str(error), request_id)
    return Response(content, error.status, error.headers, media_type=JSON)


def log_request(scope: Scope, status: int | None, seconds: float) -> None:
    """One line a request, status null if the caller left first; none for health that is well: gateways ask often."""
    if scope["path"] in HEALTH and status == OK:
        return
    path = scope["path"][:LONGEST_PATH]
    logs.event(logging.INFO, "request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 3))
