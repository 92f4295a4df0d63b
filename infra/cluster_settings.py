"""Which Kubernetes cluster a stack lives in and how callers come in. Checked here, read by settings.py."""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.errors import InfraError

EXPOSURES = ("nodePort", "ingress", "clusterIP")
HOST = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]{1,5})?")


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """`kubeconfig` empty means KUBECONFIG, else ~/.kube/config; `context` empty means the one that is current there.

    `exposure` is how callers reach services: on a port of each node, by an ingress controller, or inside the cluster
    alone. `host` is the name or address in scoring URLs; empty means a node's own address.
    """

    kubeconfig: str = ""
    context: str = ""
    exposure: str = EXPOSURES[0]
    host: str = ""
    ingress_class: str = ""


def parse_cluster(where: str, keys: dict[str, str]) -> ClusterSettings:
    """Check the keys as Pulumi.yaml names them; `where` opens each error. Raises InfraError."""
    exposure, host = keys["exposure"] or EXPOSURES[0], keys["host"]
    if exposure not in EXPOSURES:
        raise InfraError(f"{where}:exposure is {exposure!r}; it can be {', '.join(EXPOSURES)}")
    if host and not HOST.fullmatch(host):
        raise InfraError(f"{where}:host is {host!r}; it must be a host's name or address, without http://")
    if exposure == "ingress" and not host:
        raise InfraError(f"{where}:host is empty; an ingress needs the name that callers use")
    return ClusterSettings(
        kubeconfig=keys["kubeconfig"],
        context=keys["kubeContext"],
        exposure=exposure,
        host=host,
        ingress_class=keys["ingressClass"],
    )
