"""Locks: what uv is asked, and which of its answers are kept."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.errors import WheelsError
from workbench.registry.manifests import requirement_lines, requirements

MakeWheel = Callable[..., Path]
ZEROS = "0" * 64


@pytest.fixture
def wheel(tmp_path: Path, make_wheel: MakeWheel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only wheel of the only index."""
    made = make_wheel("tiny")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_FIND_LINKS", str(made.parent))
    return made


def _lock(root: Path, text: str, server: Path | None = None) -> str:
    lines = [requirement_lines.parse(text)]
    source = root / "conda_dependencies.yml"
    return requirements.lock(lines, source, server, "3.11", lambda _line: None, root).read_text()


def test_a_hash_that_somebody_gives_is_the_only_one_in_the_lock(root: Path, wheel: Path) -> None:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    text = _lock(root, f"tiny==1.0 --hash=sha256:{digest} --hash=sha256:{ZEROS}")
    assert text.split() == ["tiny==1.0", "\\", f"--hash=sha256:{digest}"]


@pytest.mark.usefixtures("wheel")
def test_a_hash_that_no_file_has_is_refused_also_where_a_lock_without_it_is_there(root: Path) -> None:
    _lock(root, "tiny==1.0")
    with pytest.raises(WheelsError, match=r"conda_dependencies.yml: tiny==1.0: no file on the index has a hash"):
        _lock(root, f"tiny==1.0 --hash=sha256:{ZEROS}")


@pytest.mark.usefixtures("wheel")
def test_settings_and_interpreters_that_lie_in_a_project_are_not_asked(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (project / "uv.toml").write_text('[pip]\nprerelease = "no such word"\n')
    ran = tmp_path / "ran"
    interpreter = project / ".venv" / "bin" / "python"
    interpreter.write_text(f"#!/bin/sh\ntouch {ran}\n")
    interpreter.chmod(0o755)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(project)
    assert "tiny==1.0" in _lock(root, "tiny")
    assert not ran.exists()
