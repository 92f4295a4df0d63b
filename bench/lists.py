"""What lists cost over many runs and versions, beyond what the same command costs over none.

    python bench/lists.py                                  # in a folder
    WORKBENCH_REGISTRY=s3://bucket/team python bench/lists.py --runs 1000 --versions 100

Makes a registry of its own with runs and model versions (in a new folder, or below the place that WORKBENCH_REGISTRY
names, where they stay), then runs each command in processes of its own, in turn with the same over an empty registry.
Prints one JSON object: medians of processor seconds (user and system), and the difference: the list's own time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.canonical import canonical_json, digest, sha256_hex
from workbench.experiments.runs import run_record
from workbench.registry.models.model_version import RECORD, version_key
from workbench.registry.stores import stores
from workbench.registry.stores.stores import VARIABLE

if TYPE_CHECKING:
    from workbench.registry.stores.store import Store

COMMANDS = {"history list": ["history", "list"], "model list": ["model", "list"]}
_METRICS = ("accuracy", "auc", "average_precision", "brier", "log_loss", "lift")
_MAIN = "from workbench.cli.main import main; main()"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="run records")
    parser.add_argument("--versions", type=int, default=1_000, help="model versions, of ten names")
    parser.add_argument("--repeats", type=int, default=5, help="pairs that count; one more goes before them")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-lists-") as folder:
        given = os.environ.get(VARIABLE)
        full, empty = (f"{given}/{uuid.uuid4().hex}" if given else f"{folder}/{name}" for name in ("full", "empty"))
        os.environ |= {VARIABLE: full, "WORKBENCH_HOME": f"{folder}/home", "XDG_CACHE_HOME": f"{folder}/cache"}
        fill(stores.at(), chosen.runs, chosen.versions)
        answer = {name: _measure(command, full, empty, chosen.repeats) for name, command in COMMANDS.items()}
    print(json.dumps({"runs": chosen.runs, "versions": chosen.versions, **answer}, indent=2))


def fill(store: Store, runs: int, versions: int) -> None:
    """Write records as `train` leaves them; every tenth version is tagged and every hundredth run was killed."""
    records = [(f"runs/churn_{index}/{run_record.RECORD}", _run(index)) for index in range(runs)]
    for index in range(versions):
        name, number = f"churn{index % 10}", index // 10 + 1
        records.append((f"{version_key(name, number)}/{RECORD}", _version(name, number, index)))
        if index % 10 == 0:
            notes = {"tags": {"stage": "tried"}, "description": "", "deleted_at": "", "at": "2026-11-24T00:00:00+00:00"}
            records.append((f"models/{name}/notes/{number}.1.json", canonical_json(notes)))

    def write(record: tuple[str, bytes]) -> None:
        key, data = record
        if isinstance(root := getattr(store, "root", None), Path):
            (root / key).parent.mkdir(parents=True, exist_ok=True)
            (root / key).write_bytes(data)  # without a sync for each
        else:
            store.replace(key, data)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, records))


def _run(index: int) -> bytes:
    measured = {name: {"value": 0.9, "low": 0.88, "high": 0.92} for name in _METRICS}
    pairs = ("model - majority", "model - tree")
    metrics = {
        "level": 0.95,
        "models": {"model": measured, "tree": measured},
        "differences": dict.fromkeys(pairs, measured),
    }
    inputs = {"data": digest(b"data"), "seed": index, "parameters": {"max_iter": 100, "learning_rate": 0.1}}
    document = {
        "id": f"churn_{index}",
        "project": "churn",
        "status": "running" if index % 100 == 0 else "completed",
        "started_at": f"2026-11-24T00:{index // 60 % 60:02}:{index % 60:02}.000+00:00",
        "writer": {"host": "gone", "boot": "gone", "space": "", "pid": 1, "started": 1},
        "inputs": inputs,
        "inputs_digest": digest(canonical_json(inputs)),
        "duration_seconds": 2.5,
        "metrics": metrics,
        "outputs": [_file(name, index) for name in ("model.onnx", "service_schema.json", "signature.json")],
        "model": {"name": "churn", "version": index + 1, "digest": digest(str(index).encode())},
    }
    return canonical_json(document)


def _version(name: str, number: int, index: int) -> bytes:
    files = [_file(path, index) for path in ("model.onnx", "service_schema.json", "signature.json")]
    document = {
        "name": name,
        "version": number,
        "digest": digest(canonical_json(files)),
        "created_at": "2026-11-24T00:00:00.000+00:00",
        "run_id": f"churn_{index}",
        "files": files,
        "metrics": json.loads(_run(index))["metrics"],
        "tags": {},
        "description": "",
    }
    return canonical_json(document)


def _file(path: str, index: int) -> dict[str, Any]:
    return {"path": path, "sha256": sha256_hex(f"{path} {index}".encode()), "size": 12_345}


def _measure(command: list[str], full: str, empty: str, repeats: int) -> dict[str, float]:
    pairs = [(_seconds(command, full), _seconds(command, empty)) for _ in range(repeats + 1)][1:]
    over_all, over_none = (statistics.median(times) for times in zip(*pairs, strict=True))
    own = statistics.median(first - second for first, second in pairs)
    return {"over_all": round(over_all, 3), "over_none": round(over_none, 3), "own": round(own, 3)}


def _seconds(command: list[str], place: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", _MAIN, *command],
        env={**os.environ, VARIABLE: place},
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
