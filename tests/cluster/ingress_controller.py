"""A real ingress controller as a process beside the node: Traefik, as its own chart sets it up.

It listens for http and https on the node's address, and reaches pods on theirs.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightkube import codecs
from lightkube.resources.networking_v1 import IngressClass

from tests.cluster.cluster import Cluster
from tests.go_programs import ensure_program
from toolchain.cluster.layout import NODE_ADDRESS

NAME, VERSION = "traefik", "3.6.12"
PACKAGE = "github.com/traefik/traefik/v3/cmd/traefik"
ADDRESS = NODE_ADDRESS
# An annotation of this controller's: https alone leads to the service.
HTTPS_ALONE = {"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}
SECONDS = 60
CLASS = f"""
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: {NAME}}}
spec: {{controller: traefik.io/ingress-controller}}
"""


@contextmanager
def controlling(cluster: Cluster, folder: Path) -> Iterator[str]:
    """The class of Ingresses that are served until the end of the block."""
    program = ensure_program(NAME, VERSION, PACKAGE, Path(__file__).parent / "modules", folder)
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
    with cluster.client() as client, log.open("wb") as told:
        for each in codecs.load_all_yaml(CLASS):
            client.apply(each, field_manager="tests", force=True)
        process = subprocess.Popen(
            command, env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}, stdout=told, stderr=told
        )
        try:
            _wait(process, log)
            yield NAME
        finally:
            process.terminate()
            process.wait()
            client.delete(IngressClass, NAME)


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, log.read_text()[-2000:]
        connection = http.client.HTTPConnection(ADDRESS, timeout=2)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except OSError:
            assert time.monotonic() < end, log.read_text()[-2000:]
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
