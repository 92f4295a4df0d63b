"""What a service's image is made of, as facts: read by its bill of materials and its build record alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import quote, unquote

from workbench.components.images.build_context import TAG_LENGTH, digest_of
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.manifests.wheels import Wheel, normal

_DEBIAN = re.compile(r"pkg:deb/debian/([^@]+)@([^?]+)\?arch=([^&]+)&distro=(.+)")


@dataclass(frozen=True)
class DebianPackage:
    """One package of the base; `distribution` is `debian-12`."""

    purl: str
    name: str
    version: str
    architecture: str
    distribution: str


@dataclass(frozen=True, kw_only=True)
class Materials:
    """`identity` is the digest (64 hex digits) of all that goes in; the image's tag is its beginning.

    `base` is a reference and `debian` what is in it. `packages` is the folder of the unpacked `wheels`. `server` are
    the files of our server, `recipe` those that say how to build, the Dockerfile first.
    """

    identity: str
    manifest: Manifest
    base: str
    debian: tuple[DebianPackage, ...]
    wheels: tuple[Wheel, ...]
    packages: Path
    server: tuple[Path, ...]
    recipe: tuple[Path, ...]

    @property
    def tag(self) -> str:
        return self.identity[:TAG_LENGTH]

    @property
    def server_digest(self) -> str:
        """64 hex digits; our server has no releases of its own, so this is its version."""
        return digest_of(*self.server)

    def installed(self) -> dict[str, Distribution]:
        """What each wheel says of itself, by normal name."""
        return {normal(distribution.name): distribution for distribution in distributions(path=[str(self.packages)])}


def debian_package(purl: str) -> DebianPackage:
    """Read a package URL as the toolchain writes it. Raises ValueError for another."""
    found = _DEBIAN.fullmatch(purl)
    if found is None:
        raise ValueError(f"{purl!r} is no Debian package's URL")
    name, version, architecture, distribution = (unquote(part) for part in found.groups())
    return DebianPackage(purl, name, version, architecture, distribution)


def wheel_purl(wheel: Wheel) -> str:
    return f"pkg:pypi/{wheel.name}@{quote(wheel.version, safe='')}"
