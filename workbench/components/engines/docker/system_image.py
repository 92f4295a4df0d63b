"""Images of the stack's own machinery: a base of the toolchain's and a few files of ours on top."""

from __future__ import annotations

import shutil
from pathlib import Path

import pulumi
import pulumi_docker as docker

from workbench.components.images.build_context import context, copy_tree, digest_of

IMAGES = Path(__file__).with_name("images")
GATEWAY = (IMAGES / "gateway.Dockerfile", Path(__file__).parents[3] / "gateway")
REGISTRY = (IMAGES / "registry.Dockerfile", IMAGES / "registry.yml", IMAGES / "registry.py")


def system_image(
    resource: str, repository: str, base: str, content: tuple[Path, ...], parent: pulumi.Resource
) -> docker.RemoteImage:
    """Declare an image of `content` (a Dockerfile and what it copies), tagged by the digest of all that goes in."""
    dockerfile, *sources = content

    def fill(folder: Path) -> None:
        shutil.copyfile(dockerfile, folder / "Dockerfile")
        for source in sources:
            copy = copy_tree if source.is_dir() else shutil.copyfile
            copy(source, folder / source.name)

    built = context(digest_of(base, *content), fill)
    return docker.RemoteImage(
        resource,
        name=f"{repository}:{built.tag}",
        build=docker.RemoteImageBuildArgs(context=str(built.folder), build_args={"BASE": base}, network_mode="none"),
        triggers={"tag": built.tag},
        # Another person's cache has another path: that replaces this resource, and must not take the image away.
        keep_locally=True,
        opts=pulumi.ResourceOptions(parent=parent),
    )
