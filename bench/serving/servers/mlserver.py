"""MLServer with its sklearn runtime over the V2 protocol, in one process; plain, or with its adaptive batching.

Without parallel workers, for two reasons: one process is what all others have, and workers of 1.7.1 don't start beside
uvloop from 0.22 on ("There is no current event loop").
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from bench.serving.server import LOCKS, Server
from bench.serving.subject import Row

_MODEL = "churn"


class Mlserver(Server):
    name = "mlserver"
    lock = LOCKS / "mlserver.txt"
    ports = 3
    batching: ClassVar[dict[str, float]] = {}

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        del ours
        settings = {
            "name": _MODEL,
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(self.subject.pipeline)},
            **self.batching,
        }
        (self.folder / "model-settings.json").write_text(json.dumps(settings), encoding="utf-8")

    def command(self, ports: list[int]) -> list[str]:
        del ports
        return [str(self.python.parent / "mlserver"), "start", str(self.folder)]

    def environment(self, ports: list[int]) -> dict[str, str]:
        names = ("MLSERVER_HTTP_PORT", "MLSERVER_GRPC_PORT", "MLSERVER_METRICS_PORT")
        return {
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_PARALLEL_WORKERS": "0",
            **{name: str(port) for name, port in zip(names, ports, strict=True)},
        }

    def path(self, rows: int) -> str:
        del rows
        return f"/v2/models/{_MODEL}/infer"

    def body(self, rows: list[Row]) -> bytes:
        inputs = [_column(name, [row[name] for row in rows]) for name in rows[0]]
        outputs = [{"name": "predict_proba"}]
        return json.dumps({"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": outputs}).encode()

    def probabilities(self, answer: bytes) -> list[float]:
        (output,) = json.loads(answer)["outputs"]
        return list(output["data"][1::2])


class MlserverBatching(Mlserver):
    name = "mlserver_batching"
    batching: ClassVar[dict[str, float]] = {"max_batch_size": 128, "max_batch_time": 0.01}


def _column(name: str, values: list[Any]) -> dict[str, Any]:
    if any(isinstance(value, str) for value in values):
        kind: dict[str, Any] = {"datatype": "BYTES", "parameters": {"content_type": "str"}}
    else:
        kind = {"datatype": "FP64"}
    return {"name": name, "shape": [len(values), 1], "data": values, **kind}
