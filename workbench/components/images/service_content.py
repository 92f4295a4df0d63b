"""What the folder that a service's image is built from holds: packages, our server, the manifest's files, documents.

The documents, a bill of materials and a build record, lie in the image and, here, beside it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from workbench.components.errors import InfraError
from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import cached
from workbench.components.images.build_record import build_record
from workbench.components.images.materials import Materials, debian_package
from workbench.components.images.sbom import bill_of_materials
from workbench.components.images.slimming import slim
from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.registry.manifests import wheels
from workbench.registry.manifests.manifest import Manifest

SBOM, BUILD_RECORD = "sbom.cdx.json", "build.json"


def gather(
    images: BaseImages, manifest: Manifest, identity: str, server: tuple[Path, ...], recipe: tuple[Path, ...]
) -> Materials:
    """Verify the wheels and have them unpacked; `recipe` begins with the Dockerfile. Raises InfraError."""
    locked = manifest.requirements_sha256
    fetched = home.registry() / "wheels" / locked
    try:
        listed = wheels.checked(fetched)
        packages = cached("packages", locked, lambda folder: wheels.unpack(fetched, folder))
    except WorkbenchError as error:
        raise InfraError(f"manifest {manifest.id[:19]}…: {error}") from error
    return Materials(
        identity=identity,
        manifest=manifest,
        base=images.base,
        debian=tuple(debian_package(package) for package in images.packages),
        wheels=tuple(listed),
        packages=packages,
        server=server,
        recipe=recipe,
    )


def fill(folder: Path, materials: Materials) -> None:
    manifest = materials.manifest
    shutil.copyfile(materials.recipe[0], folder / "Dockerfile")
    slim(materials.packages, folder / "packages", {wheel.name for wheel in materials.wheels})
    (folder / "server").mkdir()
    for source in materials.server:
        shutil.copyfile(source, folder / "server" / source.name)
    shutil.copytree(manifest.folder / "files", folder / "service")
    shutil.copyfile(manifest.folder / "manifest.json", folder / "service" / "manifest.json")
    _write(folder / SBOM, bill_of_materials(materials))
    _write(folder / BUILD_RECORD, build_record(materials))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
