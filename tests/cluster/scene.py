"""A stack in a cluster, and who might call it or be called by it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from lightkube import Client
from lightkube.resources.core_v1 import Pod, Service

from tests.cluster import probes
from tests.cluster.looking import ready
from tests.cluster.probes import Outside, Probe
from tests.integration.workspace import Workspace
from workbench.toolchain.cluster.layout import API_SERVICE

SCORING, OTHER, COLLECTOR, NAMES = 8000, 9999, 4318, 53
ELSEWHERE = "default"


@dataclass(frozen=True)
class Scene:
    """Beside the service's one pod another in its namespace, one in another namespace, and one outside the cluster."""

    workspace: Workspace
    stack: str
    client: Client
    beside: Probe
    elsewhere: Probe
    outside: Outside
    collector: str
    collector_address: str

    @property
    def namespace(self) -> str:
        return f"churn-{self.stack}"

    @property
    def service(self) -> Probe:
        [name] = ready(self.client, self.stack)
        return probes.of_pod(self.client, self.namespace, name)

    @property
    def url(self) -> str:
        return str(self.workspace.service(self.stack)["scoringUrl"])

    def addresses(self) -> dict[str, str]:
        """All that listens, by who does it on which port."""
        listening: list[tuple[str, Probe, tuple[int, ...]]] = [
            ("service", self.service, (SCORING, OTHER)),
            ("beside", self.beside, (OTHER,)),
            ("elsewhere", self.elsewhere, (OTHER, COLLECTOR)),
            ("outside", self.outside, (OTHER, COLLECTOR, NAMES)),
        ]
        found = {f"{name} {port}": f"{probe.address}:{port}" for name, probe, ports in listening for port in ports}
        return {**found, "service node port": self.url.split("/")[2], "cluster": f"{API_SERVICE}:443"}

    def reached(self, *callers: str) -> dict[str, set[str]]:
        """What each of them reaches, but for itself."""
        addresses = self.addresses()
        found: dict[str, set[str]] = {}
        for caller in callers:
            probe: Probe = getattr(self, caller)
            found[caller] = probe.reached({name: at for name, at in addresses.items() if not name.startswith(caller)})
        return found

    def traces(self) -> int:
        """How often a trace has come to the collector."""
        return sum("POST /v1/traces" in line for line in self.client.log(self.collector, namespace=ELSEWHERE))


@contextmanager
def scene(workspace: Workspace, stack: str, client: Client, outside: Outside) -> Iterator[Scene]:
    """The stack is up; its own image is what the other pods run."""
    image = str(workspace.service(stack)["image"])
    collector = f"collector-{uuid.uuid4().hex[:8]}"
    ports = [{"port": COLLECTOR}]
    service = {"metadata": {"name": collector}, "spec": {"selector": {probes.NAME_LABEL: collector}, "ports": ports}}
    try:
        door = client.create(cast("Service", Service.from_dict(service)), namespace=ELSEWHERE)
        elsewhere = probes.listening_pod(client, ELSEWHERE, collector, image, OTHER, COLLECTOR)
        beside = probes.listening_pod(client, f"churn-{stack}", "beside", image, OTHER)
        made = Scene(
            workspace, stack, client, beside, elsewhere, outside, collector, str(door.spec and door.spec.clusterIP)
        )
        made.service.listen(OTHER)
        yield made
    finally:
        client.delete(Service, collector, namespace=ELSEWHERE)
        client.delete(Pod, collector, namespace=ELSEWHERE)
