"""What `pulumi up` declares, in the order of the picture: read it from top to bottom."""

from __future__ import annotations

import pulumi

from workbench.components import key_files, known_keys, manifests, releases, served, settings
from workbench.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from workbench.components.engines.engine import choose
from workbench.components.environment import Environment, EnvironmentArgs
from workbench.components.guard import Guard
from workbench.components.image import Image, ImageArgs
from workbench.components.images import base_images
from workbench.components.naming import Names
from workbench.components.resource_group import ResourceGroup, ResourceGroupArgs
from workbench.components.route import Route, RouteArgs
from workbench.components.scoring_service import ScoringService, ScoringServiceArgs
from workbench.components.storage import Storage, StorageArgs


def main() -> None:
    """Declare one environment and the services pinned in it."""
    stack = settings.load()
    images = base_images.load()
    serving = served.load()
    known_keys.check_kept(stack.project, stack.stack, serving)
    names = Names.made_with(stack.project, stack.stack, serving.boundary)
    engine = choose(stack, serving)
    on_engine = engine.options
    pinned = {service: manifests.read(service) for service in stack.services}
    unserved = {image: manifests.read(image) for image in stack.images}
    guard = Guard(stack)
    admitted = {
        service.name: releases.release(stack, service, manifest, serving) for service, manifest in pinned.items()
    }
    guard.admit(admitted.values())

    group = ResourceGroup("group", ResourceGroupArgs(names=names, engine=engine), on_engine)
    storage = Storage("storage", StorageArgs(names=names, engine=engine, protect=stack.protect), on_engine)
    registry = ContainerRegistry(
        "registry",
        ContainerRegistryArgs(
            names=names,
            engine=engine,
            images=images,
            group=group,
            storage=storage,
            port=stack.registry_port,
            remote=stack.registry,
        ),
        on_engine,
    )
    environment = Environment(
        "environment",
        EnvironmentArgs(
            names=names,
            engine=engine,
            images=images,
            group=group,
            storage=storage,
            address=stack.gateway_address,
            port=stack.gateway_port,
        ),
        on_engine,
    )
    for entry, manifest in unserved.items():
        Image(
            f"{entry.name}-{manifest.id.removeprefix('sha256:')[:8]}-image",
            ImageArgs(names=names, service=entry, manifest=manifest, images=images, registry=registry),
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
            ScoringServiceArgs(
                names=names,
                engine=engine,
                service=service,
                image=image,
                registry=registry,
                group=group,
                storage=storage,
            ),
            on_engine,
        )
        route = Route(
            f"{service.name}-route",
            RouteArgs(
                names=names,
                engine=engine,
                group=group,
                service=service,
                environment=environment,
                manifest=manifest,
                image=image.reference,
                keys=scoring.keys,
                releases=(scoring.release,),
                promoted_at=admitted[service.name].promotion_time,
            ),
            on_engine,
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
    guard.settle()


if __name__ == "__main__":
    main()
