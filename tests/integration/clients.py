"""Callers that never retry: half keep their connection, half open one per request. Every answer is kept."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from tests.waiting import patience, until

PAUSE_SECONDS = 0.005


@dataclass
class Tally:
    """What the callers saw: answers by model version, failures by what went wrong, the slowest answer in seconds."""

    versions: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    @property
    def total(self) -> int:
        return self.versions.total() + self.failures.total()


class Clients:
    """`with Clients(url, key, rows) as clients:` posts rows until the block ends; `clients.tally` tells.

    `trust` says whose certificates are good, for a URL that begins with https.
    """

    def __init__(
        self,
        url: str,
        key: str,
        rows: list[dict[str, object]],
        count: int = 16,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._url = urlsplit(url)
        self._trust = trust
        self._body = json.dumps({"input_df": rows}).encode()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._rows = len(rows)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call, args=(each % 2 == 0,)) for each in range(count)]
        self.tally = Tally()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for_answers(self, more: int) -> None:
        """Let the callers go on until they had that many answers more. Raises AssertionError."""
        goal = self.tally.total + more
        until(lambda: self.tally.total >= goal, say=lambda: f"{self.tally}; {goal} answers were awaited")

    def _call(self, keep_alive: bool) -> None:
        connection = self._connect()
        while not self._stop.wait(PAUSE_SECONDS):
            began = time.monotonic()
            try:
                versions, failure = self._post(connection), None
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                versions, failure = set(), f"{type(error).__name__}: {error}"
                connection.close()
                connection = self._connect()
            with self._lock:
                self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
                if failure or len(versions) != 1:
                    self.tally.failures[failure or f"versions {sorted(versions)} in one answer"] += 1
                else:
                    self.tally.versions[versions.pop()] += 1
            if not keep_alive:
                connection.close()
                connection = self._connect()
        connection.close()

    def _post(self, connection: http.client.HTTPConnection) -> set[int]:
        connection.request("POST", self._url.path, self._body, self._headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise ValueError(f"{answer.status} {body[:200]!r}")
        rows = json.loads(body)
        if len(rows) != self._rows:
            raise ValueError(f"{len(rows)} rows for {self._rows}")
        return {row["version"] for row in rows}

    def _connect(self) -> http.client.HTTPConnection:
        host, port = str(self._url.hostname), self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=patience(30), context=self._trust)
        return http.client.HTTPConnection(host, port, timeout=patience(30))
