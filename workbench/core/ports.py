"""Ports of this machine."""

import errno
import re
import socket
from pathlib import Path

_LISTENING = "0A"


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Say whether nothing listens on it; True also for an address that this machine doesn't have."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True


def listener(port: int) -> str:
    """Who listens on it, as `python3 (process 12)`; "another program" where the system does not tell."""
    for inode in _sockets(port):
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if str(link.readlink()) == f"socket:[{inode}]":
                    process = link.parents[1]
                    return f"{(process / 'comm').read_text().strip()} (process {process.name})"
            except OSError:
                continue  # it ended, or is somebody else's
    return "another program"


def _sockets(port: int) -> list[str]:
    """Inodes of the sockets that listen on a port."""
    found = []
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        fields = (line.split() for line in lines)
        found += [field[9] for field in fields if field[3] == _LISTENING and re.search(rf":{port:04X}$", field[1])]
    return [inode for inode in found if inode != "0"]
