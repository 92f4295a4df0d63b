"""toolchain.json in the home: what a set-up found, built and started. `down` ends just that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.toolchain.cache import locked, write_atomically
from workbench.toolchain.errors import ToolchainError

if TYPE_CHECKING:
    from workbench.toolchain.places import Places


def read_record(places: Places) -> dict[str, Any]:
    """Return the record, {} before the first set-up.

    Raises:
        ToolchainError: the file is no JSON object.

    """
    try:
        data = json.loads(places.record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise ToolchainError(f"{places.record}: no JSON ({error}); remove the file and run `make up`") from error
    if not isinstance(data, dict):
        raise ToolchainError(f"{places.record}: not a JSON object; remove the file and run `make up`")
    return data


def update_record(places: Places, table: str, key: str, value: object) -> None:
    """Set `table.key`, or drop it if `value` is None; safe among threads and processes."""
    with locked(places.home / ".toolchain.lock"):
        data = read_record(places)
        entries = data.setdefault(table, {})
        if entries.get(key) == value:
            return
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = value
        write_atomically(places.record, json.dumps(data, indent=2, sort_keys=True) + "\n")
