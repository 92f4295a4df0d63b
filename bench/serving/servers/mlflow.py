"""`mlflow models serve` over the sklearn flavour, its default server, in the environment that is there."""

import json
from collections.abc import Mapping
from typing import ClassVar

from bench.serving.server import LOCKS, PROGRAMS, Server
from bench.serving.servers.program import run
from bench.serving.subject import Row


class Mlflow(Server):
    """With the model's signature, as MLflow advises: requests are checked against it."""

    name = "mlflow"
    lock = LOCKS / "mlflow.txt"
    signature: ClassVar[bool] = True

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        del ours
        examples = self.folder / "examples.json"
        rows = [row for batch in self.subject.batches[1] for row in batch.rows]
        examples.write_text(json.dumps(rows if self.signature else []), encoding="utf-8")
        run(self, [PROGRAMS / "save_mlflow.py", self.subject.pipeline, examples, self.folder / "model"])

    def command(self, ports: list[int]) -> list[str]:
        program = str(self.python.parent / "mlflow")
        options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(ports[0])]
        return [program, "models", "serve", "--model-uri", str(self.folder / "model"), *options]

    def environment(self, ports: list[int]) -> dict[str, str]:
        del ports
        return {"MLFLOW_DISABLE_TELEMETRY": "true"}

    def path(self, rows: int) -> str:
        del rows
        return "/invocations"

    def body(self, rows: list[Row]) -> bytes:
        split = {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}
        return json.dumps({"dataframe_split": split}).encode()

    def probabilities(self, answer: bytes) -> list[float]:
        return [row[1] for row in json.loads(answer)["predictions"]]


class MlflowUnchecked(Mlflow):
    """Without a signature: any request goes to the model as it is."""

    name = "mlflow_unchecked"
    signature = False
