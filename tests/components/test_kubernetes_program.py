"""The whole program against Pulumi's mocks, for a stack in a cluster: what it declares, for speed beside a real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from tests.components.test_program import DIGEST, MANIFEST, Recorder, run_program
from workbench.clusters import cluster
from workbench.clusters.cluster import Cluster, ClusterError, Found
from workbench.components import manifests
from workbench.components.errors import InfraError
from workbench.components.images import base_images
from workbench.registry.manifests.manifest import Manifest

pytestmark = pytest.mark.usefixtures("program_loop")
ONE = {"churnpred": {"manifest": MANIFEST}}


@pytest.fixture
def declare(
    manifest: Manifest, images: base_images.BaseImages, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Recorder]]:
    """Run the program with services and keys of the stack's file; gives the recorder."""
    monkeypatch.setattr(manifests, "read", lambda _: manifest)
    monkeypatch.setattr(base_images, "load", lambda: images)
    monkeypatch.setattr(cluster, "find", lambda kubeconfig, context: Cluster(kubeconfig, context or "here"))
    monkeypatch.setattr(Cluster, "look", lambda _: Found("9f1c", "10.0.0.7"))

    def run(services: dict[str, Any], **config: str) -> Recorder:
        keys = {"engine": "kubernetes", "gatewayPort": "8080", "registryPort": "5000", **config}
        return run_program({**keys, "services": json.dumps(services)})

    yield run
    pulumi.runtime.set_all_config({})


def deployment(made: Recorder) -> dict[str, Any]:
    [found] = made.of("apps/v1:Deployment").values()
    return found


def test_a_stack_is_a_namespace_that_admits_restricted_pods_and_is_closed(declare: Any) -> None:
    made = declare({})

    [namespace] = made.of("core/v1:Namespace").values()
    assert namespace["metadata"]["name"] == "churn-staging"
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"]["name"] for each in made.of("NetworkPolicy").values()} == {"closed", "callers"}
    assert set(made.of("core/v1:ResourceQuota")) == {"group-quota"}


def test_a_service_is_a_deployment_by_digest_that_never_has_fewer_pods_than_it_needs(declare: Any) -> None:
    found = deployment(declare(ONE))

    [container] = found["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"127.0.0.1:5000/churnpred@{DIGEST}"
    assert found["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert found["spec"]["replicas"] == 1
    assert found["metadata"]["namespace"] == "churn-staging"


def test_the_number_of_replicas_is_left_to_the_autoscaler_where_there_is_one(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST, "replicas": 2, "autoscaleMaxReplicas": 5}})

    assert "replicas" not in deployment(made)["spec"]
    [scaler] = made.of("HorizontalPodAutoscaler").values()
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 5)
    assert scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 70


@pytest.mark.parametrize(
    ("services", "config", "said"),
    [
        (ONE, {"exposure": "nodePort"}, "nodePort: callers' keys and data cross the network in clear"),
        (ONE, {}, "nodePort: callers' keys"),
        (ONE, {"exposure": "ingress", "host": "models.example"}, "ingress without tlsSecret: callers' keys and data"),
        (ONE, {"exposure": "ingress", "host": "models.example", "tlsSecret": "models"}, ""),
        (ONE, {"exposure": "clusterIP"}, ""),
        ({}, {"exposure": "nodePort"}, ""),
    ],
)
def test_keys_that_cross_the_network_in_clear_are_told_once_in_one_line(
    declare: Any, monkeypatch: pytest.MonkeyPatch, services: Any, config: dict[str, str], said: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi, "warn", told.append)
    declare(services, **config)
    assert len(told) == bool(said)
    assert all(line.startswith("Pulumi.staging.yaml: ") and said in line and "\n" not in line for line in told)


@pytest.mark.parametrize(
    ("config", "kind", "url"),
    [
        ({"exposure": "nodePort"}, "NodePort", "http://10.0.0.7:0"),
        ({"exposure": "nodePort", "host": "models.example"}, "NodePort", "http://models.example:0"),
        ({"exposure": "ingress", "host": "models.example"}, "ClusterIP", "http://models.example"),
    ],
)
def test_callers_come_in_where_the_stacks_file_says(declare: Any, config: dict[str, str], kind: str, url: str) -> None:
    made = declare(ONE, **config)

    [service] = made.of("core/v1:Service").values()
    [route] = made.of("ClusterRoute").values()
    assert (service["spec"]["type"], route["scoringUrl"]) == (kind, f"{url}/api/v1/service/churnpred/score")
    assert len(made.of("Ingress")) == (config["exposure"] == "ingress")


def test_an_ingress_with_a_secret_serves_https_for_its_host_as_its_annotations_say(declare: Any) -> None:
    issuer = {"cert-manager.io/cluster-issuer": "team"}
    host = {"exposure": "ingress", "host": "models.example:8443"}

    made = declare(ONE, **host, tlsSecret="models-tls", ingressAnnotations=json.dumps(issuer))

    [ingress] = made.of("Ingress").values()
    assert ingress["spec"]["tls"] == [{"hosts": ["models.example"], "secretName": "models-tls"}]
    assert ingress["metadata"]["annotations"].items() > issuer.items()
    [route] = made.of("ClusterRoute").values()
    assert route["scoringUrl"] == "https://models.example:8443/api/v1/service/churnpred/score"


def test_a_name_with_a_dot_is_one_that_kubernetes_takes_everywhere(declare: Any) -> None:
    made = declare({"churn.pred": {"manifest": MANIFEST}})

    names = {
        deployment(made)["metadata"]["name"],
        *(each["metadata"]["name"] for each in made.of("core/v1:Service").values()),
    }
    [name] = names
    assert name.startswith("s-churn-pred-")


def test_a_registry_of_others_has_its_login_shown_by_nodes_and_starts_no_container_here(declare: Any) -> None:
    made = declare(ONE, registryAddress="registry.example/churn", registryUser="me", registryPassword="s3cret")

    assert made.of("container:Container") == {}
    [image] = made.of("RegistryImage").values()
    assert image["name"].startswith("registry.example/churn/churnpred:")
    spec = deployment(made)["spec"]["template"]["spec"]
    assert spec["imagePullSecrets"] == [{"name": "churnpred-registry"}]


def test_a_collector_of_traces_is_the_one_thing_that_pods_may_reach(declare: Any) -> None:
    made = declare({"churnpred": {"manifest": MANIFEST, "otlpEndpoint": "https://collector.example/otlp"}})

    policy = made.of("NetworkPolicy")["churnpred-collector"]
    assert [port["port"] for port in policy["spec"]["egress"][0]["ports"]] == [443, 53, 53]


def test_a_cluster_that_cannot_be_reached_stops_the_program_before_anything_is_declared(
    declare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_: Cluster) -> Found:
        raise ClusterError("the cluster of context 'here' cannot be reached: refused")

    monkeypatch.setattr(Cluster, "look", look)

    with pytest.raises(InfraError, match=r"^Pulumi.staging.yaml: the cluster of context 'here' cannot be reached"):
        declare(ONE)


def test_another_cluster_under_the_same_name_is_refused(declare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    group = {"urn:pulumi:staging::churn::churn:infra:ResourceGroup::group": {"outputs": {"cluster": "0000"}}}
    monkeypatch.setattr(Recorder, "call", lambda _self, _args: ({"outputs": group}, []))

    with pytest.raises(InfraError, match="is another cluster"):
        declare(ONE)
