"""The whole program against Pulumi's mocks: what it declares, for speed beside the real engines."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra import base_images, manifests
from model.manifest import Manifest

PROGRAM = Path(__file__).parents[2] / "infra" / "__main__.py"
MANIFEST = "sha256:" + "a" * 64
DIGEST = "sha256:" + "d" * 64


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Remembers each resource by type, and answers as an engine would."""

    made: list[pulumi.runtime.MockResourceArgs] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made.append(args)
        return f"{args.name}-id", {**args.inputs, "sha256Digest": DIGEST, "digests": {"primary": "1", "secondary": "2"}}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program asked {args.token}: a preview must ask nothing")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {each.name: each.inputs for each in self.made if each.typ.endswith(kind)}


@pytest.fixture(autouse=True, scope="module")
def _event_loop_as_in_a_new_process() -> None:
    """Pulumi's runtime asks for the thread's event loop, which other tests' runs have ended."""
    asyncio.set_event_loop_policy(None)


@pytest.fixture
def declare(
    manifest: Manifest, images: base_images.BaseImages, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[dict[str, Any]], Recorder]]:
    """Run the program with a configuration; gives the recorder."""
    monkeypatch.setattr(manifests, "read", lambda _: manifest)
    monkeypatch.setattr(base_images, "load", lambda: images)

    def run(services: dict[str, Any]) -> Recorder:
        recorder = Recorder()
        pulumi.runtime.set_mocks(recorder, project="churn", stack="staging", preview=False)
        config = {"churn:gatewayPort": "8080", "churn:registryPort": "5000", "churn:services": json.dumps(services)}
        pulumi.runtime.set_all_config(config)

        async def program() -> None:
            runpy.run_path(str(PROGRAM), run_name="__main__")

        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # published without types
        return recorder

    yield run
    pulumi.runtime.set_all_config({})


def test_an_environment_without_services_is_a_network_three_volumes_a_registry_and_a_gateway(declare: Any) -> None:
    made = declare({})

    assert set(made.of("Network")) == {"group"}
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


def test_every_thing_carries_the_stacks_labels(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST}})

    for kind in ("Network", "Volume", "container:Container"):
        for name, inputs in made.of(kind).items():
            labels = {each["label"]: each["value"] for each in inputs["labels"]}
            assert labels["workbench.project"] == "churn", name
            assert labels["workbench.stack"] == "staging", name
