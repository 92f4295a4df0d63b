"""Run records: what a training had, did and gave, written when it starts and again when it ends."""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model import home, placing
from model.canonical import canonical_json, entries
from model.errors import RunError

RECORD = "run.json"
RUNNING, COMPLETED, FAILED, CANCELED = "running", "completed", "failed", "canceled"


class Run:
    """One run in the making: a folder with run.json, log.txt and outputs/."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.folder = folder
        self.document = document
        self._began = time.monotonic()

    @classmethod
    def start(cls, project: str, facts: Mapping[str, Any], root: Path | None = None) -> "Run":
        """A new run with status `running`; `facts` are its inputs. Its id is `<project>_<epoch ms>`."""
        runs = _folder(root)
        runs.mkdir(parents=True, exist_ok=True)
        now = time.time_ns() // 1_000_000
        while True:
            folder = runs / f"{project}_{now}"
            try:
                folder.mkdir()
            except FileExistsError:
                now += 1
                continue
            break
        (folder / "outputs").mkdir()
        document = {"id": folder.name, "project": project, "status": RUNNING, "started_at": _now(), **facts}
        run = cls(folder, document)
        run._write()
        return run

    @property
    def id(self) -> str:
        """`<project>_<epoch ms>`."""
        return self.folder.name

    def log(self, line: str) -> None:
        """Add a line with its time to log.txt."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{_now()} {line}\n")

    def save(self, files: Mapping[str, bytes]) -> None:
        """Keep files as the run's outputs."""
        for path, data in files.items():
            placing.write_file(self.folder / "outputs" / path, data)

    def finish(self, status: str, **results: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write the final record with the outputs' digests."""
        self.document |= {
            "status": status,
            "ended_at": _now(),
            "duration_seconds": round(time.monotonic() - self._began, 3),
            "outputs": entries(self.folder / "outputs"),
            **results,
        }
        self._write()

    def _write(self) -> None:
        placing.write_file(self.folder / RECORD, canonical_json(self.document))


def list_all(root: Path | None = None) -> list[dict[str, Any]]:
    """All run records, oldest first. Raises RunError for one that cannot be read."""
    folder = _folder(root)
    if not folder.is_dir():
        return []
    runs = [_read(path) for path in folder.iterdir() if (path / RECORD).is_file()]
    return sorted(runs, key=lambda run: (run["started_at"], run["id"]))


def get(run_id: str, root: Path | None = None) -> dict[str, Any]:
    """One run record. Raises RunError when there is none."""
    folder = _folder(root) / run_id
    if not re.fullmatch(r"[\w.-]+", run_id) or not (folder / RECORD).is_file():
        raise RunError(f"run {run_id!r} is not in {_folder(root)}; run: workbench history list")
    return _read(folder)


def git_state(folder: Path) -> dict[str, Any] | None:
    """The commit that `folder` stands at and whether it has changes; None outside git or before the first commit."""
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    return {"commit": commit.strip(), "dirty": bool(_git(folder, "status", "--porcelain"))} if commit else None


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=environment
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def _read(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{folder / RECORD} cannot be read ({error}); remove the folder") from error
    return record


def _folder(root: Path | None) -> Path:
    return (root or home.registry()) / "runs"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
