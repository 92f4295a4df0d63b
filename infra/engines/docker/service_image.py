"""A service's image: base, wheels of the manifest's runtime, our server, the manifest's files."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.engines.docker.build_context import BuildContext, assemble, cache, digest_of, link_tree
from model import home, wheels
from model.manifest import Manifest

DOCKERFILE = Path(__file__).with_name("images") / "service.Dockerfile"
SERVER = Path(__file__).parents[3] / "scoring"
NEVER_SERVED = frozenset({"tests"})  # packages' own tests; some hold pickles
EXAMPLE = "score.py"  # the churn example's script is a manifest's own file, not the server's


def context(base: str, manifest: Manifest) -> BuildContext:
    """Assemble the folder to build, once per content, in this machine's cache."""
    server = sorted(path for path in SERVER.glob("*.py") if path.name != EXAMPLE)
    tag = digest_of(base, manifest.id, DOCKERFILE, *server)[:16]

    def fill(folder: Path) -> None:
        shutil.copyfile(DOCKERFILE, folder / "Dockerfile")
        link_tree(_packages(manifest), folder / "packages", without=NEVER_SERVED)
        for source in server:
            place = folder / "scoring" / source.name
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, place)
        shutil.copytree(manifest.folder / "files", folder / "service")
        shutil.copyfile(manifest.folder / "manifest.json", folder / "service" / "manifest.json")

    return BuildContext(folder=assemble(cache() / "contexts" / tag, fill), tag=tag)


def _packages(manifest: Manifest) -> Path:
    locked = manifest.requirements_sha256
    source = home.registry() / "wheels" / locked
    return assemble(cache() / "packages" / locked, lambda folder: wheels.unpack(source, folder))
