"""The routes: which path does what. What all of them share is in `edge`, what a score is in `service`."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from scoring.contract import JSON
from scoring.edge import Edge
from scoring.errors import Code, RequestError
from scoring.keys import Keys
from scoring.lifecycle import Lifecycle, Phase
from scoring.pool import Pool
from scoring.service import Service


class Endpoints:
    def __init__(self, lifecycle: Lifecycle, keys: Keys, pool: Pool, max_body_bytes: int) -> None:
        self._lifecycle = lifecycle
        self._keys = keys
        self._pool = pool
        self._max_body_bytes = max_body_bytes

    async def ready(self, _: Request) -> Response:
        """`Healthy` only while a request would be scored: loaded, not draining, and with usable keys."""
        if self._lifecycle.phase is not Phase.READY:
            return PlainTextResponse(self._lifecycle.phase.capitalize(), 503)
        if not self._keys.usable():
            return PlainTextResponse("No usable keys", 503)
        return PlainTextResponse("Healthy")

    async def live(self, _: Request) -> Response:
        return PlainTextResponse("Alive")

    async def swagger(self, _: Request) -> Response:
        return Response(self._service().swagger, media_type=JSON)

    async def score(self, request: Request) -> Response:
        service = self._service()
        with self._pool.place():
            body = await read_body(request, self._max_body_bytes)
            answer = await self._pool.run(service.score, request.headers.get("content-type"), body)
        return Response(answer, media_type=JSON)

    def _service(self) -> Service:
        if self._lifecycle.service is None:
            raise RequestError(Code.NOT_READY, "the service is starting; try again", {"retry-after": "1"})
        return self._lifecycle.service


def build(lifecycle: Lifecycle, keys: Keys, pool: Pool, max_body_bytes: int) -> Starlette:
    """Wire the ASGI application of one process."""
    endpoints = Endpoints(lifecycle, keys, pool, max_body_bytes)
    application = Starlette(
        routes=[
            Route("/", endpoints.ready),
            Route("/healthz/ready", endpoints.ready),
            Route("/healthz/live", endpoints.live),
            Route("/swagger.json", endpoints.swagger),
            Route("/score", endpoints.score, methods=["POST"]),
        ],
        middleware=[Middleware(Edge, keys=keys, lifecycle=lifecycle)],
        exception_handlers={HTTPException: unroutable},
    )
    # A redirect would answer for a path that is not there.
    application.router.redirect_slashes = False
    return application


async def unroutable(request: Request, error: Exception) -> Response:
    """Put the router's own refusals in our words; the edge writes them."""
    if isinstance(error, HTTPException) and error.status_code == 405:  # noqa: PLR2004 - HTTP's own number
        headers = dict(error.headers or {})
        raise RequestError(Code.METHOD_NOT_ALLOWED, f"{request.method} is not allowed here", headers)
    raise RequestError(Code.NOT_FOUND, "there is nothing here; POST to /score, or read /swagger.json")


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body, never more than `limit` bytes of it; raises RequestError (413) as soon as it proves longer."""
    too_large = RequestError(Code.TOO_LARGE, f"the body is larger than {limit} bytes; send fewer rows at once")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        if len(body) + len(chunk) > limit:
            raise too_large
        body += chunk
    return bytes(body)
