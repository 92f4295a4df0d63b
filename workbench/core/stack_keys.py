"""The keys that a project's and a stack's file can have, and the words for any other. Reads no file."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from workbench.core.service_settings import KEYS
from workbench.core.spelling import nearest
from workbench.policies import settings as policy_settings

PORTS = ("gatewayPort", "registryPort")
STACK = (
    "engine",
    "gatewayAddress",
    *PORTS,
    "services",
    "images",
    "protect",
    "registryAddress",
    "registryUser",
    "registryPassword",
    "kubeconfig",
    "kubeContext",
    "exposure",
    "host",
    "ingressClass",
    "tlsSecret",
    "ingressAnnotations",
    *policy_settings.KEYS,
)
SERVICE = tuple(KEYS)
# Pulumi's own, of a stack's file and of a project's.
STACK_FILE = ("config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt")
PROJECT_FILE = (
    "name",
    "description",
    "author",
    "website",
    "license",
    "runtime",
    "main",
    "config",
    "stackConfigDir",
    "backend",
    "options",
    "template",
    "packages",
    "plugins",
)
_OTHERS = ("pulumi", "docker", "kubernetes")
_TYPE = "type"


def declared(config: Mapping[str, Any], project: str) -> set[str]:
    """The keys of a program of one's own: those that the project's file declares with their type."""
    own = {key for key, value in config.items() if isinstance(value, Mapping) and _TYPE in value}
    return {key.removeprefix(f"{project}:") for key in own}


def unknown(keys: Iterable[str], project: str, own: Collection[str]) -> str:
    """What is wrong with the first key of a configuration that nobody reads, "" where each is read."""
    known, given = {*STACK, *own}, [str(key) for key in keys]
    for key in given:
        namespace, colon, name = key.rpartition(":")
        if namespace in ("", project):
            if name not in known:
                near = _hint(name, known, f"{project}:")
                return f"{project}:{name} is not known; {near or _of_a_program(project)}"
            if not colon and f"{project}:{name}" in given:
                return f"{project}:{name} and {name} are one key; take one of them out"
        elif colon and namespace not in _OTHERS and nearest(namespace, [project]):
            return f"{key} is not known, this project is {project!r}; {_hint(name, known, f'{project}:')}".rstrip("; ")
    return ""


def wrong_port(config: Mapping[str, Any], project: str) -> str:
    """What is wrong with the first port of a configuration, "" where each is one."""
    given = ((key, value) for key, value in config.items() if str(key).removeprefix(f"{project}:") in PORTS)
    wrong = (f"{key} is {value!r:.40}; a port is from 1 to 65535" for key, value in given if not _is_port(value))
    return next(wrong, "")


def _is_port(value: object) -> bool:
    return re.fullmatch("[0-9]{1,5}", str(value)) is not None and 0 < int(str(value)) < 1 << 16


def unknown_of_service(keys: Iterable[object]) -> str:
    """The same for the keys of one service."""
    others = (str(key) for key in keys if key not in SERVICE)
    return next((f"{key} is not known; {_hint(key, SERVICE) or _listed(SERVICE)}" for key in others), "")


def unknown_of_stack_file(keys: Iterable[str]) -> str:
    """The same for a stack's file itself, where `x-` begins what holds no more than anchors."""
    others = (str(key) for key in keys if key not in STACK_FILE and not str(key).startswith("x-"))
    return next((f"{key!r} is not known; {_hint(key, STACK_FILE) or _listed(STACK_FILE)}" for key in others), "")


def unknown_of_project_file(keys: Iterable[str]) -> str:
    """The same for a project's file, which may have keys of a newer pulumi: what looks like a known one, mistyped."""
    others = (str(key) for key in keys if key not in PROJECT_FILE)
    return next((f"{key!r} is not known; {hint}" for key in others if (hint := _hint(key, PROJECT_FILE))), "")


def _hint(wrong: str, known: Iterable[str], prefix: str = "") -> str:
    near = nearest(wrong, known)
    return f"did you mean {prefix + near!r}?" if near else ""


def _listed(known: Iterable[str]) -> str:
    return f"it can be {', '.join(known)}"


def _of_a_program(project: str) -> str:
    return f"a key of your own program is declared with its type in the file of project {project}"
