"""The verbs that change infrastructure, one after the other as a user has them, on real engines."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
import pytest

from tests.integration.workspace import Workspace
from tests.ports import free_ports
from tests.waiting import patience

SCORE = """\
import json
import factors

def init():
    global FACTOR
    with open("models/factor.json/factor.json") as file:
        FACTOR = json.load(file)["factor"]
    print("the factor is", FACTOR, flush=True)

def run(input_df: list):
    return [{"answer": factors.times(row["x"], FACTOR)} for row in input_df]
"""
COLUMN = {"type": "number", "format": "double"}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"x": COLUMN}}, "example": [{"x": 1.0}]}
SCHEMA = {"input": {"input_df": {"type": 3, "swagger": ROWS}}}
NAME = "doubler"


@dataclass(frozen=True)
class Environment:
    """One environment of a test's own, chosen for its project."""

    workspace: Workspace
    name: str

    def verb(self, *arguments: str) -> Any:
        return json.loads(self.workspace.workbench(*arguments, "-o", "json").out)

    def refused(self, *arguments: str) -> str:
        done = self.workspace.workbench(*arguments, check=False)
        assert (done.code, done.out) == (1, ""), done
        return done.err.splitlines()[-1]

    @property
    def file(self) -> str:
        return self.workspace.stack_file(self.name).read_text()

    def status(self, url: str, key: str) -> int:
        """How the service answers a row to whoever has that key."""
        parts = urlsplit(url)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience(30))) as connection:
            connection.request("POST", parts.path, json.dumps({"input_df": [{"x": 3}]}).encode(), headers)
            with connection.getresponse() as response:
                return response.status


@pytest.fixture
def environment(workspace: Workspace) -> Environment:
    """What `env setup` and `env set` leave, by ports of the test's own."""
    gateway, registry = free_ports(2)
    name = f"verbs{gateway}"
    workspace.stacks.append(name)
    workspace.registry_ports[name] = registry
    ports = ("--gateway-port", str(gateway), "--registry-port", str(registry))
    shown = json.loads(workspace.workbench("env", "setup", "-n", name, *ports, "-o", "json").out)
    assert (shown["gatewayPort"], shown["registryPort"], shown["services"]) == (gateway, registry, [])
    workspace.workbench("env", "set", "-n", name)
    return Environment(workspace, name)


@pytest.fixture
def project(workspace: Workspace) -> Path:
    folder = workspace.folder
    (folder / "score.py").write_text(SCORE)
    (folder / "factors.py").write_text("def times(a, b):\n    return a * b\n")
    (folder / "factor.json").write_text('{"factor": 2}')
    (folder / "service_schema.json").write_text(json.dumps(SCHEMA))
    return folder


def test_a_service_lives_by_verbs_alone(environment: Environment, project: Path, engine: docker.DockerClient) -> None:
    parts = ("-f", "score.py", "-d", "factors.py", "-s", "service_schema.json", "-r", "python")
    done = environment.workspace.workbench(
        "service", "create", "realtime", "-n", NAME, "-m", "factor.json", *parts, "-o", "json"
    )
    created = json.loads(done.out)
    words = (
        "model factor.json:1",
        "manifest sha256:",
        "creating image",
        "creating container",
        "service doubler answers",
    )
    places = [done.err.find(word) for word in words]
    assert -1 not in places, done.err
    assert places == sorted(places), "a line a step, in their order"
    assert environment.verb("service", "run", "-n", NAME, "-d", '[{"x": 4}]')[0]["answer"] == 8

    _rotates(environment, created, engine)
    _runs_another_image(environment, project, created, parts)
    _ends(environment, Path(created["keysFolder"]), engine)


def _rotates(environment: Environment, created: dict[str, Any], engine: docker.DockerClient) -> None:
    # A rotation: no restart, the other key goes on, git shows it, and no key is printed.
    folder = Path(created["keysFolder"])
    old = {name: (folder / name).read_text().strip() for name in ("primary", "secondary")}
    [host] = [server["host"] for server in created["servers"]]
    began = engine.containers.get(host).attrs["State"]["StartedAt"]
    said = environment.workspace.workbench("service", "keys", "-n", NAME, "--regen", "-k", "primary", "--yes")
    new = (folder / "primary").read_text().strip()
    answers = [environment.status(created["scoringUrl"], key) for key in (old["primary"], old["secondary"], new)]
    assert answers == [401, 200, 200]
    assert engine.containers.get(host).attrs["State"]["StartedAt"] == began
    assert "primaryKey: 2" in environment.file
    assert not {new, *old.values()} & set((said.out + said.err).split())


def _runs_another_image(
    environment: Environment, project: Path, created: dict[str, Any], parts: tuple[str, ...]
) -> None:
    new = (Path(created["keysFolder"]) / "primary").read_text().strip()
    # An image without a service; then the service runs it, behind the same URL and keys, by two containers.
    (project / "factors.py").write_text("def times(a, b):\n    return a * b + 100\n")
    label = ("-n", NAME, "-i", "factor.json:1", *parts)
    manifest = environment.verb("manifest", "create", *label)["id"]
    image = environment.verb("image", "create", "-n", NAME, "--manifest-id", manifest[:20])
    assert environment.verb("image", "usage", image["id"])["used_by"] == []
    before = environment.file
    planned = environment.verb("service", "update", "realtime", "-i", NAME, "--image-id", image["id"], "--dry-run")
    assert {"action": "change", "what": "route doubler-route", "detail": ""} in planned
    assert environment.file == before
    updated = environment.verb(
        "service", "update", "realtime", "-i", NAME, "--image-id", image["id"][7:19], "--replicas", "2"
    )
    assert updated["image"] == image["location"]
    assert updated["scoringUrl"] == created["scoringUrl"]
    assert len(updated["servers"]) == 2
    assert environment.verb("service", "run", "-n", NAME, "-d", '[{"x": 4}]')[0]["answer"] == 108
    assert environment.status(created["scoringUrl"], new) == 200
    log = environment.workspace.workbench("service", "logs", "-n", NAME).out
    assert all(f"{server['host']}: the factor is 2" in log for server in updated["servers"])

    scaled = environment.verb("service", "scale", "-n", NAME, "-z", "1")
    assert len(scaled["servers"]) == 1

    # What Pulumi refuses leaves the file; and the program agrees with the state: nothing is open.
    before = environment.file
    assert "memory is 63; it must be from 64" in environment.refused(
        "service", "update", "realtime", "-i", NAME, "--memory", "63"
    )
    assert environment.file == before
    environment.workspace.pulumi("preview", "-s", environment.name, "--expect-no-changes")


def _ends(environment: Environment, folder: Path, engine: docker.DockerClient) -> None:
    assert "add --yes" in environment.refused("service", "delete", "-n", NAME)
    environment.workspace.workbench("service", "delete", "-n", NAME, "--yes")
    assert environment.verb("service", "list") == []
    assert not folder.exists()
    assert (
        engine.containers.list(all=True, filters={"label": f"workbench.service={NAME}", "name": environment.name}) == []
    )

    # The environment goes with all it has: the last of it is the choice.
    environment.workspace.workbench("env", "delete", "-n", environment.name, "--yes")
    environment.workspace.stacks.remove(environment.name)
    assert not environment.workspace.stack_file(environment.name).exists()
    assert environment.name not in {each["name"] for each in environment.verb("env", "list")}
    assert engine.networks.list(names=[f"churn-{environment.name}"]) == []
    assert "none was chosen" in environment.refused("service", "list")
