from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.errors import VersionsError
from workbench.toolchain.places import PROJECT
from workbench.toolchain.venv import (
    index_settings,
    is_current,
    lock_file,
    pinned,
    pip_settings,
    python_version,
    venv_key,
)

if TYPE_CHECKING:
    from workbench.toolchain.places import Places

_LOCK = """\
uvicorn==0.54.0 \\
    --hash=sha256:aa
    # via -r scoring.in
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r dev.in
"""


@pytest.fixture
def project(places: Places) -> Places:
    lock_file(places).parent.mkdir(parents=True)
    lock_file(places).write_text(_LOCK)
    (places.project / "pyproject.toml").write_text("[project]\n")
    return places


def test_a_pin_is_cut_out_of_the_lock_with_its_hashes() -> None:
    assert pinned("uv", _LOCK) == "uv==0.13.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


def test_a_package_that_is_not_locked_is_told() -> None:
    with pytest.raises(VersionsError, match="does not pin pip; run `make lock`"):
        pinned("pip", _LOCK)


def test_the_committed_lock_pins_uv_with_hashes() -> None:
    lock = (PROJECT / "requirements" / "dev.txt").read_text()
    assert pinned("uv", lock).count("--hash=sha256:") > 1


def test_the_key_follows_the_lock_and_the_projects_metadata(project: Places) -> None:
    keys = {venv_key(project)}
    lock_file(project).write_text(_LOCK + "\n")
    keys.add(venv_key(project))
    (project.project / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    keys.add(venv_key(project))
    assert len(keys) == 3


def test_an_environment_is_current_until_the_lock_changes(project: Places) -> None:
    assert not is_current(project)
    (project.venv / "bin").mkdir(parents=True)
    (project.venv / "bin" / "python").touch()
    (project.venv / ".workbench-lock").write_text(venv_key(project))
    assert is_current(project)
    lock_file(project).write_text("")
    assert not is_current(project)


def test_the_version_is_that_of_the_environments_python(project: Places) -> None:
    assert python_version(project) == ""
    project.venv.mkdir(parents=True, exist_ok=True)
    (project.venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    assert python_version(project) == "3.11.7"


def test_uv_is_told_where_pip_would_ask() -> None:
    pip = {"index-url": "https://index.example/simple", "cert": "/ca.pem", "timeout": "3"}
    assert index_settings(pip, {}) == {"UV_DEFAULT_INDEX": "https://index.example/simple", "SSL_CERT_FILE": "/ca.pem"}


def test_what_the_user_set_for_uv_stays() -> None:
    assert index_settings({"index-url": "https://pip.example"}, {"UV_DEFAULT_INDEX": "https://uv.example"}) == {}


def test_pip_is_asked_for_files_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://file.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://env.example/simple")
    settings = pip_settings(Path(sys.executable))
    assert settings["index-url"] == "https://file.example/simple"
    assert settings["extra-index-url"] == "https://env.example/simple"
