"""The environment, read once and typed. Nothing else in this package looks at it.

Only the standard library's light parts are imported: the probe starts with this module every few seconds.
"""

import os
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from workbench.server.errors import StartError

PREFIX: Final = "SCORING_"
SERVICE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,30}[a-z0-9]")
HIGHEST_PORT: Final = 65535
MOST_WORKERS: Final = 64
COLLECTORS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
OTLP: Final = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
}


class Settings(NamedTuple):
    """How this server runs; the field `port` is the variable `SCORING_PORT`, and so on.

    `workers` processes serve, each with a loaded model of its own; 0 is one for each core of the container.
    In each of them `threads` requests run at once; `concurrency` may be read, wait or run before the next gets a 503.
    A request brings at most `max_body_bytes` within `body_seconds`, `max_rows` rows, and texts of `max_text_length`
    characters. `drain_seconds` bounds the way from SIGTERM to the exit, the first of them is the gateways' grace.
    """

    service: str
    port: int = 8000
    folder: str = "/opt/workbench/service"
    keys: str = "/run/workbench/keys"
    drain_seconds: int = 10
    workers: int = 0
    threads: int = 4
    concurrency: int = 100
    body_seconds: int = 30
    max_body_bytes: int = 8 * 1024 * 1024
    max_rows: int = 10_000
    max_text_length: int = 10_000

    @property
    def keys_file(self) -> str:
        return os.path.join(self.keys, f"{self.service}.json")  # noqa: PTH118 - pathlib would slow the probe


def from_environment() -> Settings:
    return read(os.environ)


def read(environment: Mapping[str, str]) -> Settings:
    """Read the `SCORING_*` variables; raises StartError with the variable, its value and what it takes."""
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    known = {PREFIX + field.upper(): field for field in Settings._fields}
    if unknown := sorted(given.keys() - known.keys()):
        raise StartError(f"{unknown[0]} is not a setting of this server; it knows {', '.join(sorted(known))}")
    return Settings(
        service=_service(given),
        port=_integer(given, "port", 1, HIGHEST_PORT),
        folder=_folder(given, "folder"),
        keys=_folder(given, "keys"),
        drain_seconds=_integer(given, "drain_seconds", 0, 3600),
        workers=_integer(given, "workers", 0, MOST_WORKERS),
        threads=_integer(given, "threads", 1, 256),
        concurrency=_integer(given, "concurrency", 1, 10_000),
        body_seconds=_integer(given, "body_seconds", 1, 3600),
        max_body_bytes=_integer(given, "max_body_bytes", 1, 1024**3),
        max_rows=_integer(given, "max_rows", 1, 10_000_000),
        max_text_length=_integer(given, "max_text_length", 1, 1024**3),
    )


def traces(environment: Mapping[str, str]) -> bool:
    """Tell whether OpenTelemetry's own variables ask for spans; raises StartError if they ask for what we can't send.

    The rest of these variables is read by its library.
    """
    collector = next((name for name in COLLECTORS if environment.get(name)), None)
    if collector is None or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    if not environment[collector].startswith(("http://", "https://")):
        raise StartError(f"{collector} is {environment[collector]!r}; give a URL as http://collector:4318, or unset it")
    for name, only in OTLP.items():
        if environment.get(name, only) not in ("", only):
            raise StartError(f"{name} is {environment[name]!r}; this server sends {only} alone, unset it")
    return True


def _service(given: Mapping[str, str]) -> str:
    name = given.get("SCORING_SERVICE", "")
    if not SERVICE_NAME.fullmatch(name):
        raise StartError(
            f"SCORING_SERVICE is {name!r}; give 3 to 32 of a-z, 0-9, '.' and '-', the first and last alphanumeric"
        )
    return name


def _integer(given: Mapping[str, str], field: str, lowest: int, highest: int) -> int:
    variable = PREFIX + field.upper()
    default: int = Settings._field_defaults[field]
    text = given.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and lowest <= int(text) <= highest):
        raise StartError(
            f"{variable} is {text!r}; give an integer from {lowest} to {highest}, or unset it for {default}"
        )
    return int(text)


def _folder(given: Mapping[str, str], field: str) -> str:
    variable = PREFIX + field.upper()
    default: str = Settings._field_defaults[field]
    text = given.get(variable, default)
    if not os.path.isabs(text):  # noqa: PTH117 - pathlib would slow the probe
        raise StartError(f"{variable} is {text!r}; give an absolute path, or unset it for {default}")
    return text
