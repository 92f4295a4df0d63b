"""BentoML with the sklearn framework and one API worker; requests one by one, or gathered by its adaptive batching."""

import json
from collections.abc import Mapping

from bench.serving.server import LOCKS, PROGRAMS, Server
from bench.serving.servers.program import run


class Bentoml(Server):
    name = "bentoml"
    lock = LOCKS / "bentoml.txt"

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        del ours
        run(self, [PROGRAMS / "save_bentoml.py", self.subject.pipeline])

    def command(self, ports: list[int]) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(ports[0]), "--working-dir", str(PROGRAMS)]
        return [str(self.python.parent / "bentoml"), "serve", "bentoml_service:Churn", *options]

    def environment(self, ports: list[int]) -> dict[str, str]:
        del ports
        return {"BENTOML_HOME": str(self.folder / "store"), "BENTOML_DO_NOT_TRACK": "True"}

    def path(self, rows: int) -> str:
        del rows
        return "/score"

    def probabilities(self, answer: bytes) -> list[float]:
        return list(json.loads(answer))


class BentomlBatching(Bentoml):
    name = "bentoml_batching"

    def path(self, rows: int) -> str:
        del rows
        return "/batched"
