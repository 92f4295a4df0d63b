"""The base images: built once from Debian packages, kept as tarballs in the cache, loaded into an engine.

Owns tags (`workbench-<name>:<recipe>`) and images.json. Does not start engines or containers that serve.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.cache import locked, place, recipe_key, write_atomically
from toolchain.debian import Apt, architecture, private_apt, write_root
from toolchain.process import Log, read
from toolchain.record import update_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolchain.docker import Docker
    from toolchain.places import Places
    from toolchain.versions import Debian, Versions

_RECIPES = Path(__file__).resolve().parent / "images"
_PARENT = "base"
_LEFTOVER = "workbench.stage=unpacked"


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
        if self.parent:
            return (_RECIPES / "packages.Dockerfile",)
        return (_RECIPES / "base.Dockerfile", _RECIPES / "slim.cfg")

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
    """Return the images by name, the base first."""
    base = Image(_PARENT, versions.images[_PARENT], versions.debian, arch)
    rest = {name: packages for name, packages in versions.images.items() if name != _PARENT}
    return {
        _PARENT: base,
        **{name: Image(name, packages, versions.debian, arch, base) for name, packages in rest.items()},
    }


def ensure_images(log: Log, places: Places, docker: Docker, versions: Versions) -> bool:
    """Have every base image in the engine and in images.json; return whether anything had to be done."""
    images = plan(versions, architecture())
    with (
        locked(places.cache / "images" / ".lock", lambda: log.say("waits for another set-up's images")),
        ExitStack() as opened,
    ):
        # Debian's lists are fetched only if an image must be built, and then once for all of them.
        apt = cache(lambda: opened.enter_context(private_apt(log, versions.debian.suite)))
        changed = [_ensure(log, places, docker, image, apt) for image in images.values()]
    return record(places, {name: image.tag for name, image in images.items()}) or any(changed)


def _ensure(log: Log, places: Places, docker: Docker, image: Image, apt: Callable[[], Apt]) -> bool:
    tarball = image.tarball(places)
    missing = docker.image_id(image.tag) is None
    if missing and tarball.exists():
        log.say(f"loading {image.tag}")
        log.run(docker.command("load", "--input", str(tarball)))
    elif missing:
        log.say(f"building {image.tag} from Debian packages")
        _build(log, docker, image, apt())
    if missing:
        update_record(places, "images", image.tag, docker.host)
    if not tarball.exists():
        place(tarball, partial(_save, log, docker, image.tag))
    return missing


def record(places: Places, tags: Mapping[str, str]) -> bool:
    """Write images.json if it says something else; return whether it did."""
    text = json.dumps(tags, indent=2, sort_keys=True) + "\n"
    if places.image_tags.exists() and places.image_tags.read_text(encoding="utf-8") == text:
        return False
    write_atomically(places.image_tags, text)
    return True


def _save(log: Log, docker: Docker, tag: str, target: Path) -> None:
    log.run(docker.command("save", "--output", str(target), tag))


def _build(log: Log, docker: Docker, image: Image, apt: Apt) -> None:
    installed = ""
    if image.parent:
        argv = ["run", "--rm", "--network", "none", image.parent.tag, "cat", "/var/lib/dpkg/status"]
        installed = read(docker.command(*argv))
    with tempfile.TemporaryDirectory(prefix="workbench-image-") as name:
        context = Path(name)
        archives = apt.download(log, image.packages, context / "packages", installed)
        if not image.parent:
            write_root(archives, context / "root.tar")
        for path in image.files:
            shutil.copy(path, context / path.name)
        arguments = ["build", "--network", "none", "--tag", image.tag, "--file", str(context / image.files[0].name)]
        if image.parent:
            arguments += ["--build-arg", f"BASE={image.parent.tag}"]
        log.run(docker.command(*arguments, str(context)))
    # What the classic builder leaves of the base's first stage; BuildKit leaves nothing.
    log.run(docker.command("image", "prune", "--force", "--filter", f"label={_LEFTOVER}"))
