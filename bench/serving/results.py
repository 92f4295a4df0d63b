"""From rounds to one document: medians, ratios, and the file they are kept in. Measures nothing."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.serving.errors import BenchError
from bench.serving.load import Load
from bench.serving.rounds import CELLS, Cell, Round

FOLDER = Path(__file__).parents[1] / "results"
OURS, CONSTANT = "ours", "constant"
CELL: Cell = (1, 16)
READING = {
    "ratios": "1 row, 16 clients: ours / theirs in requests per second; constant: constant / ours",
    "p99_ratios": "1 row, 16 clients: theirs / ours in the 99th percentile of latency, for constant too",
}


def table(measured: Mapping[str, Sequence[Round]]) -> list[dict[str, Any]]:
    """An entry a server and cell: medians over rounds, all failures, and the slowest and fastest round."""
    return [
        {"server": name, "rows": cell[0], "clients": cell[1], **_cell([each.cells[cell] for each in rounds])}
        for name, rounds in measured.items()
        for cell in CELLS
    ]


def servers(measured: Mapping[str, Sequence[Round]], environments: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """What a server has of its own, whatever is asked; medians over rounds."""
    return {
        name: {
            "start_seconds": round(statistics.median(each.start_seconds for each in rounds), 2),
            "memory_mib": round(statistics.median(each.memory_mib for each in rounds), 1),
            "environment_mib": round(environments[name], 1),
            "core_taken": round(statistics.median(each.core_taken for each in rounds), 2),
        }
        for name, rounds in measured.items()
    }


def ratios(entries: Sequence[Mapping[str, Any]], unmeasured: Iterable[str] = ()) -> dict[str, dict[str, float | None]]:
    """`ratios` and `p99_ratios` as READING says, None for what was not measured; empty unless ours was."""
    found = {entry["server"]: entry for entry in entries if (entry["rows"], entry["clients"]) == CELL}
    ours = found.pop(OURS, None)
    if ours is None:
        return {"ratios": {}, "p99_ratios": {}}
    rates = {name: ours["requests_per_second"] / each["requests_per_second"] for name, each in found.items()}
    if CONSTANT in rates:
        rates[CONSTANT] = 1 / rates[CONSTANT]
    waits = {name: each["p99_ms"] / ours["p99_ms"] for name, each in found.items()}
    nothing = dict.fromkeys(unmeasured)
    return {"ratios": _rounded(rates) | nothing, "p99_ratios": _rounded(waits) | nothing}


def failures(entries: Sequence[Mapping[str, Any]]) -> int:
    """All requests that failed."""
    return sum(entry["failures"] for entry in entries)


def save(document: Mapping[str, Any]) -> Path:
    """Write a document to the folder of results, named by its date."""
    path = FOLDER / f"serving-{document['date']}.json"
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def newest() -> dict[str, Any]:
    """The newest saved document. Raises BenchError when there is none."""
    found = sorted(FOLDER.glob("serving-????-??-??.json"))
    if not found:
        raise BenchError(f"{FOLDER} has no result of this benchmark; run: python -m bench.serving --save")
    document: dict[str, Any] = json.loads(found[-1].read_bytes())
    return document


def _cell(loads: Sequence[Load]) -> dict[str, Any]:
    rates = [each.requests_per_second for each in loads]
    return {
        "requests_per_second": round(statistics.median(rates), 1),
        "p50_ms": round(statistics.median(each.p50_ms for each in loads), 3),
        "p99_ms": round(statistics.median(each.p99_ms for each in loads), 3),
        "failures": sum(each.failures for each in loads),
        "requests": sum(each.requests for each in loads),
        "spread": [round(min(rates), 1), round(max(rates), 1)],
        "load_generator_busy": round(max(each.busy for each in loads), 2),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: round(value, 2) for name, value in values.items()}
