"""Which Kubernetes cluster a stack lives in and how callers come in. Checked here, read by settings.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.components.errors import InfraError

EXPOSURES = ("nodePort", "ingress", "clusterIP")
KEYS = ("kubeconfig", "kubeContext", "exposure", "host", "ingressClass", "tlsSecret")
HOST = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]{1,5})?")
# As Kubernetes has it for objects' names and for the hosts of an Ingress; the latter can't be addresses.
DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
ADDRESS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """`kubeconfig` empty means KUBECONFIG, else ~/.kube/config; `context` empty means the one that is current there.

    `exposure` is how callers reach services: on a port of each node, by an ingress controller, or inside the cluster
    alone. `host` is the name or address in scoring URLs; empty means a node's own address. `tls_secret` is the Secret
    by which the controller speaks TLS for it; empty means that it doesn't.
    """

    kubeconfig: str = ""
    context: str = ""
    exposure: str = EXPOSURES[0]
    host: str = ""
    ingress_class: str = ""
    tls_secret: str = ""
    ingress_annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        """What URLs begin with: `https` where the controller has a certificate."""
        return "https" if self.tls_secret else "http"


def parse_cluster(where: str, keys: dict[str, str], annotations: object = None) -> ClusterSettings:
    """Check the keys as Pulumi.yaml names them, and ingressAnnotations; `where` opens each error. Raises InfraError."""
    exposure, host = keys["exposure"] or EXPOSURES[0], keys["host"]
    if exposure not in EXPOSURES:
        raise InfraError(f"{where}:exposure is {exposure!r}; it can be {', '.join(EXPOSURES)}")
    if host and not HOST.fullmatch(host):
        raise InfraError(f"{where}:host is {host!r}; it must be a host's name or address, without http://")
    found = ClusterSettings(
        kubeconfig=keys["kubeconfig"],
        context=keys["kubeContext"],
        exposure=exposure,
        host=host,
        ingress_class=keys["ingressClass"],
        tls_secret=keys["tlsSecret"],
        ingress_annotations=_annotations(f"{where}:ingressAnnotations", annotations or {}),
    )
    _check_ingress(where, found)
    return found


def _check_ingress(where: str, settings: ClusterSettings) -> None:
    """Refuse what no Ingress can be, and what only an Ingress can have."""
    if settings.exposure != "ingress":
        for key, value in (("tlsSecret", settings.tls_secret), ("ingressAnnotations", settings.ingress_annotations)):
            if value:
                raise InfraError(
                    f"{where}:{key} is set, but exposure is {settings.exposure!r}; set exposure to ingress, or take "
                    f"{key} out"
                )
        return
    name = settings.host.partition(":")[0]
    if not name:
        raise InfraError(f"{where}:host is empty; an ingress needs the name that callers use")
    if not DNS_NAME.fullmatch(name) or ADDRESS.fullmatch(name):
        raise InfraError(f"{where}:host is {settings.host!r}; an ingress needs a DNS name in small letters")
    if settings.tls_secret and not DNS_NAME.fullmatch(settings.tls_secret):
        raise InfraError(
            f"{where}:tlsSecret is {settings.tls_secret!r}; it must be the name of a Secret in the stack's namespace"
        )


def _annotations(where: str, given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise InfraError(f"{where} is {given!r}; it maps an annotation's name to its text")
    for name, value in given.items():
        if not isinstance(value, str):
            raise InfraError(f"{where}: {name} is {value!r}; an annotation is a text, put it in quotes")
    return given
