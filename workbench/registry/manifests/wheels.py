"""The wheels of a runtime: fetched once by pip, kept by the digest of their requirements, unpacked the same each time.

Imported by `pulumi preview`, so the standard library alone. Resolves no versions: requirements.txt is a lock.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench.core import atomic_files, confined, home
from workbench.core.canonical import sha256_file
from workbench.core.counting import counted
from workbench.core.errors import WheelsError

REQUIREMENTS = "requirements.txt"
# The C library of a base image is newer than 2.28 in every Debian since 2021.
_NEWEST_GLIBC, _OLDEST_GLIBC = 28, 5
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*$")
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_SPREAD = ("purelib", "platlib")
_SKIPPED = ("scripts", "headers", "data")


def fetch(requirements: Path, python: str, say: Callable[[str], None], root: Path | None = None) -> Path:
    """The folder of all wheels that `requirements` (hash-pinned) names, fetched by pip if it is not there yet.

    `python` is the runtime's version as "3.11". Raises WheelsError when a wheel does not exist or has another hash.
    """
    folder = (root or home.registry()) / "wheels"
    target = folder / sha256_file(requirements)
    if atomic_files.touch(target):  # whoever asks is about to use them
        return target
    count = len(_pins(requirements))
    say(f"fetching {counted(count, 'wheel')} for Python {python}")
    with atomic_files.sibling_folder(folder) as fresh:
        shutil.copyfile(requirements, fresh / REQUIREMENTS)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation", "cp"]
        command += ["--python-version", python, *_platforms(), "--dest", str(fresh), "-r", str(requirements)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or done.stderr.splitlines()
            reason = lines[-1].removeprefix("ERROR:").strip() if lines else f"pip ended with {done.returncode}"
            raise WheelsError(
                f"{requirements}: the wheels cannot be fetched ({reason}); run the command again when mended"
            )
        checked(fresh)
        atomic_files.claim(fresh, target)
    say(f"the registry has {counted(count, 'wheel')} more")
    return target


@dataclass(frozen=True)
class Wheel:
    """A wheel as an inventory names it: normal name, version as in the file's name, sha256 as 64 hex digits."""

    name: str
    version: str
    sha256: str
    path: Path


def checked(folder: Path) -> list[Wheel]:
    """The wheels in `folder`, sorted. Raises WheelsError unless each requirement has one wheel with a listed hash."""
    if not (folder / REQUIREMENTS).is_file():
        raise WheelsError(f"{folder}: holds no {REQUIREMENTS}; remove the folder and fetch again")
    pins = _pins(folder / REQUIREMENTS)
    wheels = []
    for path in sorted(folder.glob("*.whl")):
        distribution, version, *_ = path.name.split("-")
        wheel = Wheel(normal(distribution), version, sha256_file(path), path)
        if wheel.name not in pins:
            raise WheelsError(
                f"{path}: {REQUIREMENTS} does not name it, or names it once; remove {folder} and fetch again"
            )
        if wheel.sha256 not in pins.pop(wheel.name):
            raise WheelsError(f"{path}: its sha256 is none of those in {REQUIREMENTS}; remove {folder} and fetch again")
        wheels.append(wheel)
    if pins:
        raise WheelsError(f"{folder}: the wheel of {min(pins)} is missing; remove the folder and fetch again")
    return wheels


def unpack(folder: Path, target: Path) -> None:
    """Write what the wheels in `folder` install into `target` (a new or empty folder), as site-packages.

    The same wheels give the same names, bytes and modes. Entry points are not made. Raises WheelsError for a wheel
    whose sha256 is not in the folder's requirements.txt, that leaves `target`, or that overwrites another's file.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise WheelsError(f"{target}: is not empty; wheels are unpacked into an empty folder")
    for wheel in (each.path for each in checked(folder)):
        with zipfile.ZipFile(wheel) as archive:
            for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
                if not entry.is_dir() and (path := _installed_path(entry.filename, wheel)):
                    _write(archive, entry, target / path, wheel)


def normal(name: str) -> str:
    """The one spelling of a distribution's name: `Typing_Extensions` is `typing-extensions`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed_path(name: str, wheel: Path) -> PurePosixPath | None:
    """Where a file of a wheel goes below site-packages; None for what a server in an image has no use for."""
    try:
        parts = confined.check(name)
    except confined.ConfinedError as error:
        raise WheelsError(f"{wheel}: holds {error}") from error
    if not parts[0].endswith(".data"):
        return PurePosixPath(name)
    scheme, rest = parts[1] if len(parts) > 1 else "", parts[2:]
    if scheme in _SPREAD and rest:
        return PurePosixPath(*rest)
    if scheme in _SKIPPED:
        return None
    raise WheelsError(f"{wheel}: holds {name!r}, a place that wheels do not have")


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, wheel: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(entry) as source, path.open("xb") as file:
            shutil.copyfileobj(source, file)
    except FileExistsError as error:
        raise WheelsError(f"{wheel}: holds {entry.filename!r}, which another wheel wrote already") from error
    path.chmod(0o755 if entry.external_attr >> 16 & 0o111 else 0o644)
    os.utime(path, (0, 0))


def _pins(requirements: Path) -> dict[str, set[str]]:
    """The allowed sha256 digests of each requirement, by normal name. Raises WheelsError for a line that is no pin."""
    text = re.sub(r"\s*\\\n\s*", " ", requirements.read_text(encoding="utf-8"))
    pins: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _REQUIREMENT.match(line)
        if not found:
            raise WheelsError(
                f"{requirements}: {line[:60]!r} is not name==version with --hash=sha256:…; lock it with hashes"
            )
        pins[normal(found.group(1))] = set(_HASH.findall(found.group(3)))
    return pins


def _platforms() -> list[str]:
    machine = platform.machine()
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)]
    tags += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    return [argument for tag in tags for argument in ("--platform", tag)]
