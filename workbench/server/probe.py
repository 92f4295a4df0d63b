"""The container's health check: exit 0 when this container's server is ready, else one line and exit 1."""

import http.client
import sys

from workbench.server.errors import StartError
from workbench.server.settings import from_environment

TIMEOUT_SECONDS = 2.0


def main() -> int:
    try:
        port = from_environment().port
        problem = ask("127.0.0.1", port)
    except StartError as error:
        problem = str(error)
    if problem is None:
        return 0
    print(f"error: {problem}", file=sys.stderr)
    return 1


def ask(host: str, port: int) -> str | None:
    """None if the server at `host`:`port` is ready, else why not."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz/ready")
        answer = connection.getresponse()
        text = answer.read(100).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"port {port} does not answer: {error}"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else f"not ready: {answer.status} {text}"


if __name__ == "__main__":
    sys.exit(main())
