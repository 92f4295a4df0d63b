"""What every place of runs and models can do. Knows no record's content and no place: `stores.stores` opens one.

Records are small, and whole or not there, whatever is killed when. A record's files never change once it is there.
Imported by `pulumi preview`, so the standard library alone.
"""

import re
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from workbench.core.canonical import FileEntry

_NUMBERED = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})\.json")


Record = dict[str, Any]


class BrokenRecordError(Exception):
    """A record cannot be read; the message says why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class DamageError(Exception):
    """Files are not as recorded; the message is half a sentence that names the file."""


class Draft(Protocol):
    """A folder to fill with `files/`, for a key that is claimed afterwards."""

    folder: Path
    files_key: str | None  # where the files will be, when that is not below the claimed key

    def claim(self, key: str, name: str, data: bytes) -> bool:
        """Take `key` with its record `name`; False when it was taken, and another key can be tried."""


class Store(Protocol):
    """Records and files by keys such as `models/churn/3`."""

    place: str  # as people may read it

    def read(self, key: str) -> Record:
        """One record. Raises FileNotFoundError or BrokenRecordError."""

    def create(self, key: str, data: bytes) -> bool:
        """Write a record that is not there yet; False, and nothing changed, when it is."""

    def replace(self, key: str, data: bytes) -> None:
        """Write a record over the old one."""

    def remove(self, key: str) -> None:
        """Remove a record, or all below a key; nothing there is fine."""

    def names(self, key: str) -> list[str]:
        """The folders directly below a key, sorted."""

    def children(self, key: str, name: str) -> dict[str, Record | None]:
        """By folder directly below `key`: its record `name`, None where it has none. Raises BrokenRecordError."""

    def newest(self, key: str) -> dict[str, tuple[int, Record]]:
        """Of the records `<stem>.<number>.json` directly below `key` the one with the highest number, by stem."""

    def draft(self, key: str) -> AbstractContextManager[Draft]:
        """A draft for a key below `key`; what was not claimed leaves no trace."""

    def files(self, key: str, expected: list[FileEntry]) -> Path:
        """A folder of this machine that holds the files at `key`. Raises DamageError unless they are as expected."""

    def open_folder(self, key: str, name: str, data: bytes) -> Path | None:
        """Take `key` with its record `name` and give a folder to work in; None when it was taken."""

    def close_folder(self, key: str, folder: Path, name: str, data: bytes) -> Path:
        """Keep what lies in the folder, then write the record anew. Gives the folder, which may have moved."""

    def folder(self, key: str) -> Path:
        """A folder of this machine with what is kept at `key` by now."""

    def remove_folder(self, key: str, name: str) -> None:
        """Remove a key that `open_folder` took, its record `name` first."""

    def beat(self, key: str, folder: Path) -> None:
        """Show that whoever works in `folder` lives."""

    def age(self, key: str) -> float | None:
        """Seconds since the last beat; None when there was none."""

    def litter(self, seconds: float, used: Collection[str]) -> list[str]:
        """Keys of what killed writers left longer ago than that; `used` are the files' keys that records name."""


def highest_numbers(names: Iterable[str]) -> dict[str, int]:
    """The highest number of the names `<stem>.<number>.json`, by stem."""
    highest: dict[str, int] = {}
    for name in names:
        if found := _NUMBERED.fullmatch(name):
            stem, number = found.group(1), int(found.group(2))
            highest[stem] = max(number, highest.get(stem, 0))
    return highest
