"""A service's image: which content it has, and the folder that it is built from. What lies there: service_content."""

from __future__ import annotations

from pathlib import Path

from workbench.components.images import build_context
from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import BuildContext, digest_of
from workbench.registry.manifests import wheels
from workbench.registry.manifests.manifest import Manifest

HERE, PRODUCT = Path(__file__).parent, Path(__file__).parents[2]
# All that decides what is in an image, beside what it is made of.
RECIPE = (HERE / "service.Dockerfile", Path(wheels.__file__), *sorted(HERE.glob("*.py")))


def context(images: BaseImages, manifest: Manifest) -> BuildContext:
    """Assemble the folder to build, once per content, in this machine's cache. Raises InfraError."""
    server = tuple(sorted((PRODUCT / "server").glob("*.py")))
    identity = digest_of(images.base, *images.packages, manifest.id, *RECIPE, *server)

    def fill(folder: Path) -> None:
        from workbench.components.images import service_content  # an unchanged stack never pays for it

        service_content.fill(folder, service_content.gather(images, manifest, identity, server, RECIPE))

    return build_context.context(identity, fill)
