"""The registry of models: versions numbered per name, each claimed once, by whoever writes at the same time.

Imported by `pulumi preview`, so the standard library alone. Knows nothing of what a model is, nor of who uses it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.core import confined, hints
from workbench.core.canonical import HEX_LENGTH, PREFIX, canonical_json, digest, entries
from workbench.core.errors import RegistryError
from workbench.core.spelling import did_you_mean
from workbench.registry.models import model_notes, model_version, onnx_file
from workbench.registry.models.model_notes import Noted, Notes
from workbench.registry.models.model_version import RECORD, ModelVersion, own_files_key, version_key
from workbench.registry.stores import stores
from workbench.registry.stores.store import BrokenRecordError, Record

NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,30}[a-z0-9])?")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_PREFIX = re.compile(rf"(?:{PREFIX})?([0-9a-f]{{4,{HEX_LENGTH}}})")

__all__ = ["NAME", "RECORD", "ModelRegistry", "ModelVersion", "check_name", "read_files"]


class ModelRegistry:
    """The versions in the store at `root`, or where WORKBENCH_REGISTRY says. Safe for concurrent writers."""

    def __init__(self, root: Path | None = None) -> None:
        self.store = stores.at(root)

    def register(
        self,
        name: str,
        files: Mapping[str, bytes],
        *,
        run_id: str,
        metrics: dict[str, Any],
        description: str = "",
        tags: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> ModelVersion:
        """The version that holds `files` (path → bytes): the one that has them already, else the next number.

        `again` gives the next number to files that a version has already.

        The version that was there keeps its own description and tags. Raises RegistryError for a name outside
        `[a-z0-9.-]`, a path that leads elsewhere, or a version with these files that was tampered with.
        """
        check_name(name)
        model_notes.check_text("description", description)
        first = model_notes.tagged(tags or {})(Notes(description=description))
        with self.store.draft(f"models/{name}") as draft:
            (draft.folder / "files").mkdir()
            for path, data in files.items():
                target = confined.below(draft.folder / "files", path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            listed = entries(draft.folder / "files")
            identity = digest(canonical_json(listed))
            # Every pass sees all numbers below the one it claims, so equal files never get two numbers.
            while True:
                known = self._all(name)
                same = next(
                    (version for version, gone in known.values() if version.digest == identity and not gone), None
                )
                if same and not again:
                    same.verify()
                    return same
                number = max(known, default=0) + 1
                version = ModelVersion(
                    name=name,
                    version=number,
                    digest=identity,
                    created_at=_now(),
                    run_id=run_id,
                    files=listed,
                    metrics=metrics,
                    tags=first.tags,
                    description=description,
                    files_key=draft.files_key or own_files_key(version_key(name, number)),
                    store=self.store,
                )
                record = version.document() | ({"files_key": draft.files_key} if draft.files_key else {})
                if draft.claim(version.key, RECORD, canonical_json(record)):
                    return version

    def list(self, name: str | None = None) -> Sequence[ModelVersion]:
        """All versions, by name and number. Raises RegistryError for a record that cannot be read."""
        if name:
            check_name(name)
        names = [name] if name else [each for each in self.store.names("models") if NAME.fullmatch(each)]
        return [version for each in names for version, gone in self._all(each).values() if not gone]

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises RegistryError when there is none, or none any more."""
        check_name(name)
        known = self._all(name)
        found, gone = known.get(version, (None, ""))
        if found and not gone:
            return found
        numbers = ", ".join(str(number) for number, (_, deleted) in known.items() if not deleted) or "none"
        problem = f"was deleted on {gone}" if gone else f"is not in {self.store.place}"
        raise RegistryError(f"model {name}:{version} {problem}; versions of {name!r}: {numbers}")

    def latest(self, name: str) -> ModelVersion:
        """The highest version of a name. Raises RegistryError when there is none."""
        check_name(name)
        if not (versions := self.list(name)):
            near = did_you_mean(name, self.store.names("models"))
            what_next = "; ".join(filter(None, [near, f"run: {hints.new_version(name)}"]))
            raise RegistryError(f"model {name!r} has no version in {self.store.place}; {what_next}")
        return versions[-1]

    def find(self, text: str) -> ModelVersion:
        """The version that `NAME`, `NAME:VERSION` or the first digits of an id (4 or more) mean. A name goes first.

        Of versions of one name with the same files, an id means the newest.
        """
        digits = _PREFIX.fullmatch(text)
        name, colon, number = text.partition(":")
        if _NUMBER.fullmatch(number) and f"{name}:" != PREFIX:
            return self.get(name, int(number))
        if not colon and NAME.fullmatch(name) and (not digits or self.list(name)):
            return self.latest(name)
        if not digits:
            raise RegistryError(f"model {text!r}: write NAME, NAME:VERSION with a whole number, or the start of an id")
        fitting = [version for version in self.list() if version.id.startswith(PREFIX + digits.group(1))]
        if len({(version.name, version.id) for version in fitting}) != 1:
            labels = ", ".join(each.label for each in fitting[:5])
            problem = f"fits {labels}; write one of them" if fitting else "fits no model; run: workbench model list"
            raise RegistryError(f"model {text!r} {problem}")
        return fitting[-1]

    def tag(self, name: str, version: int, tags: Mapping[str, str], *, remove: Iterable[str] = ()) -> ModelVersion:
        """Set tags, and remove those whose keys are named. The version as it is now."""
        return self._change(name, version, model_notes.tagged(tags, remove))

    def describe(self, name: str, version: int, description: str) -> ModelVersion:
        """Give a version another description. The version as it is now."""
        model_notes.check_text("description", description)
        return self._change(name, version, lambda notes: replace(notes, description=description))

    def delete(self, name: str, version: int) -> ModelVersion:
        """Delete a version for good: its files go, its number is never given again. The version as it was.

        Whether something still uses it is the caller's question. Raises RegistryError when there is none.
        """
        found = self.get(name, version)
        others = (
            []
            if found.files_key == own_files_key(found.key)
            else [each for each in self.list() if each.label != found.label]
        )
        model_notes.change(self.store, found, lambda notes: replace(notes, deleted_at=_now()))
        if found.files_key not in {other.files_key for other in others}:
            self.store.remove(found.files_key)
        return found

    def litter(self, seconds: float) -> Sequence[str]:
        """Keys of what writers that were killed, or deletions, left longer ago than that; `store.remove` takes them."""
        return self.store.litter(seconds, {version.files_key for version in self.list()})

    def _change(self, name: str, version: int, edit: Callable[[Notes], Notes]) -> ModelVersion:
        found = self.get(name, version)
        notes = model_notes.change(self.store, found, edit)
        # Deleted meanwhile: `get` says so.
        return self.get(name, version) if notes.deleted_at else model_notes.with_notes(found, notes)

    def _all(self, name: str) -> dict[int, tuple[ModelVersion, str]]:
        """Every version of a name ever, by number, with the time when it was deleted (empty if it was not)."""
        try:
            records = self.store.children(f"models/{name}", RECORD)
        except BrokenRecordError as error:
            raise self._broken(error.key, error) from error
        noted = model_notes.read(self.store, name)
        return {
            number: self._version(name, number, records[str(number)], noted.get(number, Noted()).notes)
            for number in sorted(int(record) for record in records if _NUMBER.fullmatch(record))
        }

    def _version(self, name: str, number: int, record: Record | None, notes: Notes | None) -> tuple[ModelVersion, str]:
        key = version_key(name, number)
        if record is None:
            raise self._broken(f"{key}/{RECORD}", FileNotFoundError("it is not there"))
        if fault := model_version.fault(name, number, record):
            raise self._broken(f"{key}/{RECORD}", ValueError(fault))
        version = ModelVersion(**{"files_key": own_files_key(key), **record}, store=self.store)
        return (model_notes.with_notes(version, notes), notes.deleted_at) if notes else (version, "")

    def _broken(self, key: str, error: Exception) -> RegistryError:
        path = f"{self.store.place}/{key}"
        return RegistryError(
            f"{path} cannot be read ({error}); remove {path.removesuffix(f'/{RECORD}')} and train again"
        )


def read_files(paths: Iterable[Path]) -> dict[str, bytes]:
    """The content of files by their names, and of folders by the paths below them.

    Raises RegistryError for what cannot be read, an empty folder, two files of one name, and an .onnx file
    that holds no model.
    """
    content: dict[str, bytes] = {}
    for path in paths:
        below = [(each, each.relative_to(path)) for each in sorted(path.rglob("*")) if each.is_file()]
        for file, name in below if path.is_dir() else [(path, Path(path.name))]:
            if name.as_posix() in content:
                raise RegistryError(f"{file}: another file is called {name} too; name each once")
            try:
                content[name.as_posix()] = file.read_bytes()
            except OSError as error:
                raise RegistryError(f"{file}: cannot be read ({error.strerror}); name a file of the model") from error
    if not content:
        raise RegistryError("the model has no files; name a file, or a folder that holds some")
    onnx_file.check(content)
    return content


def check_name(name: str) -> None:
    """Raise RegistryError unless `name` can name a model."""
    if not NAME.fullmatch(name):
        raise RegistryError(f"name {name!r}: up to 32 of a-z, 0-9, '.' and '-', with a letter or digit at both ends")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
