"""An image in the stack's registry: built of a manifest, or copied by digest from another stack's registry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from infra.base_images import BaseImages
from infra.container_registry import ContainerRegistry
from infra.engines.docker import service_image
from infra.naming import Names
from infra.service_settings import ImageSettings, ServiceSettings
from model.manifests.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    names: Names
    service: ServiceSettings | ImageSettings
    manifest: Manifest
    images: BaseImages
    registry: ContainerRegistry


class Image(pulumi.ComponentResource):
    """One image under its digest. `identity` is known before anything is built: the digest of what goes in.

    Old images stay in the registry, so that going back to one builds nothing.
    """

    identity: str
    digest: pulumi.Output[str]
    reference: pulumi.Output[str]

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Image", name, None, opts)
        repository = args.registry.address.apply(lambda address: f"{address}/{args.service.name}")
        if args.service.image:
            self.identity, local = self._copied(name, args.service.image, repository)
        else:
            self.identity, local = self._built(name, args, repository)
        pushed = docker.RegistryImage(
            f"{name}-pushed",
            name=local,
            auth_config=_auth(args.registry),
            keep_remotely=True,
            triggers={"identity": self.identity},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.digest = pushed.sha256_digest
        self.reference = pulumi.Output.concat(repository, "@", self.digest)
        self.register_outputs({"digest": self.digest, "reference": self.reference})

    def _built(self, name: str, args: ImageArgs, repository: pulumi.Output[str]) -> tuple[str, pulumi.Output[str]]:
        context = service_image.context(args.images, args.manifest)
        built = docker.RemoteImage(
            f"{name}-built",
            name=pulumi.Output.concat(repository, ":", context.tag),
            build=docker.RemoteImageBuildArgs(
                context=str(context.folder),
                build_args={"BASE": args.images.base, "MANIFEST": args.manifest.id},
                network_mode="none",
            ),
            triggers={"tag": context.tag},
            keep_locally=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return context.tag, built.name

    def _copied(self, name: str, source: str, repository: pulumi.Output[str]) -> tuple[str, pulumi.Output[str]]:
        digest = source.rpartition("@sha256:")[2]
        child = pulumi.ResourceOptions(parent=self)
        pulled = docker.RemoteImage(f"{name}-pulled", name=source, keep_locally=True, opts=child)
        tag = docker.Tag(
            f"{name}-tag",
            source_image=pulled.name,
            target_image=pulumi.Output.concat(repository, ":", digest[:16]),
            opts=child,
        )
        return digest[:16], tag.target_image


def _auth(registry: ContainerRegistry) -> docker.RegistryImageAuthConfigArgs:
    """How the engine shows itself to the registry; one that asks nobody still gets a name."""
    if registry.login is None:
        return docker.RegistryImageAuthConfigArgs(
            address=registry.address.apply(lambda address: f"http://{address}"), username="anonymous", password=""
        )
    user, password = registry.login
    host = registry.address.apply(lambda address: f"https://{address.partition('/')[0]}")
    return docker.RegistryImageAuthConfigArgs(address=host, username=user, password=password)
