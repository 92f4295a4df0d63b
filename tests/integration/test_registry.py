"""The stack's own registry: who reaches it, who may push and pull, and what happens when a tag is moved."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.integration.workspace import SERVICE, Done, Served, Workspace

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
# Tries to open connections, from inside a container; prints those that were opened.
REACH = """
import json, socket, sys
found = []
for host, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((host, port), 2).close()
        found.append([host, port])
    except OSError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Registry:
    """A stack's registry as a client on the engine's host sees it."""

    port: int
    password: str

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, user: str = "workbench", password: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; with the stack's own login unless another is given, with none for user ""."""
        login = base64.b64encode(f"{user}:{self.password if password is None else password}".encode()).decode()
        headers = {
            "Accept": MANIFEST,
            "Content-Type": MANIFEST,
            **({"Authorization": f"Basic {login}"} if user else {}),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = answer.status, dict(answer.headers), answer.read()
        connection.close()
        return found

    def digest(self, tag: str) -> str:
        return self.ask("HEAD", f"/v2/{SERVICE}/manifests/{tag}")[1]["Docker-Content-Digest"]

    def move(self, tag: str) -> str:
        """Have the tag name another manifest, of the same layers; gives its digest."""
        content = json.loads(self.ask("GET", f"/v2/{SERVICE}/manifests/{tag}")[2])
        status, headers, _ = self.ask("PUT", f"/v2/{SERVICE}/manifests/{tag}", json.dumps(content).encode())
        assert status == 201
        return headers["Docker-Content-Digest"]


def registry_of(workspace: Workspace, stack: str) -> Registry:
    [login] = _states(workspace, stack, ":RegistryLogin")
    return Registry(workspace.registry_ports[stack], login["outputs"]["password"]["plaintext"].strip('"'))


def _states(workspace: Workspace, stack: str, kind: str) -> list[dict[str, Any]]:
    exported = json.loads(workspace.pulumi("stack", "export", "--show-secrets", "-s", stack).out)
    return [each for each in exported["deployment"]["resources"] if each["type"].endswith(kind)]


def _of_service(engine: docker.DockerClient, stack: str) -> list[Container]:
    found: list[Container] = engine.containers.list(
        filters={"label": [f"workbench.stack={stack}", f"workbench.service={SERVICE}"]}
    )
    return found


def test_the_registry_answers_nobody_without_its_login_and_deletes_nothing(served: Served) -> None:
    registry = registry_of(served.workspace, served.stack)
    image = served.workspace.service(served.stack)["image"]
    path = f"/v2/{SERVICE}/manifests/{image.partition('@')[2]}"

    assert registry.ask("GET", "/v2/", user="")[0] == 401
    assert registry.ask("GET", path, user="")[0] == 401
    assert registry.ask("GET", path, password="x" * 43)[0] == 401
    assert registry.ask("GET", path, user="anonymous", password="")[0] == 401
    assert registry.ask("GET", path)[0] == 200
    assert registry.ask("DELETE", path)[0] == 405
    assert registry.ask("GET", path)[0] == 200


def test_a_scoring_container_reaches_the_gateway_but_not_the_registry(
    served: Served, engine: docker.DockerClient
) -> None:
    stack, port = served.stack, served.workspace.registry_ports[served.stack]
    registry = engine.containers.get(f"churn-{stack}-registry")
    networks = registry.attrs["NetworkSettings"]["Networks"].values()
    [scoring] = _of_service(engine, stack)
    own = scoring.attrs["NetworkSettings"]["Networks"].values()
    places = [
        (f"churn-{stack}-registry", 5000),
        ("registry", 5000),
        ("host.docker.internal", port),
        *((each["IPAddress"], 5000) for each in networks),
        *((each["Gateway"], each_port) for each in [*networks, *own] for each_port in (port, 5000)),
        ("127.0.0.1", port),
    ]

    command = ["python3", "-c", REACH, json.dumps([*places, (f"churn-{stack}-gateway", 8080)])]
    reached = json.loads(str(scoring.exec_run(command).output, "utf-8"))  # type: ignore[arg-type]  # no stream

    assert reached == [[f"churn-{stack}-gateway", 8080]]
    assert registry_of(served.workspace, stack).ask("GET", "/v2/")[0] == 200, "it runs all the while"


@pytest.fixture
def moved(workspace: Workspace) -> tuple[str, Registry, str, str]:
    """A stack whose image's tag was moved in its registry: stack, registry, tag, and the digest that serves."""
    stack = workspace.new_stack()
    workspace.train(1, stack)
    workspace.up(stack)
    registry = registry_of(workspace, stack)
    [pushed] = _states(workspace, stack, ":RegistryImage")
    tag = pushed["inputs"]["name"].rpartition(":")[2]
    before = registry.digest(tag)
    assert registry.move(tag) != before
    return stack, registry, tag, before


def test_a_moved_tag_is_never_deployed_and_stops_refresh_and_up_in_one_line_that_says_what_to_do(
    workspace: Workspace, engine: docker.DockerClient, moved: tuple[str, Registry, str, str]
) -> None:
    stack, registry, tag, before = moved
    [running] = _of_service(engine, stack)

    workspace.up(stack)
    refused = [
        workspace.pulumi("refresh", "-s", stack, "--yes", "--skip-preview", check=False),
        workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--refresh", check=False),
        workspace.up(stack, check=False),
    ]

    assert [each.code != 0 for each in refused] == [True, True, True]
    lines = {_line(each) for each in refused}
    assert len(lines) == 1
    [line] = lines
    assert "somebody moved the tag" in line
    assert [each.id for each in _of_service(engine, stack)] == [running.id]
    assert running.attrs["Config"]["Image"].endswith(before)

    urn = line.rpartition("--replace '")[2].partition("'")[0]
    workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--replace", urn)
    assert registry.digest(tag) == before
    workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    assert [each.id for each in _of_service(engine, stack)] == [running.id]


def test_a_registry_that_is_replaced_keeps_images_and_services_and_gives_back_what_the_engine_lost(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    stack = workspace.new_stack()
    workspace.train(1, stack)
    workspace.up(stack)
    image = workspace.service(stack)["image"]
    [running] = _of_service(engine, stack)
    [registry] = [each for each in _states(workspace, stack, ":Container") if each["urn"].endswith("::registry")]

    workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--replace", registry["urn"])

    assert [each.id for each in _of_service(engine, stack)] == [running.id], "it served all the while"
    running.remove(force=True)
    start = f"127.0.0.1:{workspace.registry_ports[stack]}/"
    for tag in [tag for each in engine.images.list() for tag in each.tags if tag.startswith(start)]:
        engine.images.remove(tag, force=True)
    with pytest.raises(docker.errors.ImageNotFound):
        engine.images.get(image)

    workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--refresh")

    assert workspace.service(stack)["image"] == image
    assert [each.attrs["Config"]["Image"] for each in _of_service(engine, stack)] == [image]


def _line(done: Done) -> str:
    """The one line that says why, which Pulumi tells while it works and again at the end."""
    told = done.out + done.err
    found = {line[line.index("127.0.0.1:") :].strip() for line in told.splitlines() if "somebody moved the tag" in line}
    assert "Traceback" not in told
    assert len(found) == 1, told
    return found.pop()
