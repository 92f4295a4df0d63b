"""Ports of a new project's stacks: four, each once."""

from __future__ import annotations

import socket
from dataclasses import astuple

import pytest

from tests.fixtures import Call
from workbench.core import ports
from workbench.projects.ports import given
from workbench.projects.template import ProjectError


@pytest.mark.parametrize(("gateway", "registry"), [(9000, 9000), (9000, 9001), (9001, 9000)])
def test_a_port_that_two_would_have_is_refused(gateway: int, registry: int) -> None:
    with pytest.raises(ProjectError, match=f"--gateway-port {gateway} and --registry-port {registry}: .* twice"):
        given(gateway, registry)


@pytest.mark.parametrize(
    ("gateway", "registry"), [(None, None), (5000, None), (5001, None), (None, 8080), (None, 8079), (9000, 9002)]
)
def test_no_two_have_the_same_port_whatever_was_chosen(gateway: int | None, registry: int | None) -> None:
    found = astuple(given(gateway, registry))
    assert len(set(found)) == 4
    assert (gateway or found[0], registry or found[2]) == (found[0], found[2])


def test_project_new_with_one_port_twice_writes_nothing_and_says_one_line(
    call: Call, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path_factory.mktemp("place")
    monkeypatch.chdir(place)
    code, out, err = call("project", "new", "iris", "--gateway-port", "9000", "--registry-port", "9001")
    assert (code, out, err.count("\n"), list(place.iterdir())) == (1, "", 1, [])
    assert "9001 would be had twice" in err


def test_a_port_that_this_process_listens_on_is_taken_and_told_with_its_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert [ports.is_free(port, each) for each in ("127.0.0.1", "0.0.0.0")] == [False, False]  # noqa: S104 - tried
        assert "(process " in ports.listener(port)
    assert ports.is_free(port)


def test_an_address_of_another_machine_is_not_said_to_be_taken() -> None:
    assert ports.is_free(9000, "192.0.2.1")
