"""What many write themselves: FastAPI on uvicorn, a pandas DataFrame of the rows, the fitted scikit-learn pipeline."""

import json
from collections.abc import Mapping

from bench.serving.server import LOCKS, PROGRAMS, Server


class FastapiSklearn(Server):
    name = "fastapi_sklearn"
    lock = LOCKS / "fastapi.txt"

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        del ours

    def command(self, ports: list[int]) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(ports[0]), "--app-dir", str(PROGRAMS)]
        return [str(self.python.parent / "uvicorn"), "fastapi_service:app", *options]

    def environment(self, ports: list[int]) -> dict[str, str]:
        del ports
        return {"PIPELINE": str(self.subject.pipeline)}

    def path(self, rows: int) -> str:
        del rows
        return "/score"

    def probabilities(self, answer: bytes) -> list[float]:
        return [row["probability"] for row in json.loads(answer)]
