"""Which files of a folder were written or changed after a marker. The standard library alone: it also runs in images.

As a program (`python3 - FOLDER MARKER < changed.py`) it writes them as a tar to stdout.
"""

import os
import stat
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

SKIPPED = frozenset({"__pycache__"})
_KINDS = {stat.S_IFLNK: tarfile.SYMTYPE, stat.S_IFIFO: tarfile.FIFOTYPE}


def changed(folder: Path, marker: Path) -> Iterator[Path]:
    """Plain files below `folder` that changed after `marker` was written.

    By the time of change, which the kernel sets and a program that copies files with their dates can't.
    """
    since = marker.stat().st_ctime_ns
    for path in _all(folder):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_ctime_ns > since:
            yield path


def strange(folder: Path) -> Iterator[Path]:
    """Links and pipes below `folder`: no copy of a project has any, so that they are the run's; they stay behind."""
    return (path for path in _all(folder) if stat.S_IFMT(path.lstat().st_mode) in _KINDS)


def _all(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118 - quick
        yield from (Path(place, name) for name in sorted([*names, *links]))


def _write(folder: Path, marker: Path) -> None:
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for path in strange(folder):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.type = _KINDS[stat.S_IFMT(path.lstat().st_mode)]
            archive.addfile(entry)
        for path in changed(folder, marker):
            with path.open("rb") as file:
                entry = archive.gettarinfo(arcname=path.relative_to(folder).as_posix(), fileobj=file)
                # A second name of the same file would be sent as a link to the first.
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", os.fstat(file.fileno()).st_size
                archive.addfile(entry, file)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), Path(sys.argv[2]))
