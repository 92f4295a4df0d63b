"""An engine of a tiny real Go module, brought in every way there is."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.waiting import patience, until
from workbench.toolchain.engines import cached_folder, ensure_engine, find_engine
from workbench.toolchain.errors import CommandError
from workbench.toolchain.gobuild import engine_key
from workbench.toolchain.machine import go_architecture
from workbench.toolchain.versions import Build, Download, Engine

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Versions

_MAIN = """package main

import "fmt"

var version = "0.0.0"

func main() { fmt.Println("v" + version) }
"""
_NOWHERE = Download("file:///nowhere/hello.tar.gz", "file:///nowhere/sums")
_ENGINE = Engine(
    name="hello",
    version="1.2.3",
    below="2",
    default=True,
    plugin="",
    answers=("hello", "version"),
    files=("hello",),
    vendor=_NOWHERE,
    builds=(Build("hello", ".", "main.version={version}"),),
    copies=(),
)


@pytest.fixture(autouse=True)
def module(places: Places) -> Path:
    folder = places.modules / "hello"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module hello\n\ngo 1.26\n")
    (folder / "main.go").write_text(_MAIN)
    return folder


def _script(folder: Path, version: str) -> None:
    folder.mkdir()
    (folder / "hello").write_text(f"#!/bin/sh\necho v{version}\n")
    (folder / "hello").chmod(0o755)


@pytest.mark.usefixtures("go_on_path")
def test_without_a_vendor_it_is_built_and_answers(log: Log, places: Places, versions: Versions) -> None:
    assert ensure_engine(log, _ENGINE, places, versions)
    found = find_engine(_ENGINE, places)
    assert found is not None
    assert (found.version, found.origin) == ("1.2.3", "Go modules")
    assert subprocess.run([found.folder / "hello"], capture_output=True, text=True, check=True).stdout == "v1.2.3\n"
    entry = json.loads(places.record.read_text())["engines"]["hello"]
    assert entry == {"folder": str(found.folder), "from": "Go modules", "plugin": "", "version": "1.2.3"}


@pytest.mark.usefixtures("go_on_path")
@pytest.mark.parametrize(("pin", "origin"), [("right", "download"), ("wrong", "Go modules"), ("none", "Go modules")])
def test_a_vendors_archive_is_used_only_if_its_sha256_is_the_pinned_one(
    pin: str, origin: str, log: Log, places: Places, versions: Versions, tmp_path: Path
) -> None:
    _script(tmp_path / "vendor", "1.2.3")
    archive = tmp_path / "hello.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tmp_path / "vendor" / "hello", "hello")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    pinned = {"right": {go_architecture(): digest}, "wrong": {go_architecture(): "0" * 64}, "none": {}}[pin]
    vendor = Download(f"file://{archive}", "file:///nowhere/sums", pinned)
    engine = dataclasses.replace(_ENGINE, vendor=vendor)

    ensure_engine(log, engine, places, versions)

    found = find_engine(engine, places)
    assert found is not None
    assert found.origin == origin


@pytest.mark.usefixtures("go_on_path")
def test_what_is_cached_is_used_without_go_or_a_network(
    log: Log, places: Places, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_engine(log, _ENGINE, places, versions)
    monkeypatch.setenv("PATH", "")
    assert not ensure_engine(log, _ENGINE, places, versions)


def test_one_on_path_that_fits_is_used_as_it_is(
    log: Log, places: Places, versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path / "old", "1.2.2")
    _script(tmp_path / "next", "2.0.0")
    _script(tmp_path / "fits", "1.9.0")
    folders = [str(tmp_path / name) for name in ("old", "next", "fits")]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, "/usr/bin", "/bin"]))
    assert not ensure_engine(log, _ENGINE, places, versions)
    found = find_engine(_ENGINE, places)
    assert found is not None
    assert (found.folder, found.version, found.origin) == (tmp_path / "fits", "1.9.0", "PATH")


@pytest.mark.usefixtures("go_on_path")
def test_a_build_that_fails_leaves_nothing_and_says_where_to_read(
    log: Log, places: Places, versions: Versions, module: Path
) -> None:
    (module / "main.go").write_text("package main\n\nfunc main() { undefined() }\n")
    with pytest.raises(CommandError, match=r"undefined: undefined.*test\.log"):
        ensure_engine(log, _ENGINE, places, versions)
    folder = cached_folder(_ENGINE, places)
    assert [path.name for path in folder.parent.iterdir()] == [f".{folder.name}.lock"]


_SET_UP = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_engines as tiny
from workbench.toolchain.engines import ensure_engine
from workbench.toolchain.places import Places
from workbench.toolchain.process import Log
from workbench.toolchain.versions import read_versions
project, home, cache = map(Path, sys.argv[2:5])
places = Places(project=project, home=home, cache=cache)
brought = ensure_engine(Log(sys.argv[5], home / sys.argv[5]), tiny._ENGINE, places, read_versions())
print("brought" if brought else "shared")
"""


def _set_up(places: Places, name: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", _SET_UP, str(Path(__file__).parent)]
    argv += [str(places.project), str(places.home), str(places.cache), name]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.usefixtures("go_on_path")
def test_two_set_ups_share_one_build(places: Places) -> None:
    with _set_up(places, "one") as one, _set_up(places, "two") as two:
        answers = [one.communicate(timeout=patience())[0], two.communicate(timeout=patience())[0]]
    assert sorted(answers) == ["brought\n", "shared\n"]


@pytest.mark.usefixtures("go_on_path")
def test_an_interrupted_build_is_taken_up_again(log: Log, places: Places, versions: Versions, tmp_path: Path) -> None:
    folder = cached_folder(_ENGINE, places)
    partial = folder.with_name(f".{folder.name}.partial")
    slow = tmp_path / "slow"
    slow.mkdir()
    # A Go that hangs where a real one works, so that the set-up is killed in the middle of its build.
    script = '#!/bin/sh\ncase "$1" in version) echo go version go1.99 ;; build) exec sleep 60 ;; esac\n'
    (slow / "go").write_text(script)
    (slow / "go").chmod(0o755)
    environment = os.environ["PATH"]
    os.environ["PATH"] = f"{slow}:{environment}"
    try:
        with _set_up(places, "killed") as killed:
            until(lambda: partial.is_dir() and (places.home / "killed").exists())
            os.killpg(killed.pid, signal.SIGKILL)
            killed.communicate()
    finally:
        os.environ["PATH"] = environment
    assert partial.is_dir()
    (partial / "half").touch()
    assert ensure_engine(log, _ENGINE, places, versions)
    assert sorted(path.name for path in folder.iterdir()) == [".origin", "hello"]
    assert not partial.exists()


def test_the_key_follows_pins_and_module_files_only(places: Places, module: Path) -> None:
    key = engine_key(_ENGINE, places)
    (module / "notes.txt").touch()
    assert engine_key(_ENGINE, places) == key
    pinned = dataclasses.replace(_NOWHERE, sha256={go_architecture(): "0" * 64})
    assert engine_key(dataclasses.replace(_ENGINE, vendor=pinned), places) != key
    (module / "go.sum").write_text("a line\n")
    assert engine_key(_ENGINE, places) != key
