"""Keys that nobody reads stop a `pulumi up` and a preview by hand, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from workbench.components import known_keys, settings
from workbench.components.errors import InfraError
from workbench.components.served import Served
from workbench.core import service_settings, stack_keys

PORTS = {"churn:gatewayPort": "8080", "churn:registryPort": "5000"}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the stack `staging`; the program's folder is below the project's, as Pulumi runs it."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: churn\nruntime: python\nmain: infra\nconfig:\n  rows: {type: integer}\n"
    )
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    return tmp_path / "Pulumi.staging.yaml"


@pytest.fixture(autouse=True)
def nothing_set() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def load(**config: str) -> settings.Settings:
    """Read the settings of the stack `staging` as a program does, with these keys."""
    pulumi.runtime.settings.configure(pulumi.runtime.settings.Settings(project="churn", stack="staging"))
    pulumi.runtime.set_all_config(PORTS | {key.replace("__", ":"): value for key, value in config.items()})
    return settings.load()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("churn__servces", "churn:servces is not known; did you mean 'churn:services'?"),
        ("churn__SERVICES", "did you mean 'churn:services'?"),
        ("chrun__services", "chrun:services is not known, this project is 'churn'; did you mean 'churn:services'?"),
        ("churn__colour", "churn:colour is not known; a key of your own program is declared"),
    ],
)
@pytest.mark.usefixtures("stack")
def test_a_key_that_nobody_reads_stops_the_program_in_one_line(key: str, says: str) -> None:
    with pytest.raises(InfraError) as refused:
        load(**{key: "{}"})
    assert str(refused.value).startswith("Pulumi.staging.yaml: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("stack")
def test_a_key_that_the_projects_file_declares_is_the_programs_own() -> None:
    assert load(churn__rows="5", docker__host="unix:///x").services == ()


def test_a_mistyped_section_of_the_stacks_file_stops_the_program(stack: Path) -> None:
    stack.write_text("confg:\n  churn:services: {}\n")
    with pytest.raises(InfraError, match=r"Pulumi.staging.yaml: 'confg' is not known; did you mean 'config'\?"):
        load()


@pytest.mark.usefixtures("stack")
def test_every_key_that_the_program_reads_is_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    plain = pulumi.Config._get

    def noted(self: pulumi.Config, key: str, *more: Any) -> Any:
        read.add(key)
        return plain(self, key, *more)

    monkeypatch.setattr(pulumi.Config, "_get", noted)
    load()
    assert read == set(stack_keys.STACK)
    assert set(service_settings.KEYS) == set(stack_keys.SERVICE)


def test_all_services_end_only_where_the_file_says_so() -> None:
    serving = Served({"churnpred": "sha256:1", "other": "sha256:2"})
    pulumi.runtime.set_all_config(PORTS)
    with pytest.raises(InfraError, match="is missing, but this stack serves churnpred, other; bring it back, or"):
        known_keys.check_kept("churn", "staging", serving)
    known_keys.check_kept("churn", "staging", Served({}))
    pulumi.runtime.set_all_config({**PORTS, "churn:services": "{}"})
    known_keys.check_kept("churn", "staging", serving)
