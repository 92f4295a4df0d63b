"""Records read before, kept parsed on this machine with the stamp each had. They only save time: any may be gone.

Knows neither where records come from nor what is in them.
"""

import contextlib
import gc
import hashlib
import json
import marshal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from workbench.core import atomic_files
from workbench.registry.stores.store import BrokenRecordError, Record

Fetch = Callable[[list[str]], Mapping[str, bytes]]
_HEAD = f"records 1 {sys.implementation.cache_tag} ".encode()
_DIGEST_BYTES = 32
_MANY = 1000
_DEEPEST = 40
_TOO_DEEP = f"objects lie deeper in each other than {_DEEPEST} levels"


def read_through(path: Path, stamps: Mapping[str, str], fetch: Fetch, *, spare: int = 0) -> dict[str, Record]:
    """The records whose keys and present stamps are given; `fetch` gets those that are not kept as they are now.

    A record without a stamp (empty text) is always fetched; one that `fetch` does not find is left out. What is kept is
    written anew when more than `spare` were missing. Raises BrokenRecordError.
    """
    with _collector_at_rest():
        kept = _load(path)
        known = {key: kept[key][1] for key, stamp in stamps.items() if stamp and kept.get(key, ("", {}))[0] == stamp}
        missing = [key for key in stamps if key not in known]
        for key, data in fetch(missing).items() if missing else ():
            known[key] = parse(key, data)
        if sum(1 for key in missing if stamps[key]) > spare:
            _save(path, {key: (stamps[key], record) for key, record in known.items()})
        if len(known) > _MANY:
            gc.freeze()  # else the first collection afterwards walks them all
        return {key: known[key] for key in stamps if key in known}


def parse(key: str, data: bytes) -> Record:
    """A record from its bytes. Raises BrokenRecordError."""
    try:
        record = json.loads(data)
    except ValueError as error:
        raise BrokenRecordError(key, str(error)) from error
    except RecursionError:
        raise BrokenRecordError(key, _TOO_DEEP) from None
    if not isinstance(record, dict):
        raise BrokenRecordError(key, "it holds no object")
    # Only what is escaped can be half of a letter, and we escape none.
    if b"\\u" in data and not _is_whole(record):
        raise BrokenRecordError(key, "it holds half of a letter")
    # What has few brackets can't be deep, and hardly any record has many.
    if data.count(b"[") + data.count(b"{") > _DEEPEST and _is_deeper(record, _DEEPEST):
        raise BrokenRecordError(key, _TOO_DEEP)
    return record


def _is_whole(record: Record) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _load(path: Path) -> dict[str, tuple[str, Record]]:
    """What is kept; nothing when it is not whole or another Python wrote it."""
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    start = len(_HEAD) + _DIGEST_BYTES
    body = memoryview(content)[start:]
    if content[:start] != _HEAD + hashlib.sha256(body).digest():
        return {}
    kept: dict[str, tuple[str, Record]] = marshal.loads(body)  # noqa: S302 - our own file, found whole by its digest
    return kept


def _save(path: Path, kept: dict[str, tuple[str, Record]]) -> None:
    body = marshal.dumps(kept)
    with contextlib.suppress(OSError):  # a list is no worse without it
        atomic_files.write_file(path, _HEAD + hashlib.sha256(body).digest() + body)


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Ten thousand records are a million objects that all stay: looking for garbage among them doubles the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
