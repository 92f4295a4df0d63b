"""An image in the stack's registry: built of a manifest, or copied by digest from another stack's registry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from workbench.components.container_registry import ContainerRegistry
from workbench.components.engines.docker.image_digest import ImageDigest
from workbench.components.images import service_image
from workbench.components.images.base_images import BaseImages
from workbench.components.naming import Names
from workbench.components.service_settings import ImageSettings
from workbench.core.service_settings import ServiceSettings
from workbench.registry.manifests.manifest import Manifest

# An image on the engine: its tag, its whole name, and the engine's own id of it.
Local = tuple[str, pulumi.Output[str], pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """Arguments of an image.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        service: The entry of `services` or `images` in the stack's file.
        manifest: What the image is built of.
        images: The base images of the toolchain, by `base_images.load`.
        registry: Where the image is pushed.

    """

    names: Names
    service: ServiceSettings | ImageSettings
    manifest: Manifest
    images: BaseImages
    registry: ContainerRegistry


class Image(pulumi.ComponentResource):
    """One image under its digest. Old images stay in the registry, so that going back to one builds nothing.

    Attributes:
        identity: The digest of what goes in, 64 hex digits, known before anything is built.
        digest: The digest of the image, `sha256:…`, compared with what was pushed or pinned.
        reference: `REGISTRY/NAME@sha256:…`.

    """

    identity: str
    digest: pulumi.Output[str]
    reference: pulumi.Output[str]

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Image", name, None, opts)
        repository = args.registry.address.apply(lambda address: f"{address}/{args.service.name}")
        if args.service.image:
            self.identity, local, copy = self._copied(name, args.service.image, repository)
        else:
            self.identity, local, copy = self._built(name, args, repository)
        pushed = docker.RegistryImage(
            f"{name}-pushed",
            name=local,
            auth_config=_auth(args.registry),
            keep_remotely=True,
            triggers={"identity": self.identity},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.registry.awaited),
        )
        checked = ImageDigest(
            f"{name}-digest",
            {
                "repository": repository,
                "tag": self.identity,
                "pushed": pushed.sha256_digest,
                "image": copy,
                "pinned": _digest(args.service.image),
                "login": _login(args.registry),
                "source": pushed.urn,
            },
            pulumi.ResourceOptions(parent=self),
        )
        # A preview knows the digest of an unchanged image; an update waits until it was compared. Both depend on the
        # same two resources, since an update by a preview's plan may have no other dependencies.
        preview = pulumi.runtime.is_dry_run()
        both = pulumi.Output.all(pushed.sha256_digest, checked.urn if preview else checked.digest)
        self.digest = both.apply(lambda known: known[0 if preview else 1])
        self.reference = pulumi.Output.concat(repository, "@", self.digest)
        self.register_outputs({"digest": self.digest, "reference": self.reference})

    def _built(self, name: str, args: ImageArgs, repository: pulumi.Output[str]) -> Local:
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
        return context.tag, built.name, built.image_id

    def _copied(self, name: str, source: str, repository: pulumi.Output[str]) -> Local:
        digest = source.rpartition("@sha256:")[2]
        child = pulumi.ResourceOptions(parent=self)
        pulled = docker.RemoteImage(f"{name}-pulled", name=source, keep_locally=True, opts=child)
        tag = docker.Tag(
            f"{name}-tag",
            source_image=pulled.name,
            target_image=pulumi.Output.concat(repository, ":", digest[:16]),
            opts=child,
        )
        return digest[:16], tag.target_image, pulled.image_id


def _digest(image: str | None) -> str:
    """The digest that a reference names, "" where there is none."""
    return image.rpartition("@")[2] if image else ""


def _login(registry: ContainerRegistry) -> dict[str, pulumi.Input[str]]:
    if registry.login is None:
        return {}
    user, password = registry.login
    return {"username": user, "password": password}


def _auth(registry: ContainerRegistry) -> docker.RegistryImageAuthConfigArgs:
    """How the engine shows itself to the registry; one that asks nobody still gets a name."""
    login = _login(registry) or {"username": "anonymous", "password": ""}
    scheme = "https" if registry.is_remote else "http"
    host = registry.address.apply(lambda address: f"{scheme}://{address.partition('/')[0]}")
    return docker.RegistryImageAuthConfigArgs(address=host, **login)
