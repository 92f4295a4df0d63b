"""What `pulumi up` declares, in the order of the picture: read it from top to bottom."""

from __future__ import annotations

import pulumi
import pulumi_docker as docker

from infra import base_images, key_files, manifests, settings
from infra.container_registry import ContainerRegistry, ContainerRegistryArgs
from infra.environment import Environment, EnvironmentArgs
from infra.image import Image, ImageArgs
from infra.naming import Names
from infra.resource_group import ResourceGroup, ResourceGroupArgs
from infra.route import Route, RouteArgs
from infra.scoring_service import ScoringService, ScoringServiceArgs
from infra.storage import Storage, StorageArgs


def main() -> None:
    """Declare one environment and the services pinned in it."""
    stack = settings.load()
    images = base_images.load()
    names = Names(stack.project, stack.stack)
    on_engine = pulumi.ResourceOptions(providers=[docker.Provider("engine")])
    pinned = {service: manifests.read(service) for service in stack.services}

    group = ResourceGroup("group", ResourceGroupArgs(names=names), on_engine)
    storage = Storage("storage", StorageArgs(names=names), on_engine)
    registry = ContainerRegistry(
        "registry",
        ContainerRegistryArgs(names=names, images=images, group=group, storage=storage, port=stack.registry_port),
        on_engine,
    )
    environment = Environment(
        "environment",
        EnvironmentArgs(
            names=names,
            images=images,
            group=group,
            storage=storage,
            address=stack.gateway_address,
            port=stack.gateway_port,
        ),
        on_engine,
    )
    services, keys = {}, {}
    for service, manifest in pinned.items():
        image = Image(
            f"{service.name}-image",
            ImageArgs(names=names, service=service, manifest=manifest, images=images, registry=registry),
            on_engine,
        )
        scoring = ScoringService(
            service.name,
            ScoringServiceArgs(names=names, service=service, image=image, group=group, storage=storage),
            on_engine,
        )
        route = Route(
            f"{service.name}-route",
            RouteArgs(
                service=service,
                environment=environment,
                manifest=manifest,
                image=image.reference,
                keys=scoring.keys,
                releases=(scoring.release,),
            ),
        )
        services[service.name] = {
            "scoringUrl": route.scoring_url,
            "keysFolder": str(key_files.folder(names.stack, service.name)),
            "image": image.reference,
            "manifest": manifest.id,
            "models": manifests.model_names(manifest),
            "release": scoring.release.name,
        }
        keys[service.name] = {"primary": scoring.keys.primary, "secondary": scoring.keys.secondary}
    pulumi.export("gateway", environment.url)
    pulumi.export("registry", registry.address)
    pulumi.export("services", services)
    pulumi.export("keys", pulumi.Output.secret(keys))


if __name__ == "__main__":
    main()
