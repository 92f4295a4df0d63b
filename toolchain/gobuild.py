"""Building an engine from published Go modules, pinned by the committed go.mod and go.sum.

Owns the flags: the same ones everywhere, since equal flags share Go's build cache, which also keeps the parts of an
interrupted build.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.cache import locked, recipe_key
from toolchain.errors import MissingError
from toolchain.golang import go_architecture
from toolchain.steps import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolchain.places import Places
    from toolchain.process import Log
    from toolchain.versions import Build, Copy, Engine

_FLAGS = ("-trimpath",)
_LINKER = "-s -w"
_GIB = 1 << 30
_ROOMY_CORES, _ROOMY_BYTES = 8, 16 * _GIB


def engine_key(engine: Engine, places: Places) -> str:
    """Return the key of an engine's recipe: its pins, its modules' files, the machine."""
    return recipe_key([repr(engine), go_architecture(), *_FLAGS, _LINKER, *_module_files(engine, places)])


def _module_files(engine: Engine, places: Places) -> Iterator[bytes]:
    for build in engine.builds:
        for path in sorted((places.modules / build.module).glob("*")):
            if path.suffix in {".go", ".mod", ".sum"}:
                yield path.name.encode()
                yield path.read_bytes()


def build_engine(log: Log, go: Path, engine: Engine, places: Places, into: Path) -> None:
    """Build all binaries of an engine into the folder `into` and copy the scripts that stand beside them.

    Raises:
        CommandError: Go could not build it; the log tells why.
        MissingError: a module lacks a file that is to be copied.
    """
    into.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        if (os.cpu_count() or 1) < _ROOMY_CORES or memory_bytes() < _ROOMY_BYTES:
            # One `go build` already uses every core; two of them only share memory, and compile the same twice.
            held.enter_context(locked(places.cache / "go" / ".building", lambda: log.say("waits for another Go build")))
        for build in engine.builds:
            log.say(f"building {build.module} from Go modules")
            _build(log, go, build, engine.version, places, into)
        for copy in engine.copies:
            _copy(go, copy, places, into)


def _build(log: Log, go: Path, build: Build, version: str, places: Places, into: Path) -> None:
    linker = _LINKER
    if build.version_variable:
        linker += f" -X {build.version_variable.format(version=version)}"
    binary = into / Path(build.package if build.package != "." else build.module).name
    with tempfile.TemporaryDirectory(prefix="workbench-build-") as name:
        # A copy, so that embedded files never lie in the tree; -trimpath makes the place of no account.
        folder = Path(name)
        shutil.copytree(places.modules / build.module, folder, dirs_exist_ok=True)
        if build.embeds:
            _copy(go, build.embeds, places, folder)
        command = [go, "build", *_FLAGS, "-ldflags", linker, "-o", binary, build.package]
        log.run(command, cwd=folder, extra=_environment())


def _copy(go: Path, copy: Copy, places: Places, into: Path) -> None:
    """Copy files of a required module; Go checks the module against go.sum when it fetches it."""
    command = [str(go), "mod", "download", "-json", copy.source]
    done = subprocess.run(
        command, cwd=places.modules / copy.module, env={**os.environ, **_environment()}, capture_output=True, text=True,
        check=False,
    )
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if "Dir" not in answer:
        reason = answer.get("Error") or " ".join(done.stderr.split())
        raise MissingError(f"{copy.source} cannot be fetched: {reason}; set GOPROXY to a Go module proxy in reach")
    for file in copy.files:
        source = Path(answer["Dir"], file)
        target = into / source.name
        shutil.copyfile(source, target)
        target.chmod(0o755 if not source.suffix else 0o644)


def _environment() -> dict[str, str]:
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOGC": "400" if memory_bytes() >= 8 * _GIB else "100",
    }
