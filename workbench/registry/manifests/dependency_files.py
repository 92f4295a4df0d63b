"""Files and folders that lie beside a score script in its image: modules that it imports, data that it reads.

Standard library alone, since `pulumi preview` imports what reads manifests.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.core.canonical import FileEntry, sha256_file
from workbench.core.errors import ManifestError
from workbench.registry.manifests import pickles

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


def copy(sources: Sequence[Path], files: Path) -> dict[str, Any]:
    """Copy them into `files`, and what the manifest says of them: nothing without any.

    Raises ManifestError for what cannot be read, a name that is taken, and a pickle.
    """
    listed: list[FileEntry] = []
    for source in sources:
        name = source.resolve().name
        target = files / name
        if target.exists() or name == "models":
            raise ManifestError(f"-d {source}: {name} is taken by another part of the manifest; rename it")
        try:
            if source.is_dir():
                shutil.copytree(source, target, ignore=_LEFT_OUT, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(source, target)
        except (OSError, shutil.Error) as error:
            raise ManifestError(f"-d {source}: cannot be read ({error}); name a file or folder") from error
        below = sorted(path for path in target.rglob("*") if path.is_file()) if target.is_dir() else [target]
        listed += [_entry(path, files) for path in below]
    return {"dependencies": sorted(listed, key=lambda entry: entry["path"])} if listed else {}


def _entry(path: Path, files: Path) -> FileEntry:
    name = path.relative_to(files).as_posix()
    if pickles.is_pickle(path):
        raise ManifestError(
            f"-d {name}: is a pickle, which runs code when it is loaded; save it as ONNX, skops or data, or register it"
            " as a model and add --unpickle"
        )
    return {"path": name, "sha256": sha256_file(path), "size": path.stat().st_size}
