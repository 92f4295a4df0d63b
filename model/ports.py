"""Ports of this machine's loopback."""

import socket


def is_free(port: int) -> bool:
    """Say whether nothing listens on it."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
