"""Which files of a folder were written or changed after a marker. The standard library alone: it also runs in images.

As a program (`python3 - FOLDER MARKER < changed.py`) it writes them as a tar to stdout.
"""

import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

SKIPPED = frozenset({"__pycache__"})


def changed(folder: Path, marker: Path) -> Iterator[Path]:
    """Plain files below `folder` that changed after `marker` was written; no links.

    By the time of change, which the kernel sets and a program that copies files with their dates can't.
    """
    since = marker.stat().st_ctime_ns
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for path in (Path(place, name) for name in sorted(names)):
            if path.is_file() and not path.is_symlink() and path.stat().st_ctime_ns > since:
                yield path


if __name__ == "__main__":
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for found in changed(Path(sys.argv[1]), Path(sys.argv[2])):
            archive.add(found, found.relative_to(sys.argv[1]).as_posix(), recursive=False)
