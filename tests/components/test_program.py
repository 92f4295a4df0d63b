"""The whole program against Pulumi's mocks: what it declares, for speed beside the real engines."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.components import manifests
from workbench.components.engines.docker import identity
from workbench.components.engines.docker.identity import Identity
from workbench.components.errors import InfraError
from workbench.components.images import base_images
from workbench.core import home
from workbench.policies import envelope, promotion_file
from workbench.policies.evidence import Evidence
from workbench.registry.manifests.manifest import Manifest

pytestmark = pytest.mark.usefixtures("program_loop")
PROGRAM = Path(__file__).parents[2] / "infra" / "__main__.py"
MANIFEST, DIGEST = "sha256:" + "a" * 64, "sha256:" + "d" * 64
PROMOTED_AT = "2026-11-25T10:00:00+00:00"
KEYS = {"primary": "first", "secondary": "second"}


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Remembers each resource by type, and answers as an engine would."""

    made: list[pulumi.runtime.MockResourceArgs] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made.append(args)
        known = {"sha256Digest": DIGEST, "digest": DIGEST, "digests": {"primary": "1", "secondary": "2"}}
        return f"{args.name}-id", {**args.inputs, **known, **KEYS}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        if args.token.endswith(":readStackResourceOutputs"):
            return {"outputs": {}}, []
        raise AssertionError(f"the program asked {args.token}: a preview must ask no engine")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {each.name: each.inputs for each in self.made if each.typ.endswith(kind)}


def run_program(config: dict[str, str]) -> Recorder:
    """Run it for the stack `staging`; gives what it declared."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="churn", stack="staging", preview=False)
    root: Any = pulumi.runtime.get_root_resource()
    root._transformations = []  # the guard of a program before this one
    pulumi.runtime.set_all_config({f"churn:{key}": value for key, value in config.items()})

    async def program() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(identity, "look", lambda: Identity("ID:1", "host", "unix:///x"))
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # published without types
    return recorder


@pytest.fixture
def declare(
    manifest: Manifest, images: base_images.BaseImages, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Recorder]]:
    """Run the program with a configuration; gives the recorder."""
    monkeypatch.setattr(manifests, "read", lambda _: manifest)
    monkeypatch.setattr(base_images, "load", lambda: images)

    def run(services: dict[str, Any], images: dict[str, Any] | None = None, **other: str) -> Recorder:
        config = {"gatewayPort": "8080", "registryPort": "5000", "services": json.dumps(services)}
        return run_program({**config, "images": json.dumps(images or {}), **other})

    yield run
    pulumi.runtime.set_all_config({})


def test_an_environment_without_services_is_two_networks_three_volumes_a_registry_and_a_gateway(declare: Any) -> None:
    made = declare({})

    assert set(made.of("Network")) == {"group", "registry-network"}
    assert set(made.of("Volume")) == {"storage-images", "storage-routes", "storage-keys"}
    assert set(made.of("container:Container")) == {"registry", "environment-gateway"}
    assert made.of("container:Container")["registry"]["ports"][0]["ip"] == "127.0.0.1"


def test_a_service_runs_by_digest_from_the_stacks_own_registry(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST}})

    [release] = [inputs for name, inputs in made.of("container:Container").items() if name.startswith("churnpred-")]
    assert release["image"] == f"127.0.0.1:5000/churnpred@{DIGEST}"
    assert release["name"].startswith("churn-staging-churnpred-")
    [route] = made.of("GatewayRoute").values()
    assert route["models"] == ["churn [Ver. 3]"]
    assert route["scoringUrl"] == "http://127.0.0.1:8080/api/v1/service/churnpred/score"
    assert route["servers"] == [{"host": release["name"], "weight": 100}]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7"])  # noqa: S104 - declared to mocks alone
def test_the_gateway_may_listen_where_the_stacks_file_says(declare: Any, address: str) -> None:
    gateway = declare({}, gatewayAddress=address).of("container:Container")["environment-gateway"]
    assert gateway["ports"][0]["ip"] == address


def test_every_container_is_hardened(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST}})

    for name, inputs in made.of("container:Container").items():
        assert inputs["user"] == "10001:10001", name
        assert inputs["readOnly"], name
        assert inputs["capabilities"] == {"drops": ["ALL"]}, name
        assert inputs["memory"] == inputs["memorySwap"], name
        assert inputs["healthcheck"]["tests"][0] == "CMD", name


@pytest.mark.parametrize(
    "other", [{"cpu": 2}, {"memory": 1024}, {"drainSeconds": 1}, {"image": f"127.0.0.1:5001/churnpred@{DIGEST}"}]
)
def test_another_shape_or_image_is_another_release_beside_the_old_one(declare: Any, other: dict[str, Any]) -> None:
    before = set(declare({"churnpred": {"manifest": MANIFEST}}).of("container:Container"))
    after = set(declare({"churnpred": {"manifest": MANIFEST, **other}}).of("container:Container"))

    assert len(before - after) == len(after - before) == 1


def test_more_replicas_are_more_containers_of_the_same_release(declare: Any) -> None:
    one = set(declare({"churnpred": {"manifest": MANIFEST}}).of("container:Container"))
    three = declare({"churnpred": {"manifest": MANIFEST, "replicas": 3}})

    assert one < set(three.of("container:Container"))
    [route] = three.of("GatewayRoute").values()
    assert len(route["servers"]) == 3


def test_a_promoted_service_builds_nothing(declare: Any) -> None:
    source = f"127.0.0.1:5001/churnpred@{DIGEST}"
    made = declare({"churnpred": {"manifest": MANIFEST, "image": source}})

    images = made.of("RemoteImage")
    assert images["churnpred-image-pulled"]["name"] == source
    assert "churnpred-image-built" not in images
    assert made.of("tag:Tag")["churnpred-image-tag"]["targetImage"] == f"127.0.0.1:5000/churnpred:{'d' * 16}"


def _promoted(project: Path, manifest: str) -> str:
    """Evidence of a promotion to `staging`, signed; gives the public key."""
    key = Ed25519PrivateKey.generate()
    told = Evidence(
        project=home.project_name(),
        service="churnpred",
        source="quality",
        target="staging",
        digest=DIGEST,
        image=f"127.0.0.1:5001/churnpred@{DIGEST}",
        manifest=manifest,
        by="Ada",
        at=PROMOTED_AT,
        passed={},
    )
    path = promotion_file.path(project, "staging", "churnpred")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(envelope.seal(told.statement(), key)))
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_stack_with_a_promotion_key_alone_serves_what_was_promoted_and_remembers_when(
    declare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: churn\n")
    monkeypatch.chdir(tmp_path)
    key = _promoted(tmp_path, MANIFEST)
    source = f"127.0.0.1:5001/churnpred@{DIGEST}"

    made = declare({"churnpred": {"manifest": MANIFEST, "image": source}}, promotionKey=key)

    assert [route["promotedAt"] for route in made.of("GatewayRoute").values()] == [PROMOTED_AT]


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ({"manifest": MANIFEST}, "is built here"),
        ({"manifest": MANIFEST, "image": f"127.0.0.1:5001/churnpred@{MANIFEST}"}, "its evidence is of sha256:dddd"),
        ({"manifest": MANIFEST, "image": f"127.0.0.1:5001/churnpred@{DIGEST}"}, "is of manifest"),
    ],
)
def test_a_stack_with_a_promotion_key_alone_declares_nothing_of_what_was_not_promoted(
    declare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, services: dict[str, Any], told: str
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: churn\n")
    monkeypatch.chdir(tmp_path)
    key = _promoted(tmp_path, DIGEST if "manifest" in told else MANIFEST)

    with pytest.raises(InfraError, match=f"policy promoted: service churnpred .*{told}"):
        declare({"churnpred": services}, promotionKey=key)


def test_every_thing_carries_the_stacks_labels(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST}})

    for kind in ("Network", "Volume", "container:Container"):
        for name, inputs in made.of(kind).items():
            labels = {each["label"]: each["value"] for each in inputs["labels"]}
            assert labels["workbench.project"] == "churn", name
            assert labels["workbench.stack"] == "staging", name


def test_an_image_without_a_service_is_built_and_pushed_and_runs_nowhere(declare: Any) -> None:
    made = declare({}, {"churnpred": [MANIFEST]})

    assert f"churnpred-{'a' * 8}-image-built" in made.of("RemoteImage")
    assert f"churnpred-{'a' * 8}-image-pushed" in made.of("RegistryImage")
    assert set(made.of("container:Container")) == {"registry", "environment-gateway"}


def test_an_image_that_a_service_builds_is_built_once(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST}}, {"churnpred": [MANIFEST]})

    assert [name for name in made.of("RemoteImage") if name.endswith("-built")] == ["churnpred-image-built"]


def test_an_up_brings_the_keys_files_to_their_place_whatever_changed(declare: Any, tmp_path: Path) -> None:
    old = tmp_path / "home" / "keys" / "staging" / "churnpred"
    old.mkdir(parents=True)
    (old / "primary").write_text("first\n")
    declare({"churnpred": {"manifest": MANIFEST}})
    folder = tmp_path / "home" / "keys" / "churn" / "staging" / "churnpred"
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "primary": "first\n",
        "secondary": "second\n",
        "authorization": "Authorization: Bearer first\n",
    }
    assert not old.exists()


def test_another_key_is_no_other_release(declare: Any) -> None:
    before = set(declare({"churnpred": {"manifest": MANIFEST}}).of("container:Container"))
    after = declare({"churnpred": {"manifest": MANIFEST, "primaryKey": 2}})

    assert set(after.of("container:Container")) == before
    assert after.of("ServiceKeys")["churnpred-keys"]["generations"] == {"primary": 2, "secondary": 1}
