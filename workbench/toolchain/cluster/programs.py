"""What each program of the cluster is started with. Pure: argument lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.toolchain.cluster.layout import LOOPBACK, NODE_ADDRESS, POD_NETWORK, SERVICE_NETWORK
from workbench.toolchain.cluster.node import NODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.toolchain.cluster.layout import Layout, Ports
    from workbench.toolchain.cluster.node import Node

# The five programs that the one binary is, by the name it is called by.
KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")


@dataclass(frozen=True)
class Program:
    """A name and its command line."""

    name: str
    command: tuple[str, ...]


def containerd(node: Node) -> Program:
    return Program(node.programs[0], ("/usr/bin/containerd", "--config", str(node.settings / "containerd.toml")))


def kubelet(here: Layout, node: Node) -> Program:
    flags = {
        "config": node.settings / "kubelet.json",
        "kubeconfig": node.settings / "kubelet.kubeconfig",
        "hostname-override": node.name,
        "node-ip": node.address,
        "root-dir": node.kubelet,
        "cert-dir": node.certificates,
    }
    return Program(node.programs[1], _kubernetes(here, "kubelet", flags).command)


def etcd(here: Layout, ports: Ports) -> Program:
    """Return the store; no certificates, since it listens on loopback alone, where only root's programs look."""
    client, peer = f"http://{LOOPBACK}:{ports.etcd}", f"http://{LOOPBACK}:{ports.etcd_peer}"
    command = ["/usr/bin/etcd", f"--name={NODE}", f"--data-dir={here.root / 'etcd'}"]
    command += [f"--listen-client-urls={client}", f"--advertise-client-urls={client}"]
    command += [f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"]
    command += [
        f"--initial-cluster={NODE}={peer}",
        "--auto-compaction-retention=1h",
        "--logger=zap",
        "--log-level=warn",
    ]
    # A test's cluster may lose the last second of its life; syncing each write to a slow disk costs more.
    return Program("etcd", (*command, "--unsafe-no-fsync"))


def api_server(here: Layout, ports: Ports, more: Mapping[str, object]) -> Program:
    """Return the API server; `more` are flags beside those that every cluster here has."""
    pki = here.certificates
    flags = {
        "etcd-servers": f"http://{LOOPBACK}:{ports.etcd}",
        "bind-address": here.address,
        "advertise-address": NODE_ADDRESS,
        "secure-port": ports.api,
        "tls-cert-file": pki / "api.crt",
        "tls-private-key-file": pki / "api.key",
        "client-ca-file": pki / "ca.crt",
        "cert-dir": pki,
        "kubelet-client-certificate": pki / "api-to-kubelet.crt",
        "kubelet-client-key": pki / "api-to-kubelet.key",
        "kubelet-certificate-authority": pki / "ca.crt",
        "kubelet-preferred-address-types": "InternalIP,Hostname",
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "service-account-key-file": pki / "accounts.pub",
        "service-account-signing-key-file": pki / "accounts.key",
        "service-cluster-ip-range": SERVICE_NETWORK,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",
        "event-ttl": "1h",
        "shutdown-delay-duration": "0s",
        "requestheader-client-ca-file": pki / "front-ca.crt",
        "requestheader-allowed-names": "front",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "proxy-client-cert-file": pki / "front.crt",
        "proxy-client-key-file": pki / "front.key",
        # To extensions by their endpoints: the proxy may be half a minute late when others write rules too.
        "enable-aggregator-routing": "true",
    }
    return _kubernetes(here, "kube-apiserver", {**flags, **more})


def proxy(here: Layout) -> Program:
    return _kubernetes(here, "kube-proxy", {"config": here.settings / "proxy.json"})


def controllers(here: Layout, ports: Ports) -> tuple[Program, ...]:
    """Return what starts once the API server answers, and needs no node."""
    pki = here.certificates
    manager = {
        **_known_as(here, "manager"),
        "bind-address": LOOPBACK,
        "secure-port": ports.manager,
        "leader-elect": "false",
        "use-service-account-credentials": "true",
        "root-ca-file": pki / "ca.crt",
        "service-account-private-key-file": pki / "accounts.key",
        "cluster-signing-cert-file": pki / "ca.crt",
        "cluster-signing-key-file": pki / "ca.key",
        "flex-volume-plugin-dir": here.root / "kubelet" / "plugins",
        "cluster-cidr": POD_NETWORK,
        "service-cluster-ip-range": SERVICE_NETWORK,
        "horizontal-pod-autoscaler-sync-period": "5s",
        "horizontal-pod-autoscaler-downscale-stabilization": "15s",
    }
    scheduler = {
        **_known_as(here, "scheduler"),
        "bind-address": LOOPBACK,
        "secure-port": ports.scheduler,
        "leader-elect": "false",
    }
    return (
        _kubernetes(here, "kube-controller-manager", manager),
        _kubernetes(here, "kube-scheduler", scheduler),
    )


def _kubernetes(here: Layout, name: str, flags: dict[str, object]) -> Program:
    return Program(name, (str(here.programs / name), *(f"--{flag}={value}" for flag, value in flags.items())))


def _known_as(here: Layout, user: str) -> dict[str, object]:
    names = ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    return dict.fromkeys(names, here.settings / f"{user}.kubeconfig")
