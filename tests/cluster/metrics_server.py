"""The cluster's own measure of its pods, which autoscalers read: metrics-server as a process beside the node.

A Service without pods leads to it, on the node's address, and the API server asks it as it does any extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from lightkube import codecs
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_global_resource
from lightkube.resources.apiregistration_v1 import APIService
from lightkube.resources.core_v1 import Service
from lightkube.resources.discovery_v1 import EndpointSlice

from tests.cluster.cluster import Cluster
from tests.go_programs import ensure_program
from tests.programs import running
from workbench.toolchain.cluster.layout import NODE_ADDRESS

NAME = "metrics-server"
PORT = 16_443
Nodes = create_global_resource("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes")
OBJECTS = f"""
apiVersion: v1
kind: Service
metadata: {{name: {NAME}, namespace: kube-system}}
spec: {{ports: [{{name: https, port: 443, targetPort: {PORT}}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {NAME}, namespace: kube-system, labels: {{kubernetes.io/service-name: {NAME}}}}}
addressType: IPv4
ports: [{{name: https, port: {PORT}, protocol: TCP}}]
endpoints: [{{addresses: [{NODE_ADDRESS}], conditions: {{ready: true}}}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {{name: v1beta1.metrics.k8s.io}}
spec:
  service: {{name: {NAME}, namespace: kube-system}}
  group: metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
"""


@contextmanager
def measuring(cluster: Cluster, folder: Path) -> Iterator[None]:
    """Pods are measured until the end of the block."""
    program = ensure_program(NAME, folder)
    known = [f"--{each}kubeconfig={cluster.kubeconfig}" for each in ("", "authentication-", "authorization-")]
    command = [
        str(program),
        *known,
        f"--bind-address={NODE_ADDRESS}",
        f"--secure-port={PORT}",
        f"--cert-dir={folder}",
        "--kubelet-preferred-address-types=InternalIP",
        "--kubelet-use-node-status-port",
        "--kubelet-insecure-tls",
        "--metric-resolution=10s",
        "--kubelet-request-timeout=5s",
    ]

    def measures() -> bool:
        try:
            with cluster.client() as client:
                return bool(list(client.list(Nodes)))
        except (ApiError, httpx2.HTTPError):
            return False  # the API server has not found it yet

    try:
        with cluster.client() as client:
            for each in codecs.load_all_yaml(OBJECTS):
                client.apply(each, field_manager="tests", force=True)
        with running(command, folder / "metrics-server.log", measures):
            yield
    finally:
        with cluster.client() as client:
            client.delete(APIService, "v1beta1.metrics.k8s.io")
            client.delete(EndpointSlice, NAME, namespace="kube-system")
            client.delete(Service, NAME, namespace="kube-system")
