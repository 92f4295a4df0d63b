"""Debian packages without root: download and unpack them by the host's own apt configuration.

Owns the private apt state (own lists, own cache, own idea of what is installed), so that mirrors, proxies, keys and
credentials are the host's while nothing of the host is changed. Does not install anything on the host (packages.py).
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.errors import CommandError, MissingError
from workbench.toolchain.process import Log, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Debian's own packages of one suite and nothing from other sources a host may have configured.
_PREFERENCES = """\
Package: *
Pin: release o=Debian,n={suite}*
Pin-Priority: 500

Package: *
Pin: release *
Pin-Priority: -1
"""

_CONFIGURATION = """\
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::Preferences "{folder}/preferences";
Dir::Etc::PreferencesParts "/dev/null";
APT::Install-Recommends "false";
DPkg::Lock::Timeout "60";
"""

# Merged /usr: these are symbolic links in the root, and no package ships them.
_MERGED = ("bin", "sbin", "lib", "lib64")
_LEFT_OUT = ("usr/share/doc/", "usr/share/info/", "usr/share/lintian/", "usr/share/locale/", "usr/share/man/")


class Apt:
    """A private apt of one suite; made by `private_apt`."""

    def __init__(self, folder: Path, suite: str) -> None:
        """Take a folder that `private_apt` has prepared."""
        self._folder = folder
        self._suite = suite
        self._environment = {"APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C"}

    def update(self, log: Log) -> None:
        """Fetch the lists; a foreign source that fails is no failure, a missing package is one later."""
        log.run(["apt-get", "update"], extra=self._environment)

    def download(self, log: Log, packages: Sequence[str], into: Path, installed: str = "") -> list[Path]:
        """Download `packages` and what they depend on, bar what the dpkg status text `installed` holds.

        Raises:
            MissingError: the host's sources lack a package of the suite.

        """
        (self._folder / "status").write_text(installed, encoding="utf-8")
        try:
            log.run(["apt-get", "install", "--yes", "--download-only", *packages], extra=self._environment)
        except CommandError as error:
            raise MissingError(
                f"apt cannot fetch {' '.join(packages)} of Debian {self._suite}: {error}; "
                f"check that /etc/apt lists Debian {self._suite} and that its mirror answers"
            ) from error
        into.mkdir(parents=True, exist_ok=True)
        archives = sorted((self._folder / "cache" / "archives").glob("*.deb"))
        return [archive.rename(into / archive.name) for archive in archives]


@contextmanager
def private_apt(log: Log, suite: str) -> Iterator[Apt]:
    """Yield an apt with fresh lists; its folder is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="workbench-apt-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # apt's own download user must reach it
        for part in ("state/lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        (folder / "status").touch()
        (folder / "preferences").write_text(_PREFERENCES.format(suite=suite), encoding="utf-8")
        configuration = folder / "apt.conf"
        configuration.touch(mode=0o600)  # a proxy's address may hold a password
        configuration.write_text(_without_hooks(read(["apt-config", "dump"])) + _CONFIGURATION.format(folder=folder))
        apt = Apt(folder, suite)
        apt.update(log)
        yield apt


def _without_hooks(dump: str) -> str:
    """Return apt's settings without the commands a host runs around them.

    Debian's container images empty the host's package cache after every update: the cache of an installation that may
    be under way beside us.
    """
    return "".join(line for line in dump.splitlines(keepends=True) if "-Invoke" not in line.split(" ", 1)[0])


def architecture() -> str:
    """Return Debian's word for this machine, e.g. amd64."""
    return read(["dpkg", "--print-architecture"]).strip()


def write_root(archives: Iterable[Path], target: Path) -> None:
    """Write the files of packages as one tar of a root folder, owned as in the packages, with an empty dpkg status.

    Working on tar streams keeps owners and modes without being root.
    """
    with tarfile.open(target, "w") as root:
        for name in _MERGED:
            root.addfile(_entry(f"usr/{name}", tarfile.DIRTYPE))
            root.addfile(_entry(name, tarfile.SYMTYPE, link=f"usr/{name}"))
        for archive in archives:
            _copy(archive, root)
        for name in ("var/lib/dpkg/status", "var/lib/dpkg/available"):
            root.addfile(_entry(name, tarfile.REGTYPE))


def _copy(archive: Path, root: tarfile.TarFile) -> None:
    argv = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    with (
        subprocess.Popen(argv, stdout=subprocess.PIPE) as source,
        tarfile.open(fileobj=source.stdout, mode="r|") as members,
    ):
        for member in members:
            data = members.extractfile(member) if member.isreg() else None
            member.name = merged(member.name)
            if member.islnk():
                member.linkname = merged(member.linkname)
            if member.name and member.name not in _MERGED and not member.name.startswith(_LEFT_OUT):
                root.addfile(member, data)
    if source.returncode != 0:
        raise CommandError(argv, source.returncode, "the package cannot be read", None)


def merged(name: str) -> str:
    """Map a package's path to a merged /usr: ./bin/sh is usr/bin/sh; the root itself is ""."""
    plain = name.removeprefix(".").lstrip("/").rstrip("/")
    return f"usr/{plain}" if plain.split("/", 1)[0] in _MERGED and "/" in plain else plain


def _entry(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return entry
