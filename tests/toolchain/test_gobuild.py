"""What people read while Go compiles, and what happens meanwhile; `go` is a script that waits for the test."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.waiting import until
from workbench.toolchain import gobuild
from workbench.toolchain.process import Log
from workbench.toolchain.versions import Build, Engine

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.places import Places

# `go list` and `go build` leave a file that tells that they began; a build goes on when the test says so.
_GO = """#!/bin/sh
module=$(sed -n 's/^module //p' go.mod)
touch {folder}/$module.$1
case $1 in
list) printf 'a\\nb\\nc\\n' ;;
build)
  echo 'go: downloading example.org/a v1.0.0'
  echo a
  echo example.org/b/v2
  touch {folder}/$module.half
  while [ ! -e {folder}/go-on ]; do sleep 0.02; done
  echo c
  touch {folder}/$module.compiled
  while [ ! -e {folder}/link ]; do sleep 0.02; done ;;
esac
"""


@pytest.fixture
def go(tmp_path: Path) -> Path:
    script = tmp_path / "go"
    script.write_text(_GO.format(folder=tmp_path))
    script.chmod(0o755)
    return script


def _engine(name: str, places: Places) -> Engine:
    folder = places.modules / name
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text(f"module {name}\n")
    builds = (Build(name, "."),)
    return Engine(name, "1.0.0", "2", True, "", (name,), (name,), None, builds, ())  # noqa: FBT003


def _begin(log: Log, go: Path, engine: Engine, places: Places) -> threading.Thread:
    thread = threading.Thread(target=gobuild.build_engine, args=(log, go, engine, places, places.cache / engine.name))
    thread.start()
    return thread


def test_modules_of_the_next_engine_are_fetched_while_the_first_compiles(
    go: Path, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gobuild, "cores", lambda: 2)
    logs = {name: Log(name, places.logs / name) for name in ("one", "two")}
    first = _begin(logs["one"], go, _engine("one", places), places)
    until((tmp_path / "one.half").exists)
    second = _begin(logs["two"], go, _engine("two", places), places)
    until((tmp_path / "two.list").exists)
    until(lambda: logs["two"].progress == "its modules are here, waits for its turn")
    assert not (tmp_path / "two.build").exists()
    for name in ("go-on", "link"):
        (tmp_path / name).touch()
    first.join()
    second.join()
    assert (tmp_path / "two.build").exists()


def test_a_build_says_how_many_of_its_packages_are_compiled(
    go: Path, places: Places, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = Log("one", places.logs / "one")
    build = _begin(log, go, _engine("one", places), places)
    until(lambda: log.progress == "one: 2 of 3 packages")
    (tmp_path / "go-on").touch()
    until(lambda: log.progress == "links it")
    (tmp_path / "link").touch()
    build.join()
    assert "[one] building one from Go modules: 3 packages to compile\n" in capfd.readouterr().err
    assert "example.org/b/v2\n" in log.path.read_text()
