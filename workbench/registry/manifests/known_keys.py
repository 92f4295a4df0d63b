"""The keys of a manifest's record at every depth. One that nobody reads is an error: it may change what an image is."""

from collections.abc import Mapping
from typing import Any

from workbench.core.spelling import did_you_mean

_FILE = {"path": None, "sha256": None}
_FILES = {**_FILE, "size": None}
# None ends a way; what is below a list is told of each of its entries.
_KEYS: Mapping[str, Any] = {
    "name": None,
    "models": {"name": None, "version": None, "digest": None, "files": _FILES},
    "score": _FILE,
    "schema": _FILE,
    "runtime": {"framework": None, "python": None, "requirements": _FILE},
    "dependencies": _FILES,
    "unpickle": None,
}


def unknown(record: Any, known: Mapping[str, Any] | None = _KEYS, place: str = "") -> str:  # noqa: ANN401 - any JSON
    """What is wrong with the first key that is not known, "" where all are."""
    if isinstance(record, list):
        return next((problem for each in record if (problem := unknown(each, known, place))), "")
    if known is None or not isinstance(record, Mapping):
        return ""
    for key, value in record.items():
        where = f"{place}.{key}" if place else str(key)
        if key not in known:
            return f"{where!r} is not known; {did_you_mean(str(key), known) or 'it can be ' + ', '.join(known)}"
        if problem := unknown(value, known[key], where):
            return problem
    return ""
