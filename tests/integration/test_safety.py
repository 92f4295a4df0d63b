"""What a running stack gives away, and what its containers may do: nothing, and next to nothing."""

from __future__ import annotations

import http.client
import json
import stat
from pathlib import Path
from urllib.parse import urlsplit

import docker

from tests.integration.test_registry import registry_of
from tests.integration.workspace import SERVICE, Served, Workspace
from tests.waiting import patience


def test_keys_stand_in_no_state_no_log_no_environment_and_no_image(served: Served, engine: docker.DockerClient) -> None:
    workspace, stack = served.workspace, served.stack
    keys = [workspace.key(stack, name) for name in ("primary", "secondary")]
    keys.append(registry_of(workspace, stack).password)
    containers = engine.containers.list(filters={"label": f"workbench.stack={stack}"})
    assert len(containers) == 3

    places = {
        "the state": _text(workspace.home / "state"),
        "what up said": served.said,
        "a preview's JSON": workspace.pulumi("preview", "-s", stack, "--json").out,
        "the outputs": workspace.pulumi("stack", "output", "--json", "-s", stack).out,
        "the stack's file": workspace.stack_file(stack).read_text(),
        **{f"inspect {each.name}": json.dumps(each.attrs) for each in containers},
        **{f"processes of {each.name}": json.dumps(each.top()) for each in containers},
        **{f"logs {each.name}": each.logs().decode() for each in containers},
        **{f"history {each.name}": json.dumps(engine.images.get(each.attrs["Image"]).history()) for each in containers},
    }
    assert [(key[:4], place) for place, text in places.items() for key in keys if key in text] == []
    assert keys[0] in workspace.pulumi("stack", "output", "keys", "--show-secrets", "-s", stack).out, "asked, it tells"


def test_files_with_secrets_are_their_owners_alone(workspace: Workspace) -> None:
    stack = workspace.new_stack()
    workspace.train(1, stack)
    workspace.up(stack)

    files = list((workspace.home / "keys" / "churn" / stack).rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files if path.is_dir()} == {0o700}
    workspace.destroy()
    assert not (workspace.home / "keys" / "churn" / stack / SERVICE).exists()


def test_every_container_is_non_root_read_only_and_without_capabilities(
    served: Served, engine: docker.DockerClient
) -> None:
    stack = served.stack
    for container in engine.containers.list(filters={"label": f"workbench.stack={stack}"}):
        host, config = container.attrs["HostConfig"], container.attrs["Config"]
        assert config["User"] == "10001:10001", container.name
        assert host["ReadonlyRootfs"], container.name
        assert host["CapDrop"] == ["ALL"], container.name
        assert "no-new-privileges:true" in host["SecurityOpt"], container.name
        assert host["Memory"] > 0, container.name
        assert not host["Privileged"], container.name
        assert not config["Image"].endswith(":latest"), container.name
    scoring = engine.containers.list(filters={"label": [f"workbench.stack={stack}", f"workbench.service={SERVICE}"]})[0]
    assert "@sha256:" in scoring.attrs["Config"]["Image"]


def test_without_a_key_or_with_a_wrong_one_nothing_is_scored(served: Served) -> None:
    workspace, stack, url = served.workspace, served.stack, served.url
    rows = workspace.examples(served.model["manifest"])

    assert _status(url, rows, None) == 401
    assert _status(url, rows, "x" * 43) == 401
    assert _status(url, rows, workspace.key(stack, "primary")) == 200
    assert _status(url, rows, workspace.key(stack, "secondary")) == 200
    assert _status(url.replace(SERVICE, "no-such-service"), rows, workspace.key(stack)) == 502


def _status(url: str, rows: list[dict[str, object]], key: str | None) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=patience(30))
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    connection.request("POST", parts.path, json.dumps({"input_df": rows}), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def _text(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
