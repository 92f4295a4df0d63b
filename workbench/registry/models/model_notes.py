"""What is said of a model version after it was registered: tags, description, deletion.

Each change is a record of its own with a number, which claims its place: of two changes at the same time one comes
second, and is made again on top of the first. The highest number holds. A deleted version keeps record and notes, so
that its number is never given again.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from workbench.core import shape
from workbench.core.canonical import canonical_json
from workbench.core.errors import RegistryError
from workbench.registry.models.model_version import ModelVersion
from workbench.registry.stores.store import BrokenRecordError, Record, Store

_KEY = re.compile(r"[\w./:-]{1,100}")
_LONGEST = 5000
_SHAPE = {"tags": shape.TEXTS, "description": shape.TEXT, "deleted_at": shape.MOMENT_OR_NONE}


@dataclass(frozen=True, kw_only=True)
class Notes:
    """All that holds of a version by now; `deleted_at` is empty unless it is deleted."""

    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    deleted_at: str = ""


@dataclass(frozen=True)
class Noted:
    """Notes and the number of their record; 0 before the first change."""

    notes: Notes | None = None
    number: int = 0


def read(store: Store, name: str) -> dict[int, Noted]:
    """The notes of a name's versions that have some. Raises RegistryError for a record that cannot be read."""
    try:
        return {
            int(stem): Noted(_notes(record, f"{_folder(name)}/{stem}.{number}.json"), number)
            for stem, (number, record) in store.newest(_folder(name)).items()
        }
    except BrokenRecordError as error:
        raise RegistryError(f"{store.place}/{error.key} cannot be read ({error}); remove the file") from error


def change(store: Store, version: ModelVersion, edit: Callable[[Notes], Notes]) -> Notes:
    """Make a change on top of what holds by now, unless the version is deleted by now. Safe among many writers."""
    while True:
        noted = read(store, version.name).get(version.version, Noted())
        present = noted.notes or Notes(tags=version.tags, description=version.description)
        wanted = present if present.deleted_at else edit(present)
        if wanted == present:
            return present
        document = {**asdict(wanted), "at": datetime.now(UTC).isoformat(timespec="microseconds")}
        if store.create(f"{_folder(version.name)}/{version.version}.{noted.number + 1}.json", canonical_json(document)):
            return wanted


def with_notes(version: ModelVersion, notes: Notes) -> ModelVersion:
    """The version as its notes say it is now."""
    return replace(version, tags=notes.tags, description=notes.description)


def tagged(given: Mapping[str, str], removed: Iterable[str] = ()) -> Callable[[Notes], Notes]:
    """The change that sets and removes tags. Raises RegistryError for a tag that cannot be kept."""
    gone = set(removed)
    for key in [*given, *gone]:
        if not _KEY.fullmatch(key):
            raise RegistryError(f"tag {key!r}: a key is up to 100 letters, digits, '_', '.', '-', '/' and ':'")
    for key, value in given.items():
        check_text(f"tag {key}", value)
    return lambda notes: replace(
        notes, tags={key: value for key, value in {**notes.tags, **given}.items() if key not in gone}
    )


def check_text(what: str, text: str) -> None:
    """Raise RegistryError for text that is too long or that would spoil a terminal."""
    if len(text) > _LONGEST or any(ord(letter) < ord(" ") and letter not in "\n\t" for letter in text):
        raise RegistryError(f"{what}: up to {_LONGEST} characters without control characters, this has {len(text)}")


def _notes(record: Record, key: str) -> Notes:
    if fault := shape.fault(record, _SHAPE, needed=_SHAPE):
        raise BrokenRecordError(key, fault)
    return Notes(tags=record["tags"], description=record["description"], deleted_at=record["deleted_at"])


def _folder(name: str) -> str:
    return f"models/{name}/notes"
