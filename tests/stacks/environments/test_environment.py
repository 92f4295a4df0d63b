import socket
from pathlib import Path

import pytest

from workbench.core.errors import EnvironmentsError, ParameterError, StackFileError
from workbench.stacks.environments import chosen, environment
from workbench.stacks.services import pulumi_cli, stack_inputs


@pytest.fixture
def staging(project: Path) -> Path:
    path = project / "Pulumi.staging.yaml"
    path.write_text("config:\n  churn:gatewayPort: '8080'\n  churn:registryPort: 5000\n")
    return path


@pytest.mark.parametrize("name", ["", "Stage", "stage-1", "a b", "../up", "x" * 33])
def test_a_name_that_the_lab_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="a-z and 0-9"):
        environment.check_name(name)


def test_what_was_chosen_is_used_where_no_stack_is_named(staging: Path, home: Path) -> None:
    assert staging.is_file()
    assert chosen.read() is None
    with pytest.raises(EnvironmentsError, match="none was chosen by: workbench env set -n NAME; there are staging"):
        chosen.stack(None)
    chosen.write("staging")
    assert (home / "chosen" / "churn").read_text() == "staging\n"
    assert chosen.stack(None) == "staging"
    assert chosen.stack("prod") == "prod"
    chosen.forget("prod")
    assert chosen.read() == "staging"
    chosen.forget("staging")
    assert chosen.read() is None


def test_only_an_environment_that_is_there_can_be_chosen(staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi_cli, "stacks", list)
    with pytest.raises(EnvironmentsError, match="there is no environment 'prod', there are staging"):
        chosen.write("prod")
    chosen.write("staging")
    staging.unlink()
    with pytest.raises(EnvironmentsError, match="there is no environment 'staging'"):
        chosen.stack(None)


def test_an_environment_whose_file_alone_is_missing_is_told_how_to_get_it_back(
    staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging.unlink()
    monkeypatch.setattr(pulumi_cli, "stacks", lambda: ["staging"])
    with pytest.raises(EnvironmentsError, match=r"staging.yaml: is missing, while .* git checkout Pulumi.staging.yaml"):
        environment.file("staging")
    assert environment.file_to_write("staging") == staging


@pytest.mark.parametrize(("key", "value"), [("gatewayPort", "80800"), ("registryPort", "eighty"), ("gatewayPort", 0)])
def test_a_port_that_is_none_is_told_with_its_key(staging: Path, key: str, value: object) -> None:
    staging.write_text(f"config:\n  churn:{key}: {value}\n")
    with pytest.raises(StackFileError, match=rf"staging.yaml: churn:{key} is '?{value}'?; a port is from 1 to 65535"):
        stack_inputs.read_services(staging)


def test_ports_of_other_environments_and_of_listeners_are_not_free(project: Path, staging: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        found = environment._first_free([taken, taken + 1, taken + 2])
        assert found > taken
        staging.write_text(f"config:\n  churn:gatewayPort: {found}\n")
        assert environment.port(staging, environment.GATEWAY_PORT) == found
        assert environment.port(staging, environment.REGISTRY_PORT) == 5000
    assert environment.free_port(environment.REGISTRY_PORT) > 5000, "staging has the first"
    assert project.is_dir()
