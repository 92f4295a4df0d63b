"""What a cluster has beside its nodes: the store, the API server, and who decides what runs where."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from workbench.toolchain.cluster import programs
from workbench.toolchain.cluster.api import Api
from workbench.toolchain.cluster.certificates import ensure_certificates
from workbench.toolchain.cluster.kubeconfig import write_kubeconfig
from workbench.toolchain.cluster.layout import Layout, Ports, choose_ports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workbench.toolchain.cluster.processes import Processes
    from workbench.toolchain.process import Log

ENGINE = "kubernetes"
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def begin(
    log: Log, here: Layout, engine: Path, processes: Processes, api_flags: Mapping[str, object] = MappingProxyType({})
) -> Ports:
    """Start store and API server, with settings for all that come to it; `engine` is the folder of Kubernetes."""
    ensure_certificates(log, here.certificates)
    ports = choose_ports(here)
    here.programs.mkdir(exist_ok=True)
    for name in programs.KUBERNETES:
        link = here.programs / name
        link.unlink(missing_ok=True)
        link.symlink_to(engine / ENGINE)
    for user in ("manager", "scheduler"):
        write_kubeconfig(here, here.settings / f"{user}.kubeconfig", here.certificates, user, ports.api)
    write_kubeconfig(here, here.kubeconfig, here.certificates, "admin", ports.api)
    processes.start(programs.etcd(here, ports))
    processes.start(programs.api_server(here, ports, api_flags))
    return ports


def complete(log: Log, here: Layout, ports: Ports, processes: Processes) -> None:
    """Wait until the API server answers, and start the rest."""
    log.say("waits for the API server")
    processes.wait(Api(here, ports.api).is_ready, "the API server did not answer")
    for program in programs.controllers(here, ports):
        processes.start(program)
