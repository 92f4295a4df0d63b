"""Places of one test, a log, and a real Go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.golang import ensure_go
from workbench.toolchain.places import Places, find_places
from workbench.toolchain.process import Log
from workbench.toolchain.versions import Versions, read_versions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(project=tmp_path / "project", home=tmp_path / "home", cache=tmp_path / "cache")


@pytest.fixture
def log(places: Places) -> Log:
    return Log("test", places.logs / "test.log")


@pytest.fixture(scope="session")
def versions() -> Versions:
    return read_versions()


@pytest.fixture
def go_on_path(versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = ensure_go(Log("go", tmp_path / "go.log"), find_places(), versions)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
