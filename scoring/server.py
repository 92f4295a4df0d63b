"""What each path answers, and the one list of all paths. What every request shares is in `edge`."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from scoring import inference, openapi, swagger
from scoring.edge import Edge
from scoring.errors import Code, RequestError
from scoring.exchange import Exchange
from scoring.keys import Keys
from scoring.lifecycle import Lifecycle, Phase
from scoring.metrics import Metrics
from scoring.openapi import MODEL, VERSION
from scoring.pool import Pool
from scoring.quick import QUICK_BYTES
from scoring.routes import Route, Routes
from scoring.service import Service
from scoring.settings import Settings
from scoring.tracing import Tracing

TEXT: Final = "text/plain; charset=utf-8"
# Tensors of columns become rows at many times the price of rows.
QUICK_TENSOR_BYTES: Final = 8 * 1024


class Endpoints:
    def __init__(self, lifecycle: Lifecycle, keys: Keys, pool: Pool, metrics: Metrics) -> None:
        self._lifecycle, self._keys, self._pool, self._metrics = lifecycle, keys, pool, metrics
        self._documents: dict[str, bytes] = {}

    async def ready(self, exchange: Exchange) -> None:
        """`Healthy` only while a request would be scored: loaded, not draining, and with usable keys."""
        why = self._not_ready()
        await exchange.answer(503 if why else 200, (why or "Healthy").encode(), TEXT)

    async def live(self, exchange: Exchange) -> None:
        await exchange.answer(200, b"Alive", TEXT)

    async def swagger(self, exchange: Exchange) -> None:
        await self._document(exchange, swagger.describe)

    async def openapi(self, exchange: Exchange) -> None:
        await self._document(exchange, openapi.describe)

    async def _document(self, exchange: Exchange, describe: Callable[[Service], dict[str, Any]]) -> None:
        """Answer a description of the service, written once."""
        if exchange.path not in self._documents:
            self._documents[exchange.path] = orjson.dumps(describe(self._service()))
        await exchange.answer(200, self._documents[exchange.path])

    async def metrics(self, exchange: Exchange) -> None:
        content, media_type = self._metrics.render()
        await exchange.answer(200, content, media_type)

    async def score(self, exchange: Exchange) -> None:
        service = self._service()
        with self._pool.place():
            body = await exchange.body()
            if service.batch is None or len(body) > QUICK_BYTES:
                answer = await self._pool.run(service.score, exchange.header(b"content-type"), body)
            else:
                arguments = service.read(exchange.header(b"content-type"), body)
                rows = service.rows(arguments)
                answer = service.write(await service.batch.run(*arguments.values()), rows)
            exchange.rows = answer.rows
        await exchange.answer(200, answer.content, headers=service.headers)

    async def server_metadata(self, exchange: Exchange) -> None:
        await exchange.answer(200, orjson.dumps(inference.server_metadata(self._service())))

    async def server_live(self, exchange: Exchange) -> None:
        await exchange.answer(200, orjson.dumps({"live": True}))

    async def server_ready(self, exchange: Exchange) -> None:
        ready = not self._not_ready()
        await exchange.answer(200 if ready else 503, orjson.dumps({"ready": ready}))

    async def model_metadata(self, exchange: Exchange, name: str, version: str | None = None) -> None:
        await exchange.answer(200, orjson.dumps(inference.model_metadata(self._model(name, version))))

    async def model_ready(self, exchange: Exchange, name: str, version: str | None = None) -> None:
        self._model(name, version)
        ready = not self._not_ready()
        await exchange.answer(200 if ready else 503, orjson.dumps({"name": name, "ready": ready}))

    async def infer(self, exchange: Exchange, name: str, version: str | None = None) -> None:
        service = self._model(name, version)
        with self._pool.place():
            body = await exchange.body()
            content_type = exchange.header(b"content-type")
            if service.script.quick and len(body) <= QUICK_TENSOR_BYTES:
                answer = service.infer(content_type, body)
            else:
                answer = await self._pool.run(service.infer, content_type, body)
            exchange.rows = answer.rows
        await exchange.answer(200, answer.content, headers=service.headers)

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


def build(lifecycle: Lifecycle, keys: Keys, pool: Pool, metrics: Metrics, tracing: Tracing, settings: Settings) -> Edge:
    """Wire the ASGI application of one process."""
    return Edge(Routes(routes(Endpoints(lifecycle, keys, pool, metrics))), keys, lifecycle, metrics, tracing, settings)


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
