"""The guard by itself: what it stops, and when. `tests/integration/test_pull_request.py` has it in a real program."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any

import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as kubernetes
import pytest

from workbench.components.cluster_settings import ClusterSettings
from workbench.components.errors import InfraError
from workbench.components.guard import Guard, spelt
from workbench.components.settings import Settings
from workbench.policies.release_rules import Release
from workbench.policies.settings import PolicySettings
from workbench.policies.unknown import UNKNOWN

GOOD: dict[str, Any] = {
    "image": "127.0.0.1:5000/churnpred@sha256:" + "a" * 64,
    "user": "10001",
    "read_only": True,
    "cpus": "1.0",
    "memory": 512,
    "security_opts": ["no-new-privileges:true"],
}


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    """In an `up`; `previewing` makes it a preview."""
    monkeypatch.setattr(pulumi.runtime, "register_stack_transformation", lambda _: None)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    return Guard(
        Settings(
            project="churn",
            stack="staging",
            engine="docker",
            gateway_address="127.0.0.1",
            gateway_port=8080,
            registry_port=5000,
            cluster=ClusterSettings(),
            registry=None,
            services=(),
        )
    )


@pytest.fixture
def previewing(monkeypatch: pytest.MonkeyPatch, guard: Guard) -> Guard:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    return guard


def watch(guard: Guard, **other: Any) -> pulumi.ResourceTransformationResult | None:
    """What Pulumi calls before it asks the engine for a resource."""
    resource: Any = None
    return guard._watch(
        pulumi.ResourceTransformationArgs(
            resource, "docker:index/container:Container", "it", {**GOOD, **other}, pulumi.ResourceOptions()
        )
    )


def test_what_breaks_no_rule_goes_on_as_it_is(guard: Guard) -> None:
    found = watch(guard)

    assert found is not None
    assert found.props == GOOD
    guard.settle()


def test_an_up_stops_before_the_engine_is_asked_for_the_container(guard: Guard) -> None:
    with pytest.raises(InfraError, match="policy non-root: container without a name runs as user 'root'"):
        watch(guard, user="root")


def test_a_preview_tells_all_that_is_wrong_at_its_end(previewing: Guard) -> None:
    watch(previewing, user="root")
    watch(previewing, memory=None)

    with pytest.raises(InfraError) as caught:
        previewing.settle()

    assert "policy non-root" in str(caught.value)
    assert "policy limits" in str(caught.value)


@pytest.mark.parametrize("image", ["127.0.0.1:5000/churnpred:latest", GOOD["image"]])
def test_what_only_an_up_knows_is_judged_when_it_is_known(guard: Guard, image: str) -> None:
    async def made() -> str:
        found = watch(guard, image=pulumi.Output.from_input(image))
        assert found is not None
        try:
            await pulumi.Output.from_input(found.opts.depends_on).future()
        except InfraError as error:
            return str(error)
        return ""

    told = asyncio.run(made())

    assert ("policy digest-only" in told) is image.endswith(":latest")


async def text(value: str) -> str:
    return value


@pytest.mark.parametrize("image", ["127.0.0.1:5000/churnpred:latest", GOOD["image"]])
def test_what_a_coroutine_gives_is_judged_and_still_reaches_the_engine(guard: Guard, image: str) -> None:
    async def made() -> tuple[str, str]:
        found = watch(guard, image=text(image))
        assert found is not None
        given = str(await pulumi.Output.from_input(found.props["image"]).future())
        try:
            await pulumi.Output.from_input(found.opts.depends_on).future()
        except InfraError as error:
            return given, str(error)
        return given, ""

    given, told = asyncio.run(made())

    assert given == image
    assert ("policy digest-only" in told) is image.endswith(":latest")


def test_coroutines_within_lists_mappings_and_arguments_are_judged(guard: Guard) -> None:
    async def mounts() -> list[docker.ContainerMountArgs]:
        return [docker.ContainerMountArgs(target="/x", type="bind", source=text("/srv"))]

    async def told(**other: Any) -> str:
        found = watch(guard, **other)
        assert found is not None
        with pytest.raises(InfraError) as caught:
            await pulumi.Output.from_input(found.opts.depends_on).future()
        guard._refused.clear()
        return str(caught.value)

    async def all_told() -> list[str]:
        within = docker.ContainerMountArgs(target="/x", type="volume", source=text("/srv"))
        return [
            await told(mounts=[within]),
            await told(mounts=[{"type": "volume", "source": text("/srv")}]),
            await told(mounts=mounts()),
            await told(mounts=pulumi.Output.from_input(0).apply(lambda _: mounts())),
            await told(envs=[asyncio.ensure_future(text("PGPASSWORD=hunter2"))]),
        ]

    *mounted, named = asyncio.run(all_told())
    assert all(line.startswith("policy no-host-mounts:") for line in mounted)
    assert named.startswith("policy no-plain-secrets:")


class Mode(str, Enum):  # noqa: UP042 - its str() is not its value
    """As providers' own enumerations are."""

    HOST = "host"


def test_a_member_of_an_enumeration_is_judged_by_its_value(guard: Guard) -> None:
    with pytest.raises(InfraError, match="policy no-host-namespaces"):
        watch(guard, network_mode=Mode.HOST)


def test_an_input_of_a_type_that_no_rule_reads_is_refused(guard: Guard) -> None:
    with pytest.raises(InfraError, match=r"policy readable: .* mounts is a mapping, not a list"):
        watch(guard, mounts={"type": "bind", "source": "/", "target": "/x"})


KUBERNETES = "kubernetes:core/v1:Pod"


def watch_pod(guard: Guard, spec: Any) -> pulumi.ResourceTransformationResult | None:
    resource: Any = None
    props = {"api_version": "v1", "kind": "Pod", "metadata": {"name": "it"}, "spec": spec}
    return guard._watch(pulumi.ResourceTransformationArgs(resource, KUBERNETES, "it", props, pulumi.ResourceOptions()))


def test_a_pods_own_arguments_are_judged_whatever_their_spelling(guard: Guard) -> None:
    container = kubernetes.core.v1.ContainerArgs(name="it")

    with pytest.raises(InfraError, match="policy no-host-namespaces: container it/it shares namespaces"):
        watch_pod(guard, kubernetes.core.v1.PodSpecArgs(containers=[container], host_pid=True))


def test_arguments_that_only_an_up_knows_are_judged_by_all_that_is_in_them(guard: Guard) -> None:
    async def made() -> str:
        spec = kubernetes.core.v1.PodSpecArgs(
            containers=[kubernetes.core.v1.ContainerArgs(name="it")],
            volumes=[
                kubernetes.core.v1.VolumeArgs(
                    name="x", host_path=kubernetes.core.v1.HostPathVolumeSourceArgs(path="/run/docker.sock")
                )
            ],
        )
        found = watch_pod(guard, pulumi.Output.from_input(0).apply(lambda _: spec))
        assert found is not None
        with pytest.raises(InfraError) as caught:
            await pulumi.Output.from_input(found.opts.depends_on).future()
        return str(caught.value)

    assert "policy no-engine-socket: container it/it mounts the engine's socket" in asyncio.run(made())


@pytest.mark.parametrize("kind", ["kubernetes:helm.sh/v3:Chart", "kubernetes:yaml/v2:ConfigFile"])
def test_what_may_declare_anything_is_refused_before_it_does(guard: Guard, kind: str) -> None:
    resource: Any = None
    with pytest.raises(InfraError, match=f"policy known-kinds: resource without a name of type {kind}"):
        guard._watch(pulumi.ResourceTransformationArgs(resource, kind, "it", {}, pulumi.ResourceOptions()))


def test_what_is_only_looked_up_is_not_judged(guard: Guard) -> None:
    resource: Any = None
    opts = pulumi.ResourceOptions(id="an-id")

    assert guard._watch(pulumi.ResourceTransformationArgs(resource, KUBERNETES, "it", {}, opts)) is None


def test_what_a_service_is_pinned_to_is_judged_before_anything_is_declared(guard: Guard) -> None:
    built_here = Release(
        project="churn",
        stack="prod",
        service="churnpred",
        manifest="sha256:" + "b" * 64,
        policies=PolicySettings(promoted_from="staging"),
    )

    with pytest.raises(InfraError, match="policy promoted: service churnpred is built here"):
        guard.admit([built_here])


def test_inputs_are_spelt_as_the_engine_spells_them() -> None:
    label = docker.ContainerLabelArgs(label="workbench.service", value="churnpred")

    found = spelt({"read_only": True, "labels": [label], "memory": None, "env": {"APP_TOKEN": "x"}})

    labels = [{"label": "workbench.service", "value": "churnpred"}]
    assert found == {"readOnly": True, "labels": labels, "env": {"APP_TOKEN": "x"}}


def test_an_output_is_unknown_until_it_is_told() -> None:
    async def both() -> tuple[Any, Any]:
        output = pulumi.Output.from_input("x")
        return spelt({"image": output})["image"], spelt({"image": output}, {id(output): "x"})["image"]

    assert asyncio.run(both()) == (UNKNOWN, "x")
