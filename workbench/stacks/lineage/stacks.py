"""What stacks use, read from their files and their states; of every project that has the same home or backend."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workbench.core import home
from workbench.core.errors import ServiceError, StackFileError
from workbench.stacks.lineage.uses import Pin, Serving, Uses
from workbench.stacks.services import pulumi_cli, service, stack_inputs

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ROUTE, _REGISTRY = (":GatewayRoute", ":ClusterRoute"), ":ContainerRegistry"
_AT_ONCE = 4


def read() -> Uses:
    """All uses by now. A state that cannot be read is told in `unseen`. Raises StackFileError."""
    pins = tuple(pin for folder in home.projects() for pin in pins_of(folder))
    try:
        names = pulumi_cli.stacks(of_all_projects=True)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            states = list(zip(names, threads.map(service.exported, names), strict=True))
    except ServiceError as error:
        return Uses(pins=pins, unseen=str(error))
    return Uses(
        pins=pins,
        servings=tuple(each for name, state in states for each in servings_of(name, state)),
        registries=frozenset(address for _, state in states for address in _registries(state)),
    )


def pinned(manifest: str) -> bool:
    """Whether a stack's file names this manifest now. Raises StackFileError."""
    return any(pin.manifest == manifest for folder in home.projects() for pin in pins_of(folder))


def pins_of(project: Path) -> list[Pin]:
    """What the stacks' files of a project pin: for services, and every other digest that they name."""
    found = []
    for stack, path in home.stack_files(project).items():
        file = path.name if project == home.project() else str(path)
        services = stack_inputs.read_pins(path)
        own = [
            Pin(manifest=pins["manifest"], stack=stack, file=file, service=name, image=pins.get("image", ""))
            for name, pins in services.items()
            if "manifest" in pins
        ]
        told = {each.manifest for each in own} | {each.image.rpartition("@")[2] for each in own}
        others = sorted(set(_DIGEST.findall(_text(path))) - told)
        found += [*own, *(Pin(manifest=other, stack=stack, file=file) for other in others)]
    return found


def servings_of(stack: str, state: list[dict[str, Any]]) -> list[Serving]:
    """What the resources of a stack's state serve."""
    return [
        Serving(
            manifest=str(route.get("manifest", "")),
            stack=stack,
            service=str(route.get("service", "")),
            image=str(route.get("image", "")),
            url=str(route.get("scoringUrl", "")),
        )
        for route in _outputs(state, _ROUTE)
    ]


def _registries(state: list[dict[str, Any]]) -> list[str]:
    return [str(output["address"]) for output in _outputs(state, _REGISTRY) if output.get("address")]


def _outputs(state: list[dict[str, Any]], kind: str | tuple[str, ...]) -> list[Mapping[str, Any]]:
    return [each.get("outputs") or {} for each in state if each["type"].endswith(kind) and not each.get("delete")]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error
