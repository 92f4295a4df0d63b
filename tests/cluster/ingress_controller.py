"""A real ingress controller as a process beside the node: Traefik, as its own chart sets it up.

It listens for http and https on the node's address, and reaches pods on theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightkube import codecs
from lightkube.resources.networking_v1 import IngressClass

from tests.cluster.cluster import Cluster
from tests.go_programs import ensure_program
from tests.programs import answers, running
from workbench.toolchain.cluster.layout import NODE_ADDRESS

NAME = "traefik"
ADDRESS = NODE_ADDRESS
# An annotation of this controller's: https alone leads to the service.
HTTPS_ALONE = {"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}
CLASS = f"""
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: {NAME}}}
spec: {{controller: traefik.io/ingress-controller}}
"""


@contextmanager
def controlling(cluster: Cluster, folder: Path) -> Iterator[str]:
    """The class of Ingresses that are served until the end of the block."""
    program = ensure_program(NAME, folder)
    command = [
        str(program),
        f"--entrypoints.web.address={ADDRESS}:80",
        f"--entrypoints.websecure.address={ADDRESS}:443",
        "--entrypoints.websecure.http.tls=true",
        "--providers.kubernetesingress=true",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ]
    log = folder / f"{NAME}-serving.log"
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    with cluster.client() as client:
        for each in codecs.load_all_yaml(CLASS):
            client.apply(each, field_manager="tests", force=True)
        try:
            with running(command, log, lambda: answers(f"http://{ADDRESS}/"), environment=environment):
                yield NAME
        finally:
            client.delete(IngressClass, NAME)
