"""A model's way from a branch to prod, with git: preview, merge, staging, promotion, prod; and what stops it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docker
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.integration.test_preview import touches
from tests.integration.workspace import SERVICE, Workspace
from tests.tree import TREE


def test_a_pull_request_is_previewed_merged_served_promoted_and_served_again(
    workspace: Workspace, engine: docker.DockerClient, tmp_path: Path
) -> None:
    staging, prod = _repository(workspace, _key(tmp_path / "key.pem"))
    workspace.train(1, staging)
    _commit(workspace, "version 1")
    workspace.up(staging)

    workspace.run("git", "switch", "--quiet", "--create", "new-model")
    workspace.train(2, staging)
    _commit(workspace, "version 2")
    comment = _previewed_without_a_trace(workspace, engine, staging)
    assert f"**{staging}** | {SERVICE}: churn 1 → churn 2" in comment
    assert "<code>roc&#95;auc</code>" in comment
    assert "**Schema**" in comment
    assert "✅ passed" in comment

    workspace.run("git", "switch", "--quiet", "main")
    workspace.run("git", "merge", "--quiet", "--no-ff", "--no-edit", "new-model")
    workspace.up(staging)
    settled = json.loads(workspace.workbench("preview", "-s", staging, "--drift", "--format", "json").out)[0]
    assert settled["changes"] == []
    assert settled["drift"] == []

    _promoted_with_the_right_key_alone(workspace, staging, prod, tmp_path)
    _commit(workspace, "promote version 2")
    _stopped_by_what_was_changed(workspace, prod)
    workspace.up(prod)
    there, here = workspace.service(staging), workspace.service(prod)
    assert here["image"].partition("@")[2] == there["image"].partition("@")[2]
    assert here["models"] == ["churn [Ver. 2]"]


def test_a_policy_stops_preview_and_up_by_one_line_and_its_exception_lets_them_go_on(workspace: Workspace) -> None:
    stack = workspace.new_stack()
    workspace.train(1, stack)
    path, plain = workspace.stack_file(stack), workspace.stack_file(stack).read_text()
    gated = plain.replace("config:\n", "config:\n  churn:gates: {roc_auc: {atLeast: 0.999}}\n")
    path.write_text(gated)

    refused = workspace.workbench("preview", "-s", stack, check=False)
    stopped = workspace.up(stack, check=False)

    assert refused.code == 3
    assert "refused: policy metric-gate: service churnpred has roc_auc" in refused.out
    assert "+ Container" in refused.out, "it tells the changes all the same"
    assert stopped.code != 0
    [line] = {line.strip() for line in stopped.out.splitlines() if line.strip().startswith("error: policy")}
    assert "asked for is 0.999 or more" in line
    assert workspace.outputs(stack) == {}

    path.write_text(f"{gated.rstrip()}\n".replace("config:\n", f"config:\n{_EXCEPTION}"))
    told = json.loads(workspace.workbench("preview", "-s", stack, "--format", "json").out)[0]
    assert [each["excepted"] for each in told["violations"]] == [f"a test (until {_UNTIL})"]


def test_the_volumes_of_a_stack_that_asks_for_it_are_protected(workspace: Workspace) -> None:
    stack = workspace.new_stack()
    path = workspace.stack_file(stack)
    path.write_text(path.read_text().replace("config:\n", "config:\n  churn:protect: true\n"))

    steps = json.loads(workspace.pulumi("preview", "-s", stack, "--json").out)["steps"]

    protected = {step["urn"].rpartition("::")[2] for step in steps if step["newState"].get("protect")}
    assert protected == {"storage-images", "storage-routes", "storage-keys"}


_UNTIL = (datetime.now(UTC) + timedelta(days=30)).date()
_EXCEPTION = f"  churn:policyExceptions: {{metric-gate: {{until: {_UNTIL}, reason: a test}}}}\n"


def _repository(workspace: Workspace, public: bytes) -> tuple[str, str]:
    """A repository with a program of its own, a stack staging and a stack prod that demands signed evidence."""
    (workspace.folder / "infra").unlink()
    shutil.copytree(TREE / "infra", workspace.folder / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    staging, prod = workspace.new_stack(), workspace.new_stack()
    (workspace.folder / "key.pub").write_bytes(public)
    text = workspace.stack_file(prod).read_text()
    demands = f"config:\n  churn:promotedFrom: {staging}\n  churn:promotionKey: key.pub\n"
    workspace.stack_file(prod).write_text(text.replace("config:\n", demands))
    workspace.run("git", "init", "--quiet", "--initial-branch", "main")
    _commit(workspace, "an empty project")
    return staging, prod


def _commit(workspace: Workspace, message: str) -> None:
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    workspace.run("git", "add", "--all")
    workspace.run("git", *person, "commit", "--quiet", "--message", message)


def _previewed_without_a_trace(workspace: Workspace, engine: docker.DockerClient, stack: str) -> str:
    """The comment; no engine did anything for it, and the state has the same bytes."""
    before, began = _state(workspace), int(time.time())
    comment = workspace.workbench("preview", "--all", "--format", "markdown").out
    events = list(engine.events(since=began, until=int(time.time()) + 1, decode=True))

    assert _state(workspace) == before
    assert [each for each in events if touches(each, stack, workspace.registry_ports[stack])] == []
    return comment


def _state(workspace: Workspace) -> dict[str, str]:
    files = (path for path in (workspace.home / "state").rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _promoted_with_the_right_key_alone(workspace: Workspace, staging: str, prod: str, folder: Path) -> None:
    promote = ("promote", SERVICE, "--from", staging, "--to", prod)
    _key(folder / "other.pem")
    before = workspace.stack_file(prod).read_bytes()

    for key in ((), ("--key", str(folder / "other.pem"))):
        refused = workspace.workbench(*promote, *key, check=False)
        assert refused.code == 1
        assert refused.err.startswith("error: policy signed: ")
        assert len(refused.err.strip().splitlines()) == 1
    assert workspace.stack_file(prod).read_bytes() == before
    assert not (workspace.folder / "promotions").exists()

    done = workspace.workbench(*promote, "--key", str(folder / "key.pem"))
    assert "+      image: " in done.out, "the difference of prod's file"


def _stopped_by_what_was_changed(workspace: Workspace, prod: str) -> None:
    """Tampered, missing, and of another digest: each is one line and no change."""
    evidence = workspace.folder / "promotions" / prod / f"{SERVICE}.json"
    path, good, pins = workspace.stack_file(prod), evidence.read_text(), workspace.stack_file(prod).read_text()
    digest = pins.rpartition("@sha256:")[2].split()[0]

    def by_key_alone(text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if "promotedFrom" not in line)

    sealed = json.loads(good)
    signature = base64.b64decode(sealed["signatures"][0]["sig"])
    sealed["signatures"][0]["sig"] = base64.b64encode(signature[::-1]).decode()
    for changed, pinned, told in (
        (json.dumps(sealed), pins, "is not signed by the promotionKey"),
        (None, pins, "has no evidence"),
        (good, pins.replace(digest, "f" * 64), "its evidence is of"),
        (good, by_key_alone(pins.replace(digest, "f" * 64)), "its evidence is of"),
    ):
        evidence.write_text(changed) if changed else evidence.unlink()
        path.write_text(pinned)
        assert told in workspace.workbench("preview", "-s", prod, check=False).out
        stopped = workspace.up(prod, check=False)
        assert stopped.code != 0
        assert told in stopped.out
        assert "Traceback" not in stopped.out
    evidence.write_text(good)
    path.write_text(pins)


def _key(path: Path) -> bytes:
    """Make a private key that its owner alone can read; gives its public key."""
    key = Ed25519PrivateKey.generate()
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
