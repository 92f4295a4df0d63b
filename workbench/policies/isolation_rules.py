"""The rules for what leads out of a container: to its host, to the engine, to more rights than it began with. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final

from workbench.policies.container import Escapes
from workbench.policies.rule import Rule

_SOCKET = re.compile(r"(docker|dockerd|cri-dockerd|containerd|crio|podman|buildkitd|docker_engine)[^/\\]*(\.sock)?")
# Folders that engines keep their sockets in: with one of these the socket comes along.
_SOCKET_FOLDERS = re.compile(r"/|/(var/)?run|/var|/(var/)?run/(docker|containerd|crio|podman|user(/[0-9]+)?)")
_SHOWN = 4


def _if_any(problem: str, pick: Callable[[Escapes], tuple[str, ...]]) -> Callable[[Escapes], str | None]:
    def broken(escapes: Escapes) -> str | None:
        found = list(dict.fromkeys(pick(escapes)))
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return f"{problem} ({', '.join(ascii(each)[1:-1][:60] for each in found[:_SHOWN])}{more})" if found else None

    return broken


def _sockets(escapes: Escapes) -> tuple[str, ...]:
    return tuple(path for path in escapes.host_paths if _holds_socket(path))


def _holds_socket(path: str) -> bool:
    clean = posixpath.normpath("/" + path.strip().replace("\\", "/").lstrip("/"))
    return _SOCKET_FOLDERS.fullmatch(clean) is not None or any(map(_SOCKET.fullmatch, clean.split("/")))


ISOLATION_RULES: Final[tuple[Rule[Escapes], ...]] = (
    Rule(
        "no-privileged",
        "A privileged container is its host's root.",
        "leave privileged out",
        _if_any("is privileged", lambda each: each.privileged),
    ),
    Rule(
        "no-escalation",
        "A set-user-id program would make a plain user root.",
        "set no-new-privileges:true in security_opts, allowPrivilegeEscalation: false in a cluster; no mode above 0777",
        _if_any("may gain privileges", lambda each: each.escalation),
    ),
    Rule(
        "no-capabilities",
        "Each capability is a part of root's rights.",
        "add none",
        _if_any("adds capabilities", lambda each: each.capabilities),
    ),
    Rule(
        "no-host-mounts",
        "What of the host is mounted can be read, or replaced, from inside.",
        "mount a volume of the engine's own",
        _if_any("mounts parts of its host, or a file system of others", lambda each: each.host_paths),
    ),
    Rule(
        "no-engine-socket",
        "Who reaches the engine's socket runs anything on its host, as root.",
        "leave the mount out; let a program outside ask the engine",
        _if_any("mounts the engine's socket", _sockets),
    ),
    Rule(
        "no-host-namespaces",
        "In its host's network or processes a container is no longer apart.",
        "leave it out, and name a network of the stack's own",
        _if_any("shares namespaces", lambda each: each.host_namespaces),
    ),
    Rule(
        "no-host-ports",
        "A port of the host passes by the gateway and its keys.",
        "leave it out or publish it on 127.0.0.1, and declare a Service or a route",
        _if_any("opens ports of its host", lambda each: each.host_ports),
    ),
    Rule(
        "no-devices",
        "A device is a way into its host's kernel.",
        "leave it out",
        _if_any("uses devices of its host", lambda each: each.devices),
    ),
    Rule(
        "confined",
        "The engine's default profile closes hundreds of the kernel's doors.",
        "leave the engine's own profile in place",
        _if_any("is less confined than by default", lambda each: each.unconfined),
    ),
    Rule(
        "no-sysctls",
        "Parameters of a kernel are for its host's owner.",
        "leave them out",
        _if_any("changes the kernel's parameters", lambda each: each.sysctls),
    ),
)
