"""A client that keeps its connection, and the comparison of a server's answers with scikit-learn's."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from bench.serving.errors import BenchError
from bench.serving.server import Server
from bench.serving.subject import Batch

TOLERANCE = 1e-5
CLIENTS = 16
_OK = 200
_TIMEOUT_SECONDS = 60


class Client:
    """One connection to a server on loopback."""

    def __init__(self, server: Server, port: int) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def ask(self, batch: Batch) -> bytes:
        """The answer to a batch. Raises OSError, HTTPException, or BenchError for a status other than 200."""
        server = self._server
        self._connection.request("POST", server.path(len(batch.rows)), server.body(batch.rows), server.headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != _OK:
            said = content[:200].decode(errors="replace")
            raise BenchError(f"{server.name} answered {response.status} to {len(batch.rows)} rows: {said}")
        return content


def check(server: Server, port: int) -> None:
    """Ask for all batches from several clients at once. Raises BenchError unless every probability is right."""
    batches = [batch for each in server.subject.batches.values() for batch in each]
    shares = [batches[start::CLIENTS] for start in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda share: _check_share(server, port, share), shares))


def check_answer(server: Server, batch: Batch, answer: bytes) -> None:
    """Raise BenchError unless the answer has scikit-learn's probabilities, or the server has no model at all."""
    try:
        given = server.probabilities(answer)
    except (ValueError, LookupError, TypeError) as error:
        said = answer[:200].decode(errors="replace")
        raise BenchError(f"{server.name} answered otherwise than it should ({error!r}): {said}") from error
    if given is None:
        return
    if len(given) != len(batch.expected):
        raise BenchError(f"{server.name} answered {len(given)} probabilities to {len(batch.expected)} rows")
    difference = max(abs(one - other) for one, other in zip(given, batch.expected, strict=True))
    if not difference <= TOLERANCE:
        raise BenchError(f"{server.name} answers otherwise than scikit-learn: a probability is {difference:.2g} away")


def _check_share(server: Server, port: int, share: list[Batch]) -> None:
    try:
        with Client(server, port) as client:
            for batch in share:
                check_answer(server, batch, client.ask(batch))
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{server.name} broke a connection ({error!r}); look at {server.folder / 'log'}") from error
