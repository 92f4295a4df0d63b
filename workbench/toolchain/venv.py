"""The project's virtual environment: made once, filled from the hash-pinned lock, again only when the lock changes.

The user's own index settings are honoured: uv reads its own, and what pip is configured with is handed on to uv.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import locked, place, recipe_key
from workbench.toolchain.errors import CommandError, VersionsError
from workbench.toolchain.packages import ensure_packages
from workbench.toolchain.process import Log, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions

_STAMP = ".workbench-lock"
# pip's setting -> uv's variable
_INDEX_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}


def lock_file(places: Places) -> Path:
    return places.project / "requirements" / "dev.txt"


def venv_key(places: Places) -> str:
    """Return a key that changes with the lock, the project's own metadata or Python's minor version."""
    metadata = places.project / "pyproject.toml"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return recipe_key([python, lock_file(places).read_bytes(), metadata.read_bytes()])


def is_current(places: Places) -> bool:
    """Say whether the environment was filled from the lock as it is now."""
    stamp = places.venv / _STAMP
    python = places.venv / "bin" / "python"
    return python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == venv_key(places)


def python_version(places: Places) -> str:
    """Return the version of the environment's Python, which need not be ours; "" where it does not say."""
    settings = places.venv / "pyvenv.cfg"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return told.get("version", told.get("version_info", ""))


def ensure_venv(log: Log, places: Places, versions: Versions) -> bool:
    """Have .venv with exactly the locked packages and the project, editable; return whether it had to be filled."""
    with locked(places.home / ".venv.lock", lambda: log.say("waits for another set-up's .venv")):
        if is_current(places):
            return False
        python = places.venv / "bin" / "python"
        if not python.exists():
            if find_spec("ensurepip") is None:  # Debian keeps it in a package of its own
                ensure_packages(log, versions.debian.venv, "a virtual environment")
            log.say(f"making {places.venv}")
            log.run([sys.executable, "-m", "venv", places.venv])
        if not (places.venv / "bin" / "pip").exists():
            log.run([python, "-m", "ensurepip", "--default-pip"])
        uv = _uv(log, places, python)
        extra = {**index_settings(pip_settings(python), os.environ), "VIRTUAL_ENV": str(places.venv)}
        _sync(log, uv, places, extra)
        project = ["--offline", "--no-deps", "--no-build-isolation", "--editable", str(places.project)]
        log.run([uv, "pip", "install", *project], cwd=places.project, extra=extra)
        (places.venv / _STAMP).write_text(venv_key(places), encoding="utf-8")
        return True


def pinned(package: str, lock: str) -> str:
    """Return the lines of a lock that pin `package`: its version and its hashes.

    Raises:
        VersionsError: the lock does not pin it.

    """
    lines = lock.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(f"{package}=="):
            block = [line]
            while block[-1].endswith("\\"):
                block.append(lines[number + len(block)])
            return "\n".join(block) + "\n"
    raise VersionsError(f"requirements/dev.txt does not pin {package}; run `make lock`")


def pip_settings(python: Path) -> dict[str, str]:
    """Return what pip is configured with, by file or environment, e.g. {"index-url": …}."""
    settings = {}
    for line in read([python, "-m", "pip", "config", "list"]).splitlines():
        key, _, value = line.partition("=")
        settings[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    return settings


def index_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv ask where pip would ask; what the user set for uv stays."""
    return {
        variable: pip[setting]
        for setting, variable in _INDEX_SETTINGS.items()
        if setting in pip and variable not in environment
    }


def _uv(log: Log, places: Places, python: Path) -> Path:
    """Return uv as the lock pins it, installed by pip into the cache."""
    requirement = pinned("uv", lock_file(places).read_text(encoding="utf-8"))
    folder = places.cache / "uv" / recipe_key([requirement])
    with locked(folder.with_name(".lock"), lambda: log.say("waits for another set-up's uv")):
        if not folder.exists():
            place(folder, partial(_install_uv, log, python, requirement))
    return folder / "bin" / "uv"


def _install_uv(log: Log, python: Path, requirement: str, target: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirement)
        file.flush()
        options = ["--require-hashes", "--no-deps", "--target", str(target), "--requirement", file.name]
        log.run([python, "-m", "pip", "install", *options])


def _sync(log: Log, uv: Path, places: Places, extra: Mapping[str, str]) -> None:
    """Fill the environment from uv's cache alone if that suffices, else from the user's index."""
    command: list[str | Path] = [uv, "pip", "sync", "--compile-bytecode", "--require-hashes", lock_file(places)]
    try:
        log.run([*command, "--offline"], cwd=places.project, extra=extra)
    except CommandError:
        log.say(f"fetching what {lock_file(places).relative_to(places.project)} names")
        log.run(command, cwd=places.project, extra=extra)
