from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import bcrypt
import pulumi
import pytest

from tests.components.test_program import MANIFEST, Recorder, run_program
from workbench.components import login_proposal, manifests, registry_login
from workbench.components.images import base_images
from workbench.registry.manifests.manifest import Manifest

pytestmark = pytest.mark.usefixtures("program_loop")
Declare = Callable[..., Recorder]


@pytest.fixture
def declare(manifest: Manifest, images: base_images.BaseImages, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Run the program with one service."""
    monkeypatch.setattr(manifests, "read", lambda _: manifest)
    monkeypatch.setattr(base_images, "load", lambda: images)

    def run(**config: str) -> Recorder:
        services = json.dumps({"churnpred": {"manifest": MANIFEST}})
        return run_program({"gatewayPort": "8080", "registryPort": "5000", "services": services, **config})

    yield run
    pulumi.runtime.set_all_config({})


def test_a_login_is_random_and_its_hash_is_one_that_registries_take() -> None:
    one, two = registry_login._new(), registry_login._new()

    assert one["password"] != two["password"]
    assert len(one["password"]) == 43
    user, _, hashed = one["htpasswd"].partition(":")
    assert user == "workbench"
    assert re.fullmatch(r"\$2b\$05\$.{53}", hashed)
    assert bcrypt.checkpw(one["password"].encode(), hashed.encode())


def test_the_stacks_own_registry_has_a_network_and_a_login_of_its_own(declare: Declare) -> None:
    made = declare()

    networks = {name: inputs["name"] for name, inputs in made.of("Network").items()}
    containers = made.of("container:Container")
    joined = {name: [each["name"] for each in inputs["networksAdvanced"]] for name, inputs in containers.items()}
    assert networks == {"group": "churn-staging", "registry-network": "churn-staging-registry"}
    assert joined.pop("registry") == ["churn-staging-registry"]
    assert set(map(tuple, joined.values())) == {("churn-staging",)}
    [login] = made.of("RegistryLogin").values()
    assert containers["registry"]["envs"] == [f"REGISTRY_LOGINS={login['htpasswd']}"]
    [pushed] = made.of("RegistryImage").values()
    assert pushed["authConfig"]["value"]["username"] == "workbench"
    assert pulumi.runtime.rpc.is_rpc_secret(pushed["authConfig"]), "it stands in no plain state"


def test_a_registry_of_others_gets_no_login_of_ours(declare: Declare) -> None:
    made = declare(registryAddress="registry.example.com")

    assert made.of("RegistryLogin") == {}
    [pushed] = made.of("RegistryImage").values()
    assert pushed["authConfig"]["username"] == "anonymous"


def test_a_preview_and_its_update_propose_the_same_login_until_the_state_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    first = login_proposal.proposed("staging", registry_login._new)

    assert login_proposal.proposed("staging", registry_login._new) == first
    assert login_proposal.proposed("prod", registry_login._new) != first
    assert login_proposal.path("staging").stat().st_mode & 0o777 == 0o600
    login_proposal.forget("staging")
    assert login_proposal.proposed("staging", registry_login._new) != first


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"password": "p"}', "\x00"])
def test_a_proposal_that_is_broken_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    new = registry_login._new()
    login_proposal.path("staging").parent.mkdir(parents=True)
    login_proposal.path("staging").write_text(content)

    assert login_proposal.proposed("staging", lambda: new) == new
