"""Manifests: what an image is made of, named by the digest of its content.

Imported by `pulumi preview`, so the standard library alone. Trains nothing, fetches nothing, builds no image.
"""

import json
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.core import atomic_files, confined, grammars, home, shape
from workbench.core.canonical import PREFIX, canonical_json, damage, entries, sha256_file, sha256_hex
from workbench.core.errors import ManifestError
from workbench.registry.manifests import dependency_files, known_keys, pickles
from workbench.registry.models.model_version import copy_files
from workbench.registry.models.registry import NAME, ModelVersion

RECORD = "manifest.json"
FILES = "files"
SCORE = "score.py"
SCHEMA = "service_schema.json"
REQUIREMENTS = "requirements.txt"
PYTHON = "3.11"
_ASIDE_SECONDS = 2.0

_PART = {"path": shape.PATH, "sha256": shape.HEX}
_SHAPE = {
    "name": shape.named(re.compile(grammars.SERVICE.form, re.ASCII)),
    "models": shape.objects_of(
        {"name": shape.named(NAME), "version": shape.WHOLE, "digest": shape.DIGEST, "files": shape.FILES}
    ),
    "score": shape.object_of(_PART),
    "schema": shape.maybe(shape.object_of(_PART)),
    "runtime": shape.object_of({"requirements": shape.object_of(_PART)}),
    "dependencies": shape.FILES,
    "unpickle": shape.LIST,
}
_NEEDED = ("name", "models", "score", "schema", "runtime")


@dataclass(frozen=True)
class Manifest:
    """A manifest that was read and found intact; `folder` holds manifest.json and `files/`."""

    id: str
    folder: Path
    document: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest in `folder`. Raises ManifestError, naming the file, unless its id and every file are right."""
        try:
            data = (folder / RECORD).read_bytes()
        except OSError as error:
            raise ManifestError(f"no manifest at {folder} ({error.strerror}); run: workbench manifest list") from error
        if sha256_hex(data) != folder.name:
            raise ManifestError(
                f"manifest {folder.name[:12]}: {RECORD} was changed; remove {folder} and create it again"
            )
        manifest = cls(PREFIX + folder.name, folder, parse(data, folder))
        if difference := damage(folder / "files", manifest.expected()):
            raise ManifestError(
                f"manifest {folder.name[:12]}: {difference} in its files/; remove {folder} and create it again"
            )
        return manifest

    @property
    def name(self) -> str:
        """The service's name."""
        return str(self.document["name"])

    @property
    def models(self) -> list[dict[str, Any]]:
        """Name, version, digest and files of each model."""
        return list(self.document["models"])

    @property
    def files(self) -> Path:
        """Score script, schema, requirements and `models/<name>/…`."""
        return self.folder / "files"

    @property
    def requirements_sha256(self) -> str:
        """64 hex digits; the wheels lie in `registry/wheels/<this>/`."""
        return str(self.document["runtime"]["requirements"]["sha256"])

    def expected(self) -> list[Any]:
        """All files the document names, with paths relative to `files/`."""
        document = self.document
        single = [document[part] for part in ("score", "schema") if document[part]]
        models = [
            {**entry, "path": f"models/{model['name']}/{entry['path']}"}
            for model in document["models"]
            for entry in model["files"]
        ]
        return [*single, document["runtime"]["requirements"], *models, *document.get("dependencies", [])]

    @property
    def has_schema(self) -> bool:
        """Whether a schema says what run takes; without one it gets each body as text."""
        return self.document["schema"] is not None

    def schema(self) -> dict[str, Any]:
        """The content of service_schema.json; one without arguments where there is none."""
        if not self.has_schema:
            return {"input": {}}
        content: dict[str, Any] = json.loads((self.files / SCHEMA).read_bytes())
        return content


def parse(data: bytes, folder: Path) -> dict[str, Any]:
    """The document of the manifest in `folder` from its bytes. Raises ManifestError unless it is one."""
    try:
        document = json.loads(data)
        wrong = shape.fault(document, _SHAPE, needed=_NEEDED) if isinstance(document, dict) else "it holds no object"
    except (ValueError, RecursionError) as error:
        wrong = str(error).partition("\n")[0]
        document = None
    if problem := known_keys.unknown(document):
        raise ManifestError(f"manifest {folder.name[:12]}: {problem} remove {folder} and create it again")
    if wrong:
        raise ManifestError(f"manifest {folder.name[:12]}: {RECORD} is no manifest ({wrong}); remove {folder}")
    return cast("dict[str, Any]", document)


def create(
    name: str,
    models: Sequence[ModelVersion],
    *,
    score: Path,
    schema: Path | None,
    requirements: Path,
    dependencies: Sequence[Path] = (),
    unpickle: Sequence[str] = (),
    root: Path | None = None,
) -> Manifest:
    """The manifest of these parts, written if there is none with the same content yet.

    Without a `schema` run gets the body as text. `dependencies` are files and folders that lie beside the score script,
    under their own names. `unpickle` names the models whose pickles the team made itself and lets its score script
    load. Raises ManifestError for a name or a part that cannot be used and RegistryError for a model that was tampered
    with.
    """
    check_service(name)
    folder = _folder(root)
    with atomic_files.sibling_folder(folder) as fresh:
        files = fresh / "files"
        files.mkdir()
        for source, kept in ((score, SCORE), (schema, SCHEMA), (requirements, REQUIREMENTS)):
            if source:
                _copy(source, files / kept)
        for model in models:
            copied = confined.below(files, f"models/{model.name}")
            copy_files(model.fetch(), model.files, copied)
            if difference := damage(copied, model.files):
                raise ManifestError(f"model {model.label}: {difference} after copying; somebody changes it, try again")
        pickles.check(models, unpickle, files / "models")
        beside = dependency_files.copy(dependencies, files)
        document = canonical_json(_document(name, models, files) | beside | _trusted(unpickle))
        (fresh / RECORD).write_bytes(document)
        target = folder / sha256_hex(document)
        # What was there stays, and is young again; it may go away before it is.
        while not (atomic_files.claim(fresh, target) or atomic_files.touch(target / FILES)):
            pass
    return _settled(target)


def _settled(target: Path) -> Manifest:
    """Read what is young by now; who found it old a moment before may have it aside, looks again and brings it back."""
    ended = time.monotonic() + _ASIDE_SECONDS
    while True:
        try:
            return Manifest.read(target)
        except (ManifestError, FileNotFoundError):
            if time.monotonic() > ended:
                raise
            time.sleep(0.02)


def check_service(name: str) -> None:
    """Raise ManifestError unless `name` can name a service."""
    if not grammars.SERVICE.fits(name):
        raise ManifestError(f"service {name!r}: {grammars.SERVICE.words}")


def find(prefix: str, root: Path | None = None) -> Manifest:
    """The one manifest whose id starts with `prefix` (with or without `sha256:`). Raises ManifestError otherwise."""
    wanted = prefix.removeprefix(PREFIX)
    found = [path for path in _folders(root) if path.name.startswith(wanted)]
    if len(found) != 1 or not wanted:
        problem = f"fits {len(found)} manifests, write more digits" if found else "fits no manifest"
        raise ManifestError(f"{prefix!r} {problem}; run: workbench manifest list")
    return Manifest.read(found[0])


def list_all(root: Path | None = None) -> list[Manifest]:
    """Every manifest, oldest first. Raises ManifestError for one that is damaged."""
    return [
        Manifest.read(path) for path in sorted(_folders(root), key=lambda path: (path.stat().st_mtime_ns, path.name))
    ]


def _document(name: str, models: Sequence[ModelVersion], files: Path) -> dict[str, Any]:
    requirements = {"path": REQUIREMENTS, "sha256": sha256_file(files / REQUIREMENTS)}
    return {
        "name": name,
        "models": [
            {
                "name": model.name,
                "version": model.version,
                "digest": model.digest,
                "files": entries(files / "models" / model.name),
            }
            for model in models
        ],
        "score": {"path": SCORE, "sha256": sha256_file(files / SCORE)},
        "schema": {"path": SCHEMA, "sha256": sha256_file(files / SCHEMA)} if (files / SCHEMA).exists() else None,
        "runtime": {"framework": "python", "python": PYTHON, "requirements": requirements},
    }


def _trusted(unpickle: Sequence[str]) -> dict[str, Any]:
    """What the team switched on by name; nothing by default, so that the manifests of others keep their ids."""
    return {"unpickle": sorted(set(unpickle))} if unpickle else {}


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ManifestError(
            f"{source}: cannot be read ({error.strerror}); {target.name} of a manifest is made of it"
        ) from error


def _folder(root: Path | None) -> Path:
    return (root or home.registry()) / "manifests"


def _folders(root: Path | None) -> list[Path]:
    folder = _folder(root)
    return [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."] if folder.is_dir() else []
