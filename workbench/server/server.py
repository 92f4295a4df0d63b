"""What each path answers, and the one list of all paths. What every request shares is in `edge`."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from workbench.server import inference, openapi, swagger
from workbench.server.app import App
from workbench.server.errors import Code, RequestError
from workbench.server.fast_path import QUICK_BYTES
from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle, Phase
from workbench.server.metrics import Metrics
from workbench.server.openapi import MODEL, VERSION
from workbench.server.pool import Pool
from workbench.server.request import Request
from workbench.server.routes import Route, Routes
from workbench.server.service import Service
from workbench.server.settings import Settings
from workbench.server.tracing import Tracing

TEXT: Final = "text/plain; charset=utf-8"
# Tensors of columns become rows at many times the price of rows.
QUICK_TENSOR_BYTES: Final = 8 * 1024


class Endpoints:
    def __init__(self, lifecycle: Lifecycle, keys: Keys, pool: Pool, metrics: Metrics) -> None:
        self._lifecycle, self._keys, self._pool, self._metrics = lifecycle, keys, pool, metrics
        self._documents: dict[str, bytes] = {}

    async def ready(self, request: Request) -> None:
        """`Healthy` only while a request would be scored: loaded, not draining, and with usable keys."""
        why = self._not_ready()
        await request.answer(503 if why else 200, (why or "Healthy").encode(), TEXT)

    async def live(self, request: Request) -> None:
        await request.answer(200, b"Alive", TEXT)

    async def swagger(self, request: Request) -> None:
        await self._document(request, swagger.describe)

    async def openapi(self, request: Request) -> None:
        await self._document(request, openapi.describe)

    async def _document(self, request: Request, describe: Callable[[Service], dict[str, Any]]) -> None:
        """Answer a description of the service, written once."""
        if request.path not in self._documents:
            self._documents[request.path] = orjson.dumps(describe(self._service()))
        await request.answer(200, self._documents[request.path])

    async def metrics(self, request: Request) -> None:
        content, media_type = self._metrics.render()
        await request.answer(200, content, media_type)

    async def score(self, request: Request) -> None:
        service = self._service()
        with self._pool.place():
            body = await request.body()
            if service.batch is None or len(body) > QUICK_BYTES:
                answer = await self._pool.run(service.score, request.header(b"content-type"), body)
            else:
                arguments = service.read(request.header(b"content-type"), body)
                rows = service.rows(arguments)
                answer = service.write(await service.batch.run(*arguments.values()), rows)
            request.rows = answer.rows
        await request.answer(200, answer.content, headers=service.headers)

    async def server_metadata(self, request: Request) -> None:
        await request.answer(200, orjson.dumps(inference.server_metadata(self._service())))

    async def server_live(self, request: Request) -> None:
        await request.answer(200, orjson.dumps({"live": True}))

    async def server_ready(self, request: Request) -> None:
        ready = not self._not_ready()
        await request.answer(200 if ready else 503, orjson.dumps({"ready": ready}))

    async def model_metadata(self, request: Request, name: str, version: str | None = None) -> None:
        await request.answer(200, orjson.dumps(inference.model_metadata(self._model(name, version))))

    async def model_ready(self, request: Request, name: str, version: str | None = None) -> None:
        self._model(name, version)
        ready = not self._not_ready()
        await request.answer(200 if ready else 503, orjson.dumps({"name": name, "ready": ready}))

    async def infer(self, request: Request, name: str, version: str | None = None) -> None:
        service = self._model(name, version)
        with self._pool.place():
            body = await request.body()
            content_type = request.header(b"content-type")
            if service.script.quick and len(body) <= QUICK_TENSOR_BYTES:
                answer = service.infer(content_type, body)
            else:
                answer = await self._pool.run(service.infer, content_type, body)
            request.rows = answer.rows
        await request.answer(200, answer.content, headers=service.headers)

    def _service(self) -> Service:
        if self._lifecycle.service is None:
            raise RequestError(Code.NOT_READY, "the service is starting; try again", {"retry-after": "1"})
        return self._lifecycle.service

    def _model(self, name: str, version: str | None) -> Service:
        service = self._service()
        if not inference.names(service, name, version):
            own, current = inference.identity(service)
            here = f"{own}, version {current}" if current else own
            raise RequestError(Code.NOT_FOUND, f"there is no such model or version here; there is {here}")
        return service

    def _not_ready(self) -> str | None:
        if self._lifecycle.phase is not Phase.READY:
            return self._lifecycle.phase.capitalize()
        return None if self._keys.usable() else "No usable keys"


def build(lifecycle: Lifecycle, keys: Keys, pool: Pool, metrics: Metrics, tracing: Tracing, settings: Settings) -> App:
    """Wire the ASGI application of one process."""
    return App(Routes(routes(Endpoints(lifecycle, keys, pool, metrics))), keys, lifecycle, metrics, tracing, settings)


def routes(to: Endpoints) -> tuple[Route, ...]:
    """Every path of this server; what is not `open` needs a key."""
    return (
        Route("GET", "/", to.ready, open=True),
        Route("GET", "/healthz/ready", to.ready, open=True),
        Route("GET", "/healthz/live", to.live, open=True),
        Route("GET", "/swagger.json", to.swagger, open=True),
        Route("GET", "/openapi.json", to.openapi, open=True),
        Route("GET", "/metrics", to.metrics),
        Route("POST", "/score", to.score),
        Route("GET", "/v2", to.server_metadata),
        Route("GET", "/v2/", to.server_metadata),
        Route("GET", "/v2/health/live", to.server_live, open=True),
        Route("GET", "/v2/health/ready", to.server_ready, open=True),
        *(
            route
            for model in (MODEL, VERSION)
            for route in (
                Route("GET", model, to.model_metadata),
                Route("GET", f"{model}/ready", to.model_ready),
                Route("POST", f"{model}/infer", to.infer),
            )
        ),
    )
