"""One container as rules judge it, whichever engine's resource declares it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from workbench.policies.unknown import UNKNOWN

Inputs = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Escapes:
    """Ways out of a container's bounds, each named by the engine's own setting; empty where there is none."""

    privileged: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()
    host_namespaces: tuple[str, ...] = ()
    host_ports: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    unconfined: tuple[str, ...] = ()
    sysctls: tuple[str, ...] = ()

    def without_port(self, port: str) -> Escapes:
        """All but the port that the stack's file itself opens."""
        return replace(self, host_ports=tuple(opened for opened in self.host_ports if opened != port))

    def __or__(self, other: Escapes) -> Escapes:
        """Those of both."""
        return Escapes(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of one resource, `copies` times. `cpu` in cores, `memory` in MiB; None is no limit.

    `service` is None of the stack's own machinery. `groups` are those that it names; `swap` is its limit of memory and
    swap together, in MiB, None where it leaves that to the engine. Any value may be UNKNOWN before an `up`.
    """

    name: str
    service: str | None
    image: Any
    user: Any
    read_only: Any
    cpu: Any
    memory: Any
    environment: Mapping[str, Any]
    groups: tuple[Any, ...] = ()
    swap: Any = None
    escapes: Escapes = field(default_factory=Escapes)
    copies: int = 1


def items(value: object) -> list[Any]:
    """A list as it is, anything else as none."""
    return list(value) if isinstance(value, list | tuple) else []


def mapping(value: object) -> Inputs:
    """A mapping as it is, anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> Iterable[Inputs]:
    """The mappings of a list."""
    return map(mapping, items(value))


def is_set(value: object) -> bool:
    """Whether a setting says anything at all; what only an `up` knows says nothing yet."""
    return value is not UNKNOWN and value not in (None, False, "", 0, [], {}, ())


def named(inputs: Inputs, *keys: str) -> tuple[str, ...]:
    """Those of the keys that are set."""
    return tuple(key for key in keys if is_set(inputs.get(key)))


def number(value: object) -> Any:  # noqa: ANN401 - a number, None or UNKNOWN
    """A limit: None of what limits nothing, such as 0, -1, infinity and texts that are no numbers."""
    if value is UNKNOWN:
        return value
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < float("inf") else None
