"""Images of an environment's registry, as its docker engine holds them: known by digest, found by a prefix of it.

An `up` leaves images on the engine, so those of earlier releases are here too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.core import home
from workbench.core.canonical import PREFIX
from workbench.core.errors import EnvironmentsError
from workbench.experiments.targets.engine import Engine
from workbench.stacks.environments import environment
from workbench.stacks.services import stack_inputs

_MANIFEST = "workbench.manifest"


@dataclass(frozen=True)
class Image:
    """One image: `reference` is REGISTRY/NAME@DIGEST; `size` is in bytes, `created_at` an RFC 3339 time."""

    name: str
    digest: str
    manifest: str
    reference: str
    created_at: str
    size: int

    @property
    def id(self) -> str:
        """Its digest."""
        return self.digest

    def document(self, stack: str) -> dict[str, Any]:
        """All that is known of it."""
        return {
            "id": self.id,
            "name": self.name,
            "stack": stack,
            "location": self.reference,
            "manifest": self.manifest,
            "created_at": self.created_at,
            "size": self.size,
        }


def list_all(stack: str) -> list[Image]:
    """The images of an environment, oldest first. Raises TargetError when the engine does not answer."""
    registry = f"127.0.0.1:{environment.port(environment.file(stack), environment.REGISTRY_PORT)}"
    engine = Engine(None)
    ids = set(engine.read("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={_MANIFEST}").split())
    if not ids:
        return []
    inspected: list[dict[str, Any]] = json.loads(engine.read("image", "inspect", *sorted(ids)))
    found = [image for each in inspected for image in _of(each, f"{registry}/")]
    return sorted(found, key=lambda image: (image.created_at, image.name))


def find(stack: str, prefix: str) -> Image:
    """The one image whose id starts with `prefix`, with or without `sha256:`. Raises EnvironmentsError otherwise."""
    wanted = prefix.rpartition("@")[2].removeprefix(PREFIX)
    fitting = [each for each in list_all(stack) if wanted and each.digest.removeprefix(PREFIX).startswith(wanted)]
    if len({each.digest for each in fitting}) != 1:
        problem = f"fits {len(fitting)} images, write more digits" if fitting else "fits no image"
        raise EnvironmentsError(f"image {prefix!r} {problem} of {stack}; run: workbench image list --stack {stack}")
    return fitting[0]


def made_of(stack: str, name: str, manifest: str) -> Image:
    """The image of that name which was built of a manifest. Raises EnvironmentsError when there is none."""
    fitting = [each for each in list_all(stack) if (each.name, each.manifest) == (name, manifest)]
    if not fitting:
        raise EnvironmentsError(f"the engine holds no image {name} of {manifest[:19]}…; run: pulumi up -s {stack}")
    return fitting[-1]


def tags(stack: str, prefix: str) -> list[str]:
    """Names of all images on the engine that are an environment's alone, those of its own two containers too.

    `prefix` begins the names of what it has there.
    """
    port = environment.port(home.stack_file(stack), environment.REGISTRY_PORT)
    wanted = [f"127.0.0.1:{port}/*", f"{prefix}-gateway", f"{prefix}-registry"]
    filters = [word for each in wanted for word in ("--filter", f"reference={each}")]
    return Engine(None).read("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", *filters).split()


def remove(names: Sequence[str]) -> None:
    """Take names off the engine; an image that others name too stays. Raises TargetError."""
    if names:
        Engine(None).read("image", "rm", "--force", *names)


def users(image: Image) -> list[str]:
    """Services of the project's environments whose files pin the image, or what it was built of, as STACK/SERVICE."""
    return [
        f"{stack}/{service}"
        for stack in environment.names()
        for service, pins in stack_inputs.read_pins(home.stack_file(stack)).items()
        if pins.get("image", "").endswith(f"@{image.digest}")
        or ("image" not in pins and (service, pins.get("manifest")) == (image.name, image.manifest))
    ]


def _of(inspected: dict[str, Any], registry: str) -> list[Image]:
    """What the engine knows of one image, once for each name that it has in the registry."""
    return [
        Image(
            name=reference.removeprefix(registry).partition("@")[0],
            digest=reference.partition("@")[2],
            manifest=inspected["Config"]["Labels"][_MANIFEST],
            reference=reference,
            created_at=inspected["Created"],
            size=inspected["Size"],
        )
        for reference in inspected["RepoDigests"] or []
        if reference.startswith(registry)
    ]
