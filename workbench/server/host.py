"""What a serving process has of its host: the port it binds, and the signal that ends it."""

import asyncio
import signal
import socket

from workbench.server.errors import StartError


def listen(port: int, *, shared: bool = False) -> socket.socket:
    """Bind the port, alone or as one of several sockets of this user."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind(("0.0.0.0", port))  # noqa: S104 - the container's own network; the gateway stands before it
    except OSError as error:
        raise StartError(f"SCORING_PORT {port}: {error.strerror}; choose another port") from error
    return listener


def stop_signal() -> asyncio.Future[None]:
    """Done at the first SIGTERM or SIGINT; later ones change nothing."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def stop_once() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_once)
    return stop
