"""The environment, read once and typed. Nothing else in this package looks at it.

Only the standard library's light parts are imported: the probe starts with this module every few seconds.
"""

import os
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from scoring.errors import StartError

PREFIX: Final = "SCORING_"
SERVICE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,30}[a-z0-9]")
HIGHEST_PORT: Final = 65535


class Settings(NamedTuple):
    """How this server runs; the field `port` is the variable `SCORING_PORT`, and so on.

    `threads` requests run at once; `concurrency` may be read, wait or run before the next gets a 503.
    `drain_seconds` bounds the way from SIGTERM to the exit, the first of them is the gateways' grace.
    """

    service: str
    port: int = 8000
    folder: str = "/opt/workbench/service"
    keys: str = "/run/workbench/keys"
    drain_seconds: int = 10
    threads: int = 4
    concurrency: int = 100
    max_body_bytes: int = 8 * 1024 * 1024

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
        threads=_integer(given, "threads", 1, 256),
        concurrency=_integer(given, "concurrency", 1, 10_000),
        max_body_bytes=_integer(given, "max_body_bytes", 1, 1024**3),
    )


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
