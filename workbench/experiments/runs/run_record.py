"""Run records: what a run had, did and gave, written when it starts and again when it ends.

A record that says `running` while nobody is alive behind it is told as `lost`. That is computed whenever it is read and
never written: only the run itself writes its record.
"""

import os
import re
import subprocess
import time
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.core import atomic_files, confined, shape
from workbench.core.canonical import canonical_json, damage, entries
from workbench.core.errors import RunError
from workbench.registry.stores import heartbeat, stores
from workbench.registry.stores.heartbeat import Heartbeat
from workbench.registry.stores.store import BrokenRecordError, DamageError, Record, Store

RECORD = "run.json"
RUNNING, COMPLETED, FAILED, CANCELED = "running", "completed", "failed", "canceled"
LOST = "lost"
_ID = re.compile(r"[^./][^/]*")
_RUNS_MODEL = shape.object_of({"name": shape.TEXT, "version": shape.WHOLE})
_SHAPE = {
    "project": shape.TEXT,
    "status": shape.TEXT,
    "started_at": shape.MOMENT,
    "ended_at": shape.MOMENT,
    "duration_seconds": shape.NUMBER,
    "outputs": shape.FILES,
    "writer": shape.OBJECT,
    "inputs": shape.open_object({"parameters": shape.OBJECT}),
    "inputs_digest": shape.TEXT,
    "parameters": shape.OBJECT,
    "metrics": shape.OBJECT,
    "model": _RUNS_MODEL,
    "git": shape.maybe(shape.object_of({"commit": shape.TEXT})),
    "environment": shape.OBJECT,
    "script": shape.TEXT,
    "data": shape.TEXT,
    "error": shape.TEXT,
    "sweep": shape.TEXT,
    "point": shape.TEXTS,
    "attempt": shape.WHOLE,
    "series": shape.OBJECT,
    "lists": shape.OBJECT,
    "images": shape.TEXTS,
    "artifacts": shape.TEXTS,
}


class Run:
    """One run in the making: a folder with run.json, log.txt and outputs/, whatever else its writer puts there."""

    def __init__(self, store: Store, folder: Path, document: dict[str, Any]) -> None:
        self.folder = folder
        self.document = document
        self._store = store
        self._key = key = _key(str(document["id"]))
        self._began = time.monotonic()
        self._heartbeat = Heartbeat(lambda: store.beat(key, folder))
        weakref.finalize(self, self._heartbeat.quit)

    @classmethod
    def start(cls, project: str, facts: Mapping[str, Any], root: Path | None = None) -> "Run":
        """A new run with status `running`; `facts` are its inputs. Its id is `<project>_<epoch ms>`."""
        store = stores.at(root)
        now = time.time_ns() // 1_000_000
        while True:
            document = {
                "id": f"{project}_{now}",
                "project": project,
                "status": RUNNING,
                "started_at": _now(),
                "writer": heartbeat.identity(),
                **facts,
            }
            if folder := store.open_folder(_key(document["id"]), RECORD, canonical_json(document)):
                (folder / "outputs").mkdir()
                return cls(store, folder, document)
            now += 1

    @property
    def id(self) -> str:
        """`<project>_<epoch ms>`."""
        return str(self.document["id"])

    def begin(self) -> None:
        """Count its time from now: it waited for its turn."""
        self._began = time.monotonic()
        self.document["started_at"] = _now()

    def log(self, line: str) -> None:
        """Add a line with its time to log.txt."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{_now()} {line}\n")

    def save(self, files: Mapping[str, bytes]) -> None:
        """Keep files as the run's outputs."""
        for path, data in files.items():
            atomic_files.write_file(confined.below(self.folder / "outputs", path), data)

    def note(self, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """Add facts to the record while the run goes on."""
        self.document |= facts
        self._store.replace(f"{self._key}/{RECORD}", canonical_json(self.document))

    def finish(self, status: str, **results: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write the final record with the outputs' digests. `folder` may be elsewhere afterwards."""
        self._heartbeat.stop()
        self.document |= {
            "status": status,
            "ended_at": _now(),
            "duration_seconds": round(time.monotonic() - self._began, 3),
            "outputs": entries(self.folder / "outputs"),
            **results,
        }
        self.folder = self._store.close_folder(self._key, self.folder, RECORD, canonical_json(self.document))


def list_all(root: Path | None = None) -> list[dict[str, Any]]:
    """All run records, oldest first. Raises RunError for one that cannot be read."""
    store = stores.at(root)
    runs = [_told(store, run_id, record) for run_id, record in _known(store).items()]
    return sorted(runs, key=lambda run: (run["started_at"], run["id"]))


def get(run_id: str, root: Path | None = None) -> dict[str, Any]:
    """One run record. Raises RunError when there is none."""
    store = stores.at(root)
    record = _read(store, run_id) if _is_id(run_id) else None
    if record is None:
        raise RunError(f"run {run_id!r} is not in {store.place}/runs; run: workbench history list")
    return _told(store, run_id, record)


def find(text: str, root: Path | None = None) -> dict[str, Any]:
    """The record of the run with this id, else of the one whose id starts so. Raises RunError unless it is one."""
    fitting = sorted(run_id for run_id in _known(stores.at(root)) if run_id.startswith(text))
    if not text or text in fitting or not fitting:
        return get(text, root)
    first, *others = fitting
    if others:
        raise RunError(f"run {text!r} fits {len(fitting)} runs, such as {first} and {others[0]}; write more of it")
    return get(first, root)


def files(run_id: str, root: Path | None = None) -> Path:
    """A folder of this machine with a run's log.txt and outputs/, intact. Raises RunError, naming the file, if not."""
    record = get(run_id, root)
    store = stores.at(root)
    try:
        folder = store.folder(_key(run_id))
        difference = damage(folder / "outputs", record["outputs"]) if "outputs" in record else None
    except DamageError as error:
        difference = str(error)
    if difference:
        raise RunError(f"run {run_id}: {difference} in outputs/ at {store.place}; restore it, or delete the run")
    return folder


def delete(run_id: str, root: Path | None = None) -> None:
    """Delete a run with all its files. Raises RunError when there is none or it goes on."""
    if get(run_id, root)["status"] == RUNNING:
        raise RunError(f"run {run_id}: is running; stop it first, with Ctrl-C where it was started")
    stores.at(root).remove_folder(_key(run_id), RECORD)


def git_state(folder: Path) -> dict[str, Any] | None:
    """The commit that `folder` stands at and whether it has changes; None outside git or before the first commit."""
    commit = git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    return {"commit": commit.strip(), "dirty": bool(git(folder, "status", "--porcelain"))} if commit else None


def git(folder: Path, *arguments: str) -> str | None:
    """What git prints in `folder`; None where it fails or is missing."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True, env=environment)
    except (OSError, subprocess.CalledProcessError):
        return None
    return os.fsdecode(done.stdout)


def _known(store: Store) -> dict[str, Record]:
    try:
        records = store.children("runs", RECORD)
    except BrokenRecordError as error:
        raise _broken(store, error.key, error) from error
    return {run_id: record for run_id, record in records.items() if record is not None and _is_id(run_id)}


def _read(store: Store, run_id: str) -> Record | None:
    try:
        return store.read(f"{_key(run_id)}/{RECORD}")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except BrokenRecordError as error:
        raise _broken(store, error.key, error) from error


def _told(store: Store, run_id: str, record: Record) -> Record:
    """The record with its status as it is: `lost` when nobody is alive behind one that says `running`."""
    record = _checked(store, run_id, record)
    if record["status"] != RUNNING or _lives(store, run_id, record):
        return record
    # It may have ended between the reading and the looking.
    now = _checked(store, run_id, _read(store, run_id) or record)
    return {**now, "status": LOST} if now["status"] == RUNNING else now


def _checked(store: Store, run_id: str, record: Record) -> Record:
    """The record, which fits the key that it lies under. Raises RunError."""
    if fault := shape.fault(record, {"id": shape.exactly(run_id), **_SHAPE}, needed=("id", "status", "started_at")):
        raise _broken(store, f"{_key(run_id)}/{RECORD}", ValueError(fault))
    return record


def _lives(store: Store, run_id: str, record: Record) -> bool:
    return heartbeat.lives(record.get("writer", {}), lambda: store.age(_key(run_id)))


def _broken(store: Store, key: str, error: Exception) -> RunError:
    path = f"{store.place}/{key}"
    return RunError(f"{path} cannot be read ({error}); remove {path.removesuffix(f'/{RECORD}')}")


def _is_id(text: str) -> bool:
    """Whether it can be a run's id: a project may be called by any name that a folder has."""
    return bool(_ID.fullmatch(text)) and shape.PATH.holds(text)


def _key(run_id: str) -> str:
    return f"runs/{run_id}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
