"""A service's image: which content it has, and the folder that it is built from. What lies there: service_content."""

from __future__ import annotations

from pathlib import Path

from infra.base_images import BaseImages
from infra.engines.docker import build_context
from infra.engines.docker.build_context import BuildContext, digest_of
from model.manifests.manifest import Manifest

HERE, TREE = Path(__file__).parent, Path(__file__).parents[3]
DOCKERFILE = HERE / "images" / "service.Dockerfile"
# All that decides what is in an image, beside what it is made of.
RECIPE = (
    DOCKERFILE,
    TREE / "model" / "manifests" / "wheels.py",
    *(
        HERE / f"{name}.py"
        for name in ("build_record", "debug_info", "materials", "sbom", "service_content", "slimming")
    ),
)
EXAMPLE = "score.py"  # the churn example's script is a manifest's own file, not the server's


def context(images: BaseImages, manifest: Manifest) -> BuildContext:
    """Assemble the folder to build, once per content, in this machine's cache. Raises InfraError."""
    server = tuple(sorted(path for path in (TREE / "scoring").glob("*.py") if path.name != EXAMPLE))
    identity = digest_of(images.base, *images.packages, manifest.id, *RECIPE, *server)

    def fill(folder: Path) -> None:
        from infra.engines.docker import service_content  # an unchanged stack never pays for it

        service_content.fill(folder, service_content.gather(images, manifest, identity, server, RECIPE))

    return build_context.context(identity, fill)
