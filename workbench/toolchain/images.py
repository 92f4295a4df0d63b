"""The base images: built once from Debian packages, kept as tarballs in the cache, loaded into an engine.

`debian` is a whole root; gateway, registry and spark add packages to it, `base`, which services run on, takes a few out
of it.
Owns tags (`workbench-<name>:<recipe>`) and images.json. Does not start engines or containers that serve.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from workbench.toolchain.cache import locked, place, recipe_key, write_atomically
from workbench.toolchain.debian import Apt, architecture, private_apt, write_root
from workbench.toolchain.process import Log, read
from workbench.toolchain.record import update_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.toolchain.docker import Docker
    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Debian, Versions

_FOLDER = Path(__file__).resolve().parent
_ROOT, _SERVICES = "debian", "base"
_LEFTOVER = "workbench.stage=unpacked"
# The Dockerfile first, then what it copies.
_RECIPES = {
    _ROOT: ("images/debian.Dockerfile", "images/slim.cfg"),
    _SERVICES: ("images/distroless.Dockerfile", "images/distroless.toml", "distroless.py"),
    "spark": ("images/spark.Dockerfile",),
}
_ADDED = ("images/packages.Dockerfile",)
_FIELD = re.compile(r"^(Package|Version|Architecture): (.+)$", re.MULTILINE)
# Debian's version, and what scanners read where there is no package manager: dpkg's stanza for each package.
_FACTS = """\
import pathlib, platform
print(platform.freedesktop_os_release()["VERSION_ID"])
for stanza in pathlib.Path("/var/lib/dpkg/status.d").iterdir():
    print(stanza.read_text())
"""


@dataclass(frozen=True)
class Image:
    """What makes one base image; `tag` names it by content of its recipe."""

    name: str
    packages: tuple[str, ...]
    debian: Debian
    architecture: str
    parent: Image | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the recipe: the Dockerfile first."""
        return tuple(_FOLDER / name for name in _RECIPES.get(self.name, _ADDED))

    @property
    def key(self) -> str:
        origin = [self.debian.suite, self.debian.revision, self.architecture]
        ancestry = [self.parent.key] if self.parent else []
        contents = [path.read_bytes() for path in self.files]
        return recipe_key([self.name, *origin, *ancestry, *self.packages, *contents])

    @property
    def tag(self) -> str:
        return f"workbench-{self.name}:{self.key}"

    def tarball(self, places: Places) -> Path:
        """Return where the cache keeps it."""
        return places.cache / "images" / f"{self.name}-{self.key}.tar"


def plan(versions: Versions, arch: str) -> dict[str, Image]:
    """Return the images by name, the root of all others first."""
    root = Image(_ROOT, versions.images[_ROOT], versions.debian, arch)
    rest = {name: packages for name, packages in versions.images.items() if name != _ROOT}
    return {
        _ROOT: root,
        **{name: Image(name, packages, versions.debian, arch, root) for name, packages in rest.items()},
    }


def ensure_images(log: Log, places: Places, docker: Docker, versions: Versions, *asked: str) -> bool:
    """Have the base images, and those `asked` for, in the engine and in images.json; return whether that took work."""
    planned = plan(versions, architecture())
    images = {name: image for name, image in planned.items() if name in asked or name not in versions.on_demand}
    with (
        locked(places.cache / "images" / ".lock", lambda: log.say("waits for another set-up's images")),
        ExitStack() as opened,
    ):
        # Debian's lists are fetched only if an image must be built, and then once for all of them.
        apt = cache(lambda: opened.enter_context(private_apt(log, versions.debian.suite)))
        changed = {name: _ensure(log, places, docker, image, apt) for name, image in images.items()}
    known, base = _recorded(places), images[_SERVICES]
    is_known = known.get(_SERVICES) == base.tag and "packages" in known and not changed[_SERVICES]
    packages = known["packages"] if is_known else _packages(docker, base)
    # What was asked for earlier stays known as long as its recipe is this one.
    tags = {name: image.tag for name, image in planned.items() if name in images or known.get(name) == image.tag}
    return record(places, tags, packages) or any(changed.values())


def holder(tag: str, places: Places) -> str:
    """Return the second tag by which this home holds a base image, so that no other home's `down` removes it."""
    return f"{tag}-{places.mark}"


def release(log: Log, docker: Docker, tag: str, places: Places) -> None:
    """Hold a base image no longer, and remove it from the engine if no other home holds it.

    Raises:
        CommandError: a container needs it.

    """
    log.run(docker.command("image", "rm", holder(tag, places)))
    tags = read(docker.command("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", tag.partition(":")[0])).split()
    if not any(other.startswith(f"{tag}-") for other in tags):
        log.run(docker.command("image", "rm", tag))


def _ensure(log: Log, places: Places, docker: Docker, image: Image, apt: Callable[[], Apt]) -> bool:
    tarball = image.tarball(places)
    missing = docker.image_id(image.tag) is None
    if missing and tarball.exists():
        log.say(f"loading {image.tag}")
        log.run(docker.command("load", "--input", str(tarball)))
    elif missing:
        log.say(f"building {image.tag} from Debian packages")
        _build(log, docker, image, apt)
    if docker.image_id(holder(image.tag, places)) is None:
        log.run(docker.command("tag", image.tag, holder(image.tag, places)))
    update_record(places, "images", image.tag, docker.host)
    if not tarball.exists():
        place(tarball, partial(_save, log, docker, image.tag))
    return missing


def record(places: Places, tags: Mapping[str, str], packages: Sequence[str]) -> bool:
    """Write images.json, tags by name and the `packages` in the base, if it says something else; say whether it did."""
    facts = {**tags, "packages": list(packages)}
    if facts == _recorded(places):
        return False
    write_atomically(places.image_tags, json.dumps(facts, indent=2, sort_keys=True) + "\n")
    return True


def _recorded(places: Places) -> dict[str, Any]:
    """Return what images.json says; {} if it says nothing that can be read."""
    try:
        facts = json.loads(places.image_tags.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _packages(docker: Docker, image: Image) -> list[str]:
    argv = ["run", "--rm", "--network", "none", image.tag, "python3", "-c", _FACTS]
    version, status = read(docker.command(*argv)).split("\n", 1)
    return package_urls(status, version)


def package_urls(status: str, version: str) -> list[str]:
    """Return a package URL (purl) for each stanza of a dpkg status of Debian `version`, sorted."""
    stanzas = [dict(_FIELD.findall(stanza)) for stanza in status.split("\n\n") if stanza.strip()]
    return sorted(
        f"pkg:deb/debian/{quote(each['Package'])}@{quote(each['Version'], safe=':~')}"
        f"?arch={each['Architecture']}&distro=debian-{version}"
        for each in stanzas
    )


def _save(log: Log, docker: Docker, tag: str, target: Path) -> None:
    log.run(docker.command("save", "--output", str(target), tag))


def _build(log: Log, docker: Docker, image: Image, apt: Callable[[], Apt]) -> None:
    with tempfile.TemporaryDirectory(prefix="workbench-image-") as name:
        context = Path(name)
        if image.name == _SERVICES:
            (context / "packages.txt").write_text("\n".join(image.packages) + "\n", encoding="utf-8")
        else:
            archives = apt().download(log, image.packages, context / "packages", _installed(docker, image.parent))
            if not image.parent:
                write_root(archives, context / "root.tar")
        for path in image.files:
            shutil.copyfile(path, context / path.name)
            (context / path.name).chmod(0o644)  # one of them stays in the image, whatever the person's umask is
        arguments = ["build", "--network", "none", "--tag", image.tag, "--file", str(context / image.files[0].name)]
        if image.parent:
            arguments += ["--build-arg", f"BASE={image.parent.tag}"]
        log.run(docker.command(*arguments, str(context)))
    # What the classic builder leaves of first stages; BuildKit leaves nothing.
    log.run(docker.command("image", "prune", "--force", "--filter", f"label={_LEFTOVER}"))


def _installed(docker: Docker, parent: Image | None) -> str:
    if parent is None:
        return ""
    return read(docker.command("run", "--rm", "--network", "none", parent.tag, "cat", "/var/lib/dpkg/status"))
