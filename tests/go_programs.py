"""Programs that only tests need, each built from its Go module once and kept in the cache beside the engines.

`python -m tests.go_programs GROUP` builds those of a group, so that nothing is compiled while tests run;
`python -m tests.go_programs GROUP --is-built` only says by its exit code whether they are.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workbench.toolchain.cache import locked, place
from workbench.toolchain.engines import cached_folder
from workbench.toolchain.errors import ToolchainError
from workbench.toolchain.gobuild import build_engine
from workbench.toolchain.golang import ensure_go
from workbench.toolchain.places import PROJECT, Places, find_places
from workbench.toolchain.process import Log, say
from workbench.toolchain.versions import Build, Download, Engine, read_versions


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is built, and the folder that holds a folder of its name with its go.mod and go.sum."""

    version: str
    package: str
    modules: str
    group: str


PROGRAMS = {
    "actionlint": Program(
        version="1.7.7",
        package="github.com/rhysd/actionlint/cmd/actionlint",
        modules="tests/workflows/modules",
        group="long",
    ),
    "versitygw": Program(
        version="1.8.0",
        package="github.com/versity/versitygw/cmd/versitygw",
        modules="tests/integration/s3/modules",
        group="long",
    ),
    "kube-router": Program(
        version="2.1.0",
        package="github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",
        modules="tests/cluster/modules",
        group="cluster",
    ),
    "metrics-server": Program(
        version="0.8.0",
        package="sigs.k8s.io/metrics-server/cmd/metrics-server",
        modules="tests/cluster/modules",
        group="cluster",
    ),
    "traefik": Program(
        version="3.6.12",
        package="github.com/traefik/traefik/v3/cmd/traefik",
        modules="tests/cluster/modules",
        group="cluster",
    ),
    "kwok": Program(version="0.7.0", package="sigs.k8s.io/kwok/cmd/kwok", modules="bench/modules", group="bench"),
}


@dataclass(frozen=True, kw_only=True)
class _Places(Places):
    """The committed go.mod lies beside the tests: `make up` needs no such program."""

    beside: Path

    @property
    def modules(self) -> Path:
        return self.beside


def ensure_program(name: str, logs: Path) -> Path:
    """Return the program of that name, built unless it is in the cache; `logs` takes what the compiler prints."""
    engine, places = _engine(name, PROGRAMS[name]), _places(PROGRAMS[name])
    target = cached_folder(engine, places)
    log = Log(name, logs / f"{name}.log")
    with locked(target.parent / ".lock", lambda: log.say("waits until it is built")):
        if not target.exists():
            go = ensure_go(log, places, read_versions())
            place(target, lambda partial: build_engine(log, go, engine, places, partial))
    return target / name


def is_built(name: str) -> bool:
    """Whether a program is in the cache."""
    return cached_folder(_engine(name, PROGRAMS[name]), _places(PROGRAMS[name])).exists()


def _places(program: Program) -> _Places:
    found = find_places()
    return _Places(project=found.project, home=found.home, cache=found.cache, beside=PROJECT / program.modules)


def _engine(name: str, program: Program) -> Engine:
    return Engine(
        name=name,
        version=program.version,
        below=str(int(program.version.partition(".")[0]) + 1),
        default=False,
        plugin="",
        answers=(name, "--version"),
        files=(name,),
        vendor=Download("", ""),
        builds=(Build(module=name, package=program.package),),
        copies=(),
    )


def main(group: str, *options: str) -> int:
    """Build the programs of a group, or say whether they are built; return the exit code."""
    names = [name for name, program in PROGRAMS.items() if program.group == group]
    if "--is-built" in options:
        return 0 if all(map(is_built, names)) else 1
    with tempfile.TemporaryDirectory() as logs:
        for number, name in enumerate(names, 1):
            say(f"[{name}] program {number} of {len(names)} that only tests need")
            try:
                ensure_program(name, Path(logs))
            except ToolchainError as error:
                say(f"error: {error}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
