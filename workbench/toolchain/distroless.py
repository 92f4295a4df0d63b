"""Takes the base image of services out of a Debian root: the files of a few packages, less what nothing there reads.

Runs as root inside the image that it cuts from, as `python3 distroless.py RECIPE TARGET`, with the standard library
alone. RECIPE holds distroless.toml (what goes, and why) and packages.txt (what stays).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MERGED = re.compile(r"^/(bin|sbin|lib|lib64)/")
_PYTHON = "/usr/bin/python3"
# What a missing library or certificate would break, asked of the new root alone.
_CHECK = """\
import importlib.util, pkgutil, ssl, sys, sysconfig
folder = sysconfig.get_path("platstdlib") + "/lib-dynload"
for module in pkgutil.iter_modules([folder]):
    importlib.import_module(module.name)
sys.exit(not ssl.create_default_context().get_ca_certs() and "no certificate authorities")
"""


@dataclass(frozen=True)
class Cut:
    """Paths that stay behind, and those among them that come along after all; `**` crosses folders, `*` does not."""

    reason: str
    paths: tuple[str, ...]
    spared: tuple[str, ...] = ()

    def takes(self, path: str) -> bool:
        return _fits(path, self.paths) and not _fits(path, self.spared)


@dataclass(frozen=True)
class Recipe:
    """`packages` by name; `also` are paths that no package lists; `accounts` are names in passwd and group."""

    packages: tuple[str, ...]
    also: tuple[str, ...]
    accounts: frozenset[str]
    cuts: tuple[Cut, ...]


def read_recipe(folder: Path) -> Recipe:
    rules = tomllib.loads((folder / "distroless.toml").read_text(encoding="utf-8"))
    return Recipe(
        packages=tuple((folder / "packages.txt").read_text(encoding="utf-8").split()),
        also=tuple(rules["also"]),
        accounts=frozenset(rules["accounts"]),
        cuts=tuple(Cut(cut["reason"], tuple(cut["paths"]), tuple(cut.get("except", ()))) for cut in rules["cut"]),
    )


def staying(listed: Iterable[str], cuts: Iterable[Cut]) -> set[str]:
    """Return the paths that come along, as they lie in a root with a merged /usr."""
    rules = tuple(cuts)
    merged = {_MERGED.sub(r"/usr/\1/", path) for path in listed}
    return {path for path in merged if not any(cut.takes(path) for cut in rules)}


def stanzas(status: str, packages: Iterable[str]) -> dict[str, str]:
    """Return what dpkg's status says of each package, by name. Raises KeyError for one that it does not know."""
    entries = [entry.strip() + "\n" for entry in status.split("\n\n") if entry.strip()]
    by_name = {entry.split("\n", 1)[0].removeprefix("Package: "): entry for entry in entries}
    return {name: by_name[name] for name in packages}


def _fits(path: str, patterns: Iterable[str]) -> bool:
    return any(re.fullmatch(_expression(pattern), path) for pattern in patterns)


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


def _listed(package: str) -> list[str]:
    """Return what a package installed; those of one architecture among several carry its name."""
    info = Path("/var/lib/dpkg/info")
    [file] = [*info.glob(f"{package}.list"), *info.glob(f"{package}:*.list")]
    return file.read_text(encoding="utf-8").split("\n")


def _copy(path: str, root: Path) -> None:
    source, target = Path(path), root / path.lstrip("/")
    for parent in reversed(target.relative_to(root).parents[:-1]):
        folder = root / parent
        if not folder.exists():
            folder.mkdir()
            shutil.copystat(Path("/") / parent, folder)
    if source.is_dir() and not source.is_symlink():
        target.mkdir(exist_ok=True)
        shutil.copystat(source, target)
    elif source.is_symlink() or source.exists():
        shutil.copy2(source, target, follow_symlinks=False)


def _is_folder(path: str) -> bool:
    return Path(path).is_dir() and not Path(path).is_symlink()


def _account(root: Path, names: frozenset[str]) -> None:
    for name in ("etc/passwd", "etc/group"):
        lines = (Path("/") / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (root / name).write_text("".join(line for line in lines if line.split(":")[0] in names), encoding="utf-8")


def _inside(root: Path, *argv: str) -> None:
    subprocess.run([_PYTHON, *argv], check=True, preexec_fn=lambda: os.chroot(root), cwd="/")


def main(recipe_folder: Path, root: Path) -> None:
    recipe = read_recipe(recipe_folder)
    described = stanzas(Path("/var/lib/dpkg/status").read_text(encoding="utf-8"), recipe.packages)
    listed = [path for package in recipe.packages for path in _listed(package) if path and not _is_folder(path)]
    root.mkdir()
    for path in sorted({*recipe.also, *staying(listed, recipe.cuts)}):
        _copy(path, root)
    _account(root, recipe.accounts)
    facts = root / "var/lib/dpkg/status.d"
    facts.mkdir(parents=True)
    for name, stanza in described.items():
        (facts / name).write_text(stanza, encoding="utf-8")
    subprocess.run(["/sbin/ldconfig", "-r", str(root)], check=True)
    shutil.rmtree(root / "var/cache", ignore_errors=True)  # what ldconfig remembers of this machine's files
    library = f"/usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    _inside(root, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", library)
    _inside(root, "-I", "-c", _CHECK)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
