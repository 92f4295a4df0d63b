"""The files of a job as one tar stream, the way they reach a container on any engine."""

import contextlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self, cast

from workbench.core import confined
from workbench.experiments.targets import Job, TargetError
from workbench.experiments.targets.container import USER
from workbench.experiments.targets.layout import TREE

_PLAIN = bytes(byte if byte < 0x80 and byte not in b"\\:" else ord("_") for byte in range(256))  # noqa: PLR2004 - ASCII
LARGEST = 64 * 1024**3
MOST = 200_000
LARGEST_TRACKING = 256 * 1024**2
# Of one entry, with the names and attributes before it: some Pythons take seconds to read so many digits.
_LONGEST_HEADER = 16 * 1024
TRACKING_TOO_LONG = f"tracking.jsonl has more than {LARGEST_TRACKING:,} bytes, and is kept as far as it was read before"
_BEFORE = frozenset(
    {*tarfile.GNU_TYPES, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE} - {tarfile.GNUTYPE_SPARSE}
)
# What a script may import of ours: tracking, tables, schemas, evaluations, and the names of azureml.
_OURS = (
    "__init__",
    "core/__init__",
    "core/atomic_files",
    "core/canonical",
    "core/errors",
    "experiments/__init__",
    "experiments/history/__init__",
    "experiments/history/evaluate",
    "experiments/history/evaluation",
    "registry/__init__",
    "registry/schemas/__init__",
    "registry/schemas/generating",
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
_SUPPORT = {f"workbench/{name}.py": f"workbench/{name}.py" for name in _OURS} | {
    f"azureml/{name}.py": f"workbench/projects/compat/azureml/{name}.py" for name in _RETIRED
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


class BrokenArchiveError(TargetError):
    """An archive cannot be read to its end, or holds more than is taken."""


class _Header(tarfile.TarInfo):
    """An entry's header. What goes before an entry is read at once, so that it must not be long."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if found.size < 0 or (found.type in _BEFORE and found.size > _LONGEST_HEADER):
            raise BrokenArchiveError(f"the archive has a header of {found.size:,} bytes")
        return found


class _Metered:
    """A stream that gives no more than the entry at hand and the headers before the next one may have."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._given = self._end = 0

    def go_on(self, archive: tarfile.TarFile) -> None:
        """Give what the entry that was read last has, and headers behind it."""
        self._end = archive.offset  # of the next header

    def read(self, size: int) -> bytes:
        """See io.RawIOBase. Raises BrokenArchiveError."""
        data = self._stream.read(size)
        self._given += len(data)
        if self._given > self._end + tarfile.RECORDSIZE + 2 * _LONGEST_HEADER:
            raise BrokenArchiveError(f"the archive has headers of more than {_LONGEST_HEADER:,} bytes before an entry")
        return data


def read(stream: IO[bytes], folder: Path, largest: int = LARGEST, most: int = MOST) -> list[str]:
    """Write the plain files of a container's tar below `folder`; what else it holds and why that is left out.

    Takes files alone, by names that stay in the folder, without their modes. Raises BrokenArchiveError for one that is
    no tar, and for more than `largest` bytes or `most` entries; what came before is there.
    """
    left_out: list[str] = []
    with _opened(stream) as (archive, metered):
        for count, entry in enumerate(archive, 1):
            largest -= max(entry.size, 0)
            if count > most or largest < 0:
                raise BrokenArchiveError(f"the run wrote more than {most:,} files or {LARGEST:,} bytes; write less")
            metered.go_on(archive)
            if why := _take(archive, entry, folder):
                left_out.append(why)
            # Else the archive keeps them all.
            archive.members = []  # type: ignore[attr-defined]  # as its documentation advises
    return left_out


@contextlib.contextmanager
def _opened(stream: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, _Metered]]:
    """A tar that a run had made, read from its beginning. Raises BrokenArchiveError for whatever is wrong with it."""
    metered = _Metered(stream)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", metered), mode="r|", tarinfo=_Header) as archive:
            yield archive, metered
    except RecursionError as error:
        raise BrokenArchiveError("the archive has too many headers before an entry") from error
    except (tarfile.TarError, EOFError, ValueError, OverflowError, IndexError) as error:
        raise BrokenArchiveError(f"the archive of what the run wrote is broken ({error!s:.200})") from error


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    """Write one entry, if it is a file; why it is left out, "" if it is not or is only a folder."""
    if entry.isdir():
        return ""
    if not entry.isreg() or entry.issparse():
        return no_file(entry.name)
    # Names of any bytes are taken as they are, and judged where they are kept.
    name = entry.name
    try:
        confined.check(os.fsencode(name).translate(_PLAIN).decode())
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(entry)
        with target.open("xb") as file:
            while source and (chunk := source.read(1 << 20)):
                file.write(chunk)
    except confined.ConfinedError as error:
        return str(error)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return f"{name!r:.200} comes twice, or as a file and a folder"
    return ""


def no_file(name: str) -> str:
    """What is said of a link or pipe that a run left."""
    return f"{name!r:.200} is a link or no plain file, and is not kept; copy what it leads to instead"


def first_file(data: bytes) -> bytes:
    """The content of the one file in a tar that docker gives for a path; nothing of what is no plain file."""
    with _opened(io.BytesIO(data)) as (archive, metered):
        entry = archive.next()
        if not entry or not entry.isreg() or entry.issparse():
            return b""
        metered.go_on(archive)
        source = archive.extractfile(entry)
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
