import stat
from pathlib import Path

import pytest

from workbench.core import home as places
from workbench.core.errors import ParameterError


def test_the_home_follows_its_variable_then_xdg_then_the_users_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", "/a")
    assert places.home() == Path("/a")
    monkeypatch.delenv("WORKBENCH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/b")
    assert places.home() == Path("/b/workbench")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places.home() == tmp_path / ".local/share/workbench"


def test_a_new_home_is_its_owners_alone(home: Path) -> None:
    assert stat.S_IMODE(places.create().stat().st_mode) == 0o700
    assert places.create() == home


def test_the_project_is_found_from_a_folder_inside_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "scoring")
    assert places.project() == project
    assert places.project_name() == "churn"
    assert places.stack_file("staging") == project / "Pulumi.staging.yaml"


def test_outside_a_project_the_packages_own_tree_is_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (places.project() / "workbench" / "core" / "home.py").is_file()


@pytest.mark.parametrize("stack", ["", "../prod", "a b", "a\n"])
def test_a_stack_that_cannot_be_a_file_name_is_refused(stack: str) -> None:
    with pytest.raises(ParameterError, match="stack"):
        places.stack_file(stack)
