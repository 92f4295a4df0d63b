"""The files of a job as one tar stream, the way they reach a container on any engine."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO

from model.targets import Job
from model.targets.container import USER
from model.targets.layout import TREE

# What a script may import of ours: the packages' beginnings, tracking, schemas, tables, and the retired names.
_OURS = (
    "__init__",
    "errors",
    "placing",
    "schemas/__init__",
    "schemas/generating",
    "tables/__init__",
    "tables/cell",
    "tables/column",
    "tables/csv_table",
    "tracking",
)
_RETIRED = (
    "__init__",
    "api/__init__",
    "api/realtime/__init__",
    "api/realtime/services",
    "api/schema/__init__",
    "api/schema/dataTypes",
    "api/schema/sampleDefinition",
    "logging/__init__",
)
_SUPPORT = {f"model/{name}.py": f"model/{name}.py" for name in _OURS} | {
    f"azureml/{name}.py": f"model/compat/azureml/{name}.py" for name in _RETIRED
}


def write(job: Job, stream: IO[bytes], more: Mapping[str, bytes] = MappingProxyType({})) -> None:
    """Write the tar: folders of the run's user, files as they are, `more` of the target's own, the marker last."""
    with tarfile.open(fileobj=stream, mode="w|") as archive:
        parents = {parent.as_posix() for name in job.snapshot.files for parent in Path(name).parents}
        inside = sorted({*parents, "outputs", job.folder} - {"."})
        for folder in ("project", *(f"project/{each}" for each in inside), "data", "home", "support"):
            _add_folder(archive, folder)
        for name, source in sorted(job.snapshot.files.items()):
            _add_file(archive, f"project/{name}", source)
        for name, source in sorted(job.data.items()):
            _add_file(archive, f"data/{name}", source)
        for name, place in _SUPPORT.items():
            _add_file(archive, f"support/{name}", TREE / place)
        if job.spark:
            _add_bytes(archive, "spark-defaults.conf", job.spark.encode())
        for name, data in more.items():
            _add_bytes(archive, name, data)
        _add_bytes(archive, "tracking.jsonl", b"")
        _add_bytes(archive, "marker", b"")


def read(stream: IO[bytes], folder: Path) -> None:
    """Write the plain files of a container's tar below `folder`; a name that leads elsewhere is passed over."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for entry in archive:
            path = Path(entry.name)
            source = archive.extractfile(entry) if entry.isreg() else None
            if source is None or path.is_absolute() or ".." in path.parts:
                continue
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                while chunk := source.read(1 << 20):
                    file.write(chunk)


def first_file(data: bytes) -> bytes:
    """The content of the one file in a tar that docker gives for a path."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        source = archive.extractfile(archive.next() or tarfile.TarInfo())
        return source.read() if source else b""


def _add_folder(archive: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    entry.uid = entry.gid = USER
    archive.addfile(entry)


def _add_file(archive: tarfile.TarFile, name: str, source: Path) -> None:
    with source.open("rb") as file:
        entry = archive.gettarinfo(arcname=name, fileobj=file)
        entry.uid = entry.gid = USER
        entry.uname = entry.gname = ""
        entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        # A second name of the same file would be sent as a link to the first.
        entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", source.stat().st_size
        archive.addfile(entry, file)


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o644
    entry.uid = entry.gid = USER
    archive.addfile(entry, io.BytesIO(data))
