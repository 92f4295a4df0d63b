"""serving.py NAME PORT FOLDER: one worker of a candidate, answering a POST to /1 with the bytes of FOLDER/1."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Application = Callable[..., Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEADERS = [(b"content-type", b"application/json")]


def plain(content: bytes) -> Application:
    async def answer(_scope: object, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        length = (b"content-length", b"%d" % len(content))
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": content})

    return answer


def starlette(content: bytes) -> Application:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(content, media_type="application/json")

    return Starlette(routes=[Route("/1", answer, methods=["POST"])])


def litestar(content: bytes) -> Application:
    from litestar import Litestar, Request, Response, post

    @post("/1", status_code=200)
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        return Response(content, media_type="application/json")

    return Litestar([answer], openapi_config=None)


def rsgi(content: bytes) -> Application:
    from granian.rsgi import HTTPProtocol

    async def answer(_scope: object, protocol: HTTPProtocol) -> None:
        await protocol()
        protocol.response_bytes(200, [("content-type", "application/json")], content)

    return answer


def uvicorn(application: Application, port: int, http: str, loop: str) -> None:
    import uvicorn as library

    quiet: dict[str, Any] = {"ws": "none", "lifespan": "off", "log_level": "warning", "access_log": False}
    library.run(application, port=port, loop=loop, http=http, **quiet)


def granian(application: Application, port: int, interface: str) -> None:
    import uvloop
    from granian.constants import Interfaces
    from granian.server.embed import Server

    quiet: dict[str, Any] = {"http": "1", "websockets": False, "log_enabled": False}
    server = Server(application, port=port, interface=Interfaces(interface), **quiet)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())


CANDIDATES = {
    "uvicorn (h11, asyncio)": lambda content, port: uvicorn(plain(content), port, "h11", "asyncio"),
    "uvicorn (httptools, uvloop)": lambda content, port: uvicorn(plain(content), port, "httptools", "uvloop"),
    "uvicorn + starlette": lambda content, port: uvicorn(starlette(content), port, "httptools", "uvloop"),
    "uvicorn + litestar": lambda content, port: uvicorn(litestar(content), port, "httptools", "uvloop"),
    "granian (ASGI)": lambda content, port: granian(plain(content), port, "asginl"),
    "granian (RSGI)": lambda content, port: granian(rsgi(content), port, "rsgi"),
}

if __name__ == "__main__":
    CANDIDATES[sys.argv[1]](Path(sys.argv[3], "1").read_bytes(), int(sys.argv[2]))
