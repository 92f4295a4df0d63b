"""What the benchmark needs to know of a server: how it is made ready, started, asked and read. Starts nothing."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from bench.serving.subject import Row, Subject

TREE = Path(__file__).parents[2]
LOCKS = Path(__file__).parent / "requirements"
PROGRAMS = Path(__file__).parent / "programs"


class Server(ABC):
    """One server under measurement.

    `python` is the interpreter of its environment, `folder` its own working directory, `ports` how many it takes: it
    answers scores on the first.
    """

    name: ClassVar[str]
    lock: ClassVar[Path]
    ports: ClassVar[int] = 1

    def __init__(self, subject: Subject, python: Path, folder: Path) -> None:
        self.subject, self.python, self.folder = subject, python, folder
        self.headers = {"Content-Type": "application/json"}

    @abstractmethod
    def prepare(self, ours: Mapping[int, bytes]) -> None:
        """Write what the server serves; `ours` is what our server answered, by rows a request. May raise BenchError."""

    @abstractmethod
    def command(self, ports: list[int]) -> list[str]:
        """The command that serves on loopback, in `folder`."""

    def environment(self, ports: list[int]) -> dict[str, str]:
        """Variables beside PATH, HOME and LANG."""
        del ports
        return {}

    @abstractmethod
    def path(self, rows: int) -> str:
        """Where `rows` rows are scored."""

    def body(self, rows: list[Row]) -> bytes:
        """A request on one line; by default as our own server takes it."""
        return json.dumps({"input_df": rows}).encode()

    @abstractmethod
    def probabilities(self, answer: bytes) -> list[float] | None:
        """The probability of churn a row; None if the server has no model."""
