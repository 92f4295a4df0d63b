"""Programs that only tests need, each built of its Go module once and kept in the cache beside the engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchain.cache import locked, place
from toolchain.engines import cached_folder
from toolchain.gobuild import build_engine
from toolchain.golang import ensure_go
from toolchain.places import Places, find_places
from toolchain.process import Log
from toolchain.versions import Build, Download, Engine, read_versions


@dataclass(frozen=True, kw_only=True)
class _Places(Places):
    """The committed go.mod lies beside the tests: `make up` needs no such program."""

    beside: Path

    @property
    def modules(self) -> Path:
        return self.beside


def ensure_program(name: str, version: str, package: str, modules: Path, logs: Path) -> Path:
    """The program `name`, built unless it is in the cache; `modules` has a folder of that name with its go.mod."""
    engine = Engine(
        name=name,
        version=version,
        below=str(int(version.partition(".")[0]) + 1),
        default=False,
        plugin="",
        answers=(name, "--version"),
        files=(name,),
        vendor=Download("", ""),
        builds=(Build(module=name, package=package),),
        copies=(),
    )
    found = find_places()
    places = _Places(project=found.project, home=found.home, cache=found.cache, beside=modules)
    target = cached_folder(engine, places)
    log = Log(name, logs / f"{name}.log")
    with locked(target.parent / ".lock", lambda: log.say("waits until it is built")):
        if not target.exists():
            go = ensure_go(log, places, read_versions())
            place(target, lambda partial: build_engine(log, go, engine, places, partial))
    return target / name
