"""How much a stack takes before and after, and which things with data would be lost. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.policies.containers import containers
from workbench.policies.unknown import UNKNOWN
from workbench.stacks.previews.steps import Step

_VOLUMES = ("docker:index/volume:Volume", "kubernetes:core/v1:PersistentVolumeClaim")
# What is lost with a thing of this kind, whose type ends so.
_HOLDS: Mapping[str, str] = {
    ":Volume": "the data in it",
    ":PersistentVolumeClaim": "the data in it",
    ":PersistentVolume": "the data in it",
    ":StatefulSet": "the data of its volumes, unless they are kept",
    ":Namespace": "everything in it",
    ":ServiceKeys": "both keys: every caller needs new ones",
}
_LOST = ("delete", "replace")


@dataclass(frozen=True)
class Usage:
    """Limits of all containers together, `cpu` in cores, `memory` in MiB; volumes, and what their claims ask for."""

    cpu: float = 0
    memory: float = 0
    containers: int = 0
    volumes: int = 0
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loss:
    """A thing with data that would be replaced or deleted."""

    op: str
    kind: str
    name: str
    what: str


def usage(steps: Iterable[Step]) -> tuple[Usage, Usage]:
    """Before and after."""
    listed = list(steps)
    return _sum(listed, lambda step: step.before), _sum(listed, lambda step: step.after)


def losses(steps: Iterable[Step]) -> list[Loss]:
    """What holds data and would be gone."""
    return [
        Loss(step.op, step.short_kind, str((step.before or {}).get("name") or step.name), what)
        for step in steps
        for end, what in _HOLDS.items()
        if step.op in _LOST and step.kind.endswith(end)
    ]


def _sum(steps: Iterable[Step], inputs: Callable[[Step], Mapping[str, Any] | None]) -> Usage:
    present = [(step.kind, found) for step in steps if (found := inputs(step)) is not None]
    running = [each for kind, found in present for each in containers(kind, found)]
    volumes = [found for kind, found in present if kind in _VOLUMES]
    return Usage(
        cpu=sum(each.copies * each.cpu for each in running if _told(each.cpu)),
        memory=sum(each.copies * each.memory for each in running if _told(each.memory)),
        containers=sum(each.copies for each in running),
        volumes=len(volumes),
        claimed=tuple(sorted(_claims(volumes))),
    )


def _claims(volumes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for volume in volumes:
        asked = ((volume.get("spec") or {}).get("resources") or {}).get("requests") or {}
        if isinstance(asked.get("storage"), str):
            yield asked["storage"]


def _told(value: object) -> bool:
    return value is not None and value is not UNKNOWN
