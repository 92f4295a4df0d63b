"""A saved result as Markdown tables."""

from collections.abc import Mapping, Sequence
from typing import Any


def markdown(document: Mapping[str, Any]) -> str:
    """The table of cells, that of servers, and the ratios."""
    cells = [
        [
            entry["server"], entry["rows"], entry["clients"], _rate(entry["requests_per_second"]),
            f"{entry['p50_ms']:.2f}", f"{entry['p99_ms']:.2f}", entry["failures"],
        ]
        for entry in document["table"]
    ]  # fmt: skip
    servers = [
        [
            name,
            *(each[key] for key in ("start_seconds", "memory_mib", "environment_mib", "core_taken")),
            *_ratios(document, name),
        ]
        for name, each in document["servers"].items()
        if each
    ]
    machine, reading = document["machine"], document["reading"]
    return "\n".join(
        [
            f"{document['date']}, {machine['processor']}, {machine['cores']} cores, one of them for the server.",
            "",
            *_lines(("server", "rows", "clients", "requests/s", "p50 ms", "p99 ms", "failures"), cells),
            "",
            *_lines(
                ("server", "start s", "memory MiB", "environment MiB", "core taken", "ratio", "p99 ratio"), servers
            ),
            "",
            *(f"{'p99 ratio' if name == 'p99_ratios' else 'ratio'}: {text}." for name, text in reading.items()),
            *(f"{name} was not measured: {reason}." for name, reason in document["unmeasured"].items()),
        ]
    )


def _lines(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    ruler = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(map(str, row))} |" for row in (head, ruler, *rows)]


def _ratios(document: Mapping[str, Any], name: str) -> list[str]:
    return [str(document[kind].get(name) or "") for kind in ("ratios", "p99_ratios")]


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"  # noqa: PLR2004 - three digits are enough
