"""What lies in the image: the manifest, and the proof that the files beside it are the ones it names.

It reads facts and compares digests. It builds nothing and executes nothing.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from workbench.server.errors import StartError

MANIFEST: Final = "manifest.json"
SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Pinned:
    """A file of the service folder (POSIX path relative to it) and its SHA-256 in hex."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Model:
    name: str
    version: int


@dataclass(frozen=True)
class Manifest:
    """`unpickle` names the models whose files the team trusts to be unpickled by its score script.

    `dependencies` are files that lie beside the script; it may import those that are modules.
    """

    name: str
    models: tuple[Model, ...]
    score: Pinned
    schema: Pinned | None
    files: tuple[Pinned, ...]
    unpickle: tuple[str, ...] = ()
    dependencies: tuple[Pinned, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Read a service folder's manifest; raises StartError naming the file and what is wrong in it."""
    path = folder / MANIFEST
    try:
        return parse_manifest(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}; the image was not built from a manifest") from error
    except (KeyError, TypeError, ValueError) as error:
        reason = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise StartError(f"{path}: {reason}; build the image again from a manifest") from error


def parse_manifest(document: Any) -> Manifest:  # noqa: ANN401 - this is where JSON gets its types
    """Make a manifest of its JSON; raises KeyError, TypeError or ValueError."""
    score = _pinned(document["score"])
    schema = _pinned(document["schema"]) if document.get("schema") else None
    models = tuple(Model(_string(model["name"]), _version(model["version"])) for model in document["models"])
    artifacts = tuple(
        _pinned(file, below=f"models/{model['name']}/") for model in document["models"] for file in model["files"]
    )
    dependencies = tuple(_pinned(file) for file in document.get("dependencies", ()))
    return Manifest(
        name=_string(document["name"]),
        models=models,
        score=score,
        schema=schema,
        files=(score, *((schema,) if schema else ()), *artifacts, *dependencies),
        unpickle=tuple(_string(name) for name in document.get("unpickle", ())),
        dependencies=dependencies,
    )


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its digest; raises StartError at the first that is missing or differs."""
    for pinned in manifest.files:
        path = folder / pinned.path
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise StartError(f"{path}: {error.strerror}; the manifest names it: build the image again") from error
        if found != pinned.sha256:
            raise StartError(f"{path}: its sha256 is {found}, the manifest says {pinned.sha256}; build the image again")


def _pinned(document: Any, below: str = "") -> Pinned:  # noqa: ANN401 - this is where JSON gets its types
    path, digest = below + _string(document["path"]), _string(document["sha256"])
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError(f"the path {path!r} leaves the service folder")
    if not SHA256_HEX.fullmatch(digest):
        raise ValueError(f"the sha256 of {path!r} is {digest!r}, not 64 lower-case hex digits")
    return Pinned(path, digest)


def _string(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} stands where a text is needed")
    return value


def _version(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} stands where a version is needed")
    return value
