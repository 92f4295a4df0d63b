from __future__ import annotations

import dataclasses
import subprocess
from typing import TYPE_CHECKING

import pytest

from workbench.core import loopback
from workbench.toolchain.record import update_record
from workbench.toolchain.shell import export_lines, first_on_path, variables

if TYPE_CHECKING:
    from workbench.toolchain.places import Places


def _evaluated(shell: str, lines: str, name: str) -> str:
    script = f'{lines}printf %s "${name}"'
    return subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_real_shells_get_every_value_as_it_is(shell: str, places: Places) -> None:
    awkward = dataclasses.replace(places, home=places.home / 'it\'s "a" $HOME')
    settings = variables(awkward, {"PATH": "/usr/bin:/bin"})
    lines = export_lines(settings)
    for name, value in settings.items():
        assert _evaluated(shell, lines, name) == value


def test_lines_are_plain_exports(places: Places) -> None:
    lines = export_lines(variables(places, {"PATH": "/usr/bin"})).splitlines()
    assert all(line.startswith("export ") and line.endswith("'") for line in lines)
    assert [line.split("=")[0].removeprefix("export ") for line in lines] == [
        "WORKBENCH_HOME",
        "PATH",
        "PULUMI_HOME",
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_SKIP_UPDATE_CHECK",
        "DOCKER_HOST",
        "no_proxy",
        "NO_PROXY",
    ]


def test_path_has_the_environment_then_engines_but_no_providers(places: Places) -> None:
    update_record(places, "engines", "pulumi", {"folder": "/cache/pulumi", "plugin": ""})
    update_record(places, "engines", "pulumi-resource-docker", {"folder": "/cache/docker", "plugin": "docker"})
    path = variables(places, {"PATH": "/usr/bin"})["PATH"]
    assert path == f"{places.venv}/bin:/cache/pulumi:/usr/bin"


def test_evaluating_twice_changes_nothing(places: Places) -> None:
    once = variables(places, {"PATH": "/usr/bin:/bin"})
    assert variables(places, once) == once
    assert first_on_path(["/a"], "/b:/a:/b") == "/a:/b"


def test_a_backend_of_the_users_stays(places: Places) -> None:
    settings = variables(places, {"PULUMI_BACKEND_URL": "s3://states", "DOCKER_HOST": "ssh://far"})
    assert settings["PULUMI_BACKEND_URL"] == "s3://states"
    assert settings["DOCKER_HOST"] == "ssh://far"


def test_our_own_dockerd_is_the_engine(places: Places) -> None:
    ours = {"pid": 4194305, "started": 1, "data": "/d", "runtime": "/run/ours"}
    update_record(places, "dockerd", "daemon", ours)
    assert variables(places, {})["DOCKER_HOST"] == "unix:///run/ours/docker.sock"


@pytest.mark.parametrize(
    ("said", "hosts"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": ".corp.example, 10.0.0.0/8"}, ".corp.example,10.0.0.0/8,localhost,127.0.0.1,::1"),
        ({"no_proxy": "a,localhost", "NO_PROXY": "b"}, "a,localhost,b,127.0.0.1,::1"),
        ({"no_proxy": "*"}, "*,localhost,127.0.0.1,::1"),
    ],
)
def test_loopback_needs_no_proxy_and_the_persons_own_exceptions_stay(
    said: dict[str, str], hosts: str, places: Places
) -> None:
    settings = variables(places, said)
    assert (settings["no_proxy"], settings["NO_PROXY"]) == (hosts, hosts)
    assert loopback.variables(said) == {"no_proxy": hosts, "NO_PROXY": hosts}
