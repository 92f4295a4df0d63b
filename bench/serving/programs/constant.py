"""constant.py PORT FOLDER: answer a POST to /NAME with the bytes of FOLDER/NAME, whatever was sent.

One worker of our own web server, no access log: what it leaves for whoever answers. It answers as quick scripts do, by
`take`; only what comes in pieces goes through ASGI. Runs in our server's environment.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn

from workbench.server.complete_requests import CompleteRequests, Cycle
from workbench.server.request import Header

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[list[Header], bytes]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def application(answers: dict[str, Answer]) -> Application:
    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        # Unread bytes would stand before the next request of this connection.
        while (await receive()).get("more_body"):
            pass
        head, content = answers[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": content})

    return answer


def protocol(answers: dict[str, Answer]) -> type[CompleteRequests]:
    class Constant(CompleteRequests):
        def take(self, cycle: Cycle) -> bool:
            self.answer(cycle, *answers[cycle.scope["path"]])
            return True

    return Constant


def serve(port: int, folder: Path) -> None:
    contents = {f"/{path.name}": path.read_bytes() for path in folder.iterdir() if path.name.isdecimal()}
    answers = {path: (_head(content), content) for path, content in contents.items()}
    uvicorn.run(
        application(answers),
        port=port,
        loop="uvloop",
        http=protocol(answers),
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
    )


def _head(content: bytes) -> list[Header]:
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
