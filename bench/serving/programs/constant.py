"""constant.py uvicorn|granian PORT FOLDER: answer a POST to /NAME with the bytes of FOLDER/NAME, whatever was sent.

One worker, ASGI, no access log: what a web server leaves for the application on it. Runs in our server's environment.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def application(folder: Path) -> Application:
    answers = {f"/{path.name}": path.read_bytes() for path in folder.iterdir() if path.name.isdecimal()}
    heads = {path: _head(answer) for path, answer in answers.items()}

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        # Unread bytes would stand before the next request of this connection.
        while (await receive()).get("more_body"):
            pass
        await send(heads[scope["path"]])
        await send({"type": "http.response.body", "body": answers[scope["path"]]})

    return answer


def serve_uvicorn(target: Application, port: int) -> None:
    import uvicorn

    uvicorn.run(
        target,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
    )


def serve_granian(target: Application, port: int) -> None:
    import uvloop
    from granian.constants import Interfaces  # type: ignore[import-not-found] # there when our server stands on it
    from granian.server.embed import Server  # type: ignore[import-not-found] # see above

    server = Server(target, port=port, interface=Interfaces.ASGINL, http="1", websockets=False, log_enabled=False)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())


def _head(answer: bytes) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    return {"type": "http.response.start", "status": 200, "headers": headers}


if __name__ == "__main__":
    serve = {"uvicorn": serve_uvicorn, "granian": serve_granian}[sys.argv[1]]
    serve(application(Path(sys.argv[3])), int(sys.argv[2]))
