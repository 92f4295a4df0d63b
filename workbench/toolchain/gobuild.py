"""Building an engine from published Go modules, pinned by the committed go.mod and go.sum.

Owns the flags: the same ones everywhere, since equal flags share Go's build cache, which also keeps the parts of an
interrupted build.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import locked, recipe_key
from workbench.toolchain.gomodule import download_module
from workbench.toolchain.machine import GIB, cores, go_architecture, memory_bytes
from workbench.toolchain.process import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Build, Copy, Engine

# No debugger reads these programs: without DWARF compilers need an eighth less CPU.
_FLAGS = ("-trimpath", "-gcflags=all=-dwarf=false")
_LINKER = "-s -w"
# Go prints the import path of each package that it compiles, and lines of other kinds.
_PACKAGE = re.compile(r"[^\s:#]+")
_STALE = "{{if .Stale}}{{.ImportPath}}{{end}}"
_ROOMY_CORES, _ROOMY_BYTES = 8, 16 * GIB


def engine_key(engine: Engine, places: Places) -> str:
    """Return the key of an engine's recipe: its pins, its modules' files, the machine."""
    machine = go_architecture()
    pinned = [digest for kind, digest in (engine.vendor.sha256.items() if engine.vendor else ()) if kind == machine]
    return recipe_key([repr(engine), machine, *_FLAGS, _LINKER, *pinned, *_module_files(engine, places)])


def _module_files(engine: Engine, places: Places) -> Iterator[bytes]:
    for build in engine.builds:
        for path in sorted((places.modules / build.module).glob("*")):
            if path.suffix in {".go", ".mod", ".sum"}:
                yield path.name.encode()
                yield path.read_bytes()


@dataclass(frozen=True)
class _Prepared:
    """A build whose modules are all here: its folder, and how many packages Go has to compile for it."""

    build: Build
    folder: Path
    stale: int


def build_engine(log: Log, go: Path, engine: Engine, places: Places, into: Path) -> None:
    """Build all binaries of an engine into the folder `into` and copy the scripts that stand beside them.

    Raises:
        CommandError: Go could not build it; the log tells why.
        MissingError: a module lacks a file that is to be copied.

    """
    into.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        # Modules of all engines are fetched at once, while the first of them compiles.
        prepared = [_prepare(log, go, build, engine, places, held) for build in engine.builds]
        if cores() < _ROOMY_CORES or memory_bytes() < _ROOMY_BYTES:
            # One `go build` already uses every core; two of them only share memory, and compile the same twice.
            log.note_progress("its modules are here, waits for its turn")
            held.enter_context(locked(places.cache / "go" / ".building", lambda: log.say("waits for another Go build")))
        for each in prepared:
            _build(log, go, each, _arguments(each.build, engine.version, into))
        for copy in engine.copies:
            _copy(go, copy, places, into)


def _prepare(log: Log, go: Path, build: Build, engine: Engine, places: Places, held: ExitStack) -> _Prepared:
    """Fetch the modules of a build into Go's own cache, and ask how much there is to compile."""
    log.note_progress(f"fetches the modules of {build.module}")
    # A copy, so that embedded files never lie in the tree; -trimpath makes the place of no account.
    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="workbench-build-")))
    shutil.copytree(places.modules / build.module, folder, dirs_exist_ok=True)
    if build.embeds:
        _copy(go, build.embeds, places, folder)
    flags = _flags(build, engine.version)
    listed = read([go, "list", "-deps", "-f", _STALE, *flags, build.package], cwd=folder, extra=_environment())
    return _Prepared(build, folder, len(listed.split()))


def _build(log: Log, go: Path, prepared: _Prepared, arguments: list[str]) -> None:
    module, count = prepared.build.module, prepared.stale
    log.say(f"building {module} from Go modules: {count} packages to compile" if count > 1 else f"linking {module}")
    compiled = 0

    def hear(line: str) -> None:
        nonlocal compiled
        compiled += _PACKAGE.fullmatch(line) is not None
        log.note_progress(f"{module}: {min(compiled, count)} of {count} packages" if compiled < count else "links it")

    log.run([go, "build", "-v", *arguments], cwd=prepared.folder, extra=_environment(), heard=hear)


def _flags(build: Build, version: str) -> list[str]:
    linker = _LINKER
    if build.version_variable:
        linker += f" -X {build.version_variable.format(version=version)}"
    return [*_FLAGS, "-ldflags", linker]


def _arguments(build: Build, version: str, into: Path) -> list[str]:
    binary = into / Path(build.module if build.package == "." else build.package).name
    return [*_flags(build, version), "-o", str(binary), build.package]


def _copy(go: Path, copy: Copy, places: Places, into: Path) -> None:
    module = download_module(go, copy.source, places.modules / copy.module, _environment())
    for file in copy.files:
        source = module.folder / file
        target = into / source.name
        shutil.copyfile(source, target)
        target.chmod(0o644 if source.suffix else 0o755)


def _environment() -> dict[str, str]:
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOGC": "400" if memory_bytes() >= 8 * GIB else "100",
    }
