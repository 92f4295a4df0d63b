"""What `pulumi preview` and an `up` with nothing new, or that may not begin, do: tell, and touch nothing."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.integration.workspace import SERVICE, Served, Workspace, make, prepare_home

DOING = {
    "create",
    "start",
    "stop",
    "kill",
    "die",
    "destroy",
    "pull",
    "push",
    "tag",
    "untag",
    "delete",
    "import",
    "load",
}


def test_a_preview_after_training_shows_model_image_and_route_and_the_engine_does_nothing(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    stack = workspace.new_stack()
    workspace.train(1, stack)
    workspace.up(stack)
    second = workspace.train(2, stack)

    began = int(time.time())
    preview = json.loads(workspace.pulumi("preview", "-s", stack, "--json").out)
    events = list(engine.events(since=began, until=int(time.time()) + 1, decode=True))

    steps = {step["urn"].rpartition("::")[2]: step for step in preview["steps"]}
    assert steps[f"{SERVICE}-route"]["op"] == "update"
    assert steps[f"{SERVICE}-route"]["newState"]["inputs"]["models"] == [f"churn [Ver. {second['version']}]"]
    assert steps[f"{SERVICE}-image-built"]["op"] in {"replace", "create-replacement", "delete-replaced"}
    created = [name for name, step in steps.items() if step["op"] == "create"]
    assert len(created) == 1
    assert created[0].startswith(f"{SERVICE}-")
    assert [each for each in events if touches(each, stack, workspace.registry_ports[stack])] == []
    assert any(each.get("Action", "").startswith("exec_") for each in events), "health probes, so events do arrive"


def test_an_up_with_nothing_new_changes_nothing(served: Served) -> None:
    trained = served.workspace.train(1, served.stack)
    up = ("up", "-s", served.stack, "--yes", "--skip-preview", "--expect-no-changes", "--json")
    said = served.workspace.pulumi(*up).out

    assert trained["unchanged"]
    summary = [json.loads(line) for line in said.splitlines() if '"summaryEvent"' in line]
    assert set(summary[-1]["summaryEvent"]["resourceChanges"]) == {"same"}


def test_the_same_inputs_in_another_home_give_the_same_digests_and_nothing_to_update(
    served: Served, engines: dict[str, str], tmp_path: Path
) -> None:
    environment = prepare_home(tmp_path / "home", engines)
    elsewhere = make(tmp_path / "project", environment, tmp_path / "home")
    (elsewhere.folder / "churn.csv").symlink_to(served.workspace.folder / "churn.csv")

    again = elsewhere.train(1)

    assert not again["unchanged"], "trained, not remembered"
    assert {key: again[key] for key in ("version", "digest", "manifest")} == {
        key: served.model[key] for key in ("version", "digest", "manifest")
    }
    here = served.workspace.environment
    mixed = Workspace(served.workspace.folder, {**here, "WORKBENCH_HOME": str(elsewhere.home)})
    mixed.pulumi("preview", "-s", served.stack, "--expect-no-changes")


def test_a_refresh_finds_the_stack_as_it_was_left(served: Served) -> None:
    served.workspace.pulumi("refresh", "-s", served.stack, "--yes", "--skip-preview", "--expect-no-changes")
    served.workspace.pulumi("preview", "-s", served.stack, "--expect-no-changes")


@pytest.fixture(params=["a container", "a program"])
def taken(
    request: pytest.FixtureRequest, workspace: Workspace, engine: docker.DockerClient
) -> Iterator[tuple[int, str]]:
    """A port that somebody has, and who that is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if request.param == "a program":
            yield port, f"(process {os.getpid()}) on this machine has that port"
            return
    name = f"holder-{uuid.uuid4().hex[:8]}"
    image = json.loads((workspace.home / "images.json").read_text())["base"]
    command = ["python3", "-c", "import signal; signal.pause()"]
    holder = engine.containers.run(image, command, name=name, ports={"80/tcp": ("127.0.0.1", port)}, detach=True)
    yield port, f"the container {name} of the engine {workspace.environment['DOCKER_HOST']} has that port"
    holder.remove(force=True)


@pytest.mark.parametrize("key", ["gatewayPort", "registryPort"])
def test_an_up_with_a_taken_port_says_so_in_one_line_and_makes_nothing(
    workspace: Workspace, engine: docker.DockerClient, taken: tuple[int, str], key: str
) -> None:
    port, told = taken
    stack = workspace.new_stack()
    workspace.pulumi("config", "set", key, str(port), "-s", stack)

    done = workspace.workbench("env", "setup", "-n", stack, check=False)

    assert done.code == 1
    [line] = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert f"Pulumi.{stack}.yaml: churn:{key} is {port}: " in line
    assert f"{told}; choose another: pulumi config set {key} PORT -s {stack}" in line
    by_hand = workspace.up(stack, check=False)
    assert by_hand.code != 0
    assert f"{told}; choose another: " in by_hand.out + by_hand.err
    label = {"label": f"workbench.stack={stack}"}
    assert engine.networks.list(filters={**label}) == []
    assert engine.volumes.list(filters={**label}) == []
    assert engine.containers.list(all=True, filters={**label}) == []
    state = json.loads(workspace.pulumi("stack", "export", "-s", stack).out)["deployment"]
    things = [each["type"] for each in state.get("resources") or [] if not each["type"].startswith("pulumi:")]
    assert things == [], "the stack and its provider stand for nothing on an engine"


DYING = """\
import os

if os.path.exists("../dies"):
    {}
"""


@pytest.mark.parametrize(
    ("death", "says"),
    [
        ("os.kill(os.getpid(), 9)", "the project's program was killed"),
        ("os._exit(3)", "the project's program ended with exit code 3"),
        ("os._exit(0)", "the project's program ended before it had declared anything"),
    ],
)
def test_a_program_that_dies_is_an_error_in_every_form_and_never_a_preview_of_nothing(
    tmp_path: Path, shared_home: dict[str, str], death: str, says: str
) -> None:
    dying = Workspace(tmp_path / "project", shared_home)
    (dying.folder / "infra").mkdir(parents=True)
    (dying.folder / "Pulumi.yaml").write_text("name: churn\nruntime: python\nmain: infra\n")
    (dying.folder / "infra" / "__main__.py").write_text(DYING.format(death))
    stack = dying.new_stack()
    dying.up(stack)
    assert "nothing changes" in dying.workbench("preview", "-s", stack).out
    (dying.folder / "dies").touch()

    for form in ("text", "markdown", "json"):
        told = dying.workbench("preview", "-s", stack, "--format", form, check=False)
        assert (told.code, "nothing changes" in told.out, told.err) == (1, False, "")
        assert says in told.out
    dying.destroy()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "", "PULUMI_CONFIG_PASSPHRASE": "wrong"}, "incorrect passphrase"),
        ({"PULUMI_BACKEND_URL": ""}, "no backend is set"),
        ({"PULUMI_BACKEND_URL": "file:///nowhere"}, "unable to open state directory"),
    ],
)
def test_a_failure_of_pulumi_gives_its_reason_in_one_line(served: Served, wrong: dict[str, str], says: str) -> None:
    workspace = Workspace(served.workspace.folder, {**served.workspace.environment, **wrong})
    # No pin changes, so nothing would change even if it went through.
    for verb in (("env", "setup", "-n", served.stack), ("preview", "-s", served.stack)):
        done = workspace.workbench(*verb, check=False)
        assert done.code == 1
        [line] = [line for line in (done.err + done.out).splitlines() if "error: " in line]
        assert says in line


def touches(event: dict[str, Any], stack: str, registry_port: int) -> bool:
    """Tell whether the engine changed anything of a stack; other tests' stacks run beside it."""
    told = json.dumps(event)
    return event.get("Action") in DOING and (stack in told or f":{registry_port}/" in told)
