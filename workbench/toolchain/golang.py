"""The Go toolchain: one on PATH that is new enough, else the pinned one from the user's own module proxy.

An older Go, whichever is there or Debian's, fetches the pinned one as a module and checks its digest; thereby the proxy
is the user's or Go's default, and no root is needed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import discard, locked, place
from workbench.toolchain.debian import private_apt
from workbench.toolchain.errors import ChecksumError, CommandError, MissingError
from workbench.toolchain.gomodule import download_module
from workbench.toolchain.machine import go_architecture
from workbench.toolchain.process import Log, read
from workbench.toolchain.search import fits, on_path, version_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions


def go_version(go: Path) -> str | None:
    """Return e.g. 1.26.8, or None if it does not answer."""
    try:
        return version_in(read([go, "version"], extra={"GOTOOLCHAIN": "local"}))
    except (CommandError, MissingError):
        return None


def find_go(places: Places, versions: Versions) -> Path | None:
    """Return a Go that fits: the first on PATH, else the one fetched earlier."""
    fetched = _fetched(places, versions) / "bin" / "go"
    for go in [*on_path("go"), fetched]:
        if fits(go_version(go), versions.go.minimum):
            return go
    return None


def ensure_go(log: Log, places: Places, versions: Versions) -> Path:
    """Return a Go that fits, fetching the pinned one if there is none.

    Raises:
        ChecksumError: what the module proxy served is not what is pinned.
        MissingError: it cannot be fetched.

    """
    with locked(places.cache / "go" / ".lock", lambda: log.say("waits until Go is fetched")):
        found = find_go(places, versions)
        if found:
            return found
        log.say(f"fetching Go {versions.go.version} from the module proxy")
        target = _fetched(places, versions)
        place(target, lambda partial: _fetch(log, versions, partial))
        return target / "bin" / "go"


def _fetched(places: Places, versions: Versions) -> Path:
    return places.cache / "go" / f"{versions.go.version}-{go_architecture()}"


def _fetch(log: Log, versions: Versions, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="workbench-go-") as name:
        folder = Path(name)
        older = next(on_path("go"), None) or _debian_go(log, versions, folder / "debian")
        module = f"golang.org/toolchain@v0.0.1-go{versions.go.version}.linux-{go_architecture()}"
        # The digest is pinned here, so the checksum database need not be reachable.
        settings = {
            "GOMODCACHE": str(folder / "modules"),
            "GOFLAGS": "-modcacherw",
            "GONOSUMDB": "golang.org/toolchain",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        # In a folder outside any module, so that no go.mod has a say.
        fetched = download_module(older, module, folder, settings)
        pinned = versions.go.sums[go_architecture()]
        if fetched.digest != pinned:
            raise ChecksumError(f"{module} has digest {fetched.digest}, pinned is {pinned}; do not trust this proxy")
        source = fetched.folder
        for program in _programs(source):
            program.chmod(0o755)  # module archives carry no modes
        log.run(["cp", "-a", "--reflink=auto", source, target])
        discard(folder / "modules")


def _programs(root: Path) -> Iterator[Path]:
    yield from (root / "bin").iterdir()
    yield from (path for path in (root / "pkg" / "tool").rglob("*") if path.is_file())


def _debian_go(log: Log, versions: Versions, folder: Path) -> Path:
    log.say("no Go here at all; unpacking Debian's to fetch it")
    with private_apt(log, versions.debian.suite) as apt:
        installed = Path("/var/lib/dpkg/status").read_text(encoding="utf-8")
        for archive in apt.download(log, versions.debian.go, folder / "packages", installed):
            log.run(["dpkg-deb", "--extract", archive, folder])
    return next(folder.glob("usr/lib/go-*/bin/go"))
