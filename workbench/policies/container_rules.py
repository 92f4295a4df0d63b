"""The rules for what runs: by digest, not as root, read-only, bounded, no secrets, from known registries. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from workbench.policies import secrets
from workbench.policies.container import Container, Escapes
from workbench.policies.isolation_rules import ISOLATION_RULES
from workbench.policies.rule import Rule
from workbench.policies.unknown import UNKNOWN

_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}|sha256:[0-9a-f]{64}")
# The stack's own machinery is built here and tagged by the digest of its content.
_CONTENT_TAG = re.compile(r"[^/@]+:[0-9a-f]{16,64}")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?")
# A name is looked up in the image, where any may be root; so is an odd spelling of 0.
_USER = re.compile(r"([1-9][0-9]{0,9})(:[^:]+)?")
_GROUP = re.compile(r"([1-9][0-9]{0,9})")
_LAST = (1 << 31) - 1
# More than any host of today has: such a limit limits nothing.
_MOST_CORES, _MOST_MEMORY = 256, 1 << 20


@dataclass(frozen=True)
class Judged:
    """A container, and the registries that its image may come from beside the engine's own."""

    container: Container
    registries: tuple[str, ...] = ()


def registry_of(reference: str) -> str:
    """The registry that an image's reference names; docker.io where it names none."""
    first, slash, _ = reference.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first if named else "docker.io"


def is_known(registry: str, registries: tuple[str, ...]) -> bool:
    """Whether images may come from there: this host's own registries, and those that the stack names."""
    return _LOOPBACK.fullmatch(registry) is not None or registry in registries


def _digest_only(judged: Judged) -> str | None:
    image = judged.container.image
    if image is UNKNOWN or (isinstance(image, str) and _DIGEST.fullmatch(image)):
        return None
    if judged.container.service is None and isinstance(image, str) and _CONTENT_TAG.fullmatch(image):
        return None
    return f"runs {image!r}, which may be another image tomorrow"


def _non_root(judged: Judged) -> str | None:
    user = judged.container.user
    if user is None or user == "":
        return "doesn't say which user it runs as, which may be root"
    if user is not UNKNOWN and not _is_plain(_USER, user):
        return f"runs as user {user!r:.40}, which is or may be root"
    roots = [group for group in judged.container.groups if group is not UNKNOWN and not _is_plain(_GROUP, group)]
    return f"runs in group {roots[0]!r:.40}, which is or may be root's" if roots else None


def _is_plain(form: re.Pattern[str], who: object) -> bool:
    found = form.fullmatch(str(who))
    return found is not None and int(found[1]) <= _LAST


def _read_only(judged: Judged) -> str | None:
    return None if judged.container.read_only in (True, UNKNOWN) else "can write to its own file system"


def _limits(judged: Judged) -> str | None:
    own = judged.container
    kinds = {"CPU": (own.cpu, _MOST_CORES, "cores"), "memory": (own.memory, _MOST_MEMORY, "MiB")}
    if missing := [kind for kind, (value, *_) in kinds.items() if value is not UNKNOWN and not value]:
        return f"has no limit of {' and '.join(missing)}"
    kinds["memory and swap"] = (own.swap, _MOST_MEMORY, "MiB")
    above = [f"{kind} above {most} {unit}" for kind, (value, most, unit) in kinds.items() if _is_above(value, most)]
    return f"has a limit of {' and of '.join(above)}, which limits nothing" if above else None


def _is_above(value: object, most: int) -> bool:
    return isinstance(value, int | float) and value > most


def _no_plain_secrets(judged: Judged) -> str | None:
    names = [name for name, value in judged.container.environment.items() if secrets.is_secret(name, value)]
    return f"has what looks like a secret in its environment: {', '.join(names)}" if names else None


def _known_registries(judged: Judged) -> str | None:
    image = judged.container.image
    if not isinstance(image, str) or image.startswith("sha256:") or _CONTENT_TAG.fullmatch(image):
        return None
    registry = registry_of(image)
    return None if is_known(registry, judged.registries) else f"runs an image of {registry}, which is not known here"


def _of_container(rule: Rule[Escapes]) -> Rule[Judged]:
    return Rule(rule.name, rule.reason, rule.remedy, lambda judged: rule.broken(judged.container.escapes))


CONTAINER_RULES: Final[tuple[Rule[Judged], ...]] = (
    Rule("digest-only", "A tag can be moved; a digest is what was tested.", "name the image by @sha256:", _digest_only),
    Rule(
        "non-root",
        "A way out of a container is worth less to a plain user.",
        "set the user and its groups by numbers that are not 0, such as 10001",
        _non_root,
    ),
    Rule("read-only", "What can't be written can't be replaced by an intruder.", "make its root read-only", _read_only),
    Rule("limits", "One service must not starve the others.", "set limits of CPU and memory", _limits),
    Rule(
        "no-plain-secrets",
        "Environment variables are read by whoever can look at the engine.",
        "mount it as a file, or keep it by `pulumi config set --secret`",
        _no_plain_secrets,
    ),
    Rule(
        "known-registries",
        "An image from anywhere is code from anyone.",
        "name the registry in `registries` of the stack's file, or copy the image",
        _known_registries,
    ),
    *(_of_container(rule) for rule in ISOLATION_RULES),
)
