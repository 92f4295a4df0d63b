"""A real Kubernetes cluster: started, found and ended. Runs as root, beside dockerd, and touches it not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import discard, locked, place, write_atomically
from workbench.toolchain.cluster import control, host, programs, settings
from workbench.toolchain.cluster.api import Api, wait_until
from workbench.toolchain.cluster.certificates import ensure_node_certificates
from workbench.toolchain.cluster.control import ENGINE
from workbench.toolchain.cluster.kubeconfig import write_kubeconfig
from workbench.toolchain.cluster.layout import Layout, Ports, kept_ports, layout
from workbench.toolchain.cluster.leftovers import Leftovers, find_leftovers
from workbench.toolchain.cluster.pause_image import write_pause_image
from workbench.toolchain.cluster.processes import Processes
from workbench.toolchain.dockerd import mounts_under
from workbench.toolchain.engines import find_engine
from workbench.toolchain.errors import CommandError, MissingError
from workbench.toolchain.packages import ensure_packages, is_root
from workbench.toolchain.process import read

if TYPE_CHECKING:
    from workbench.toolchain.cluster.node import Node
    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Versions

_EMPTY_SECONDS = 30.0


def running_nodes(places: Places) -> int:
    """Return of how many nodes all programs live; 0 if something of the cluster is dead."""
    here = layout(places)
    processes = Processes(here)
    if processes.dead((*control.PROGRAMS, "kube-proxy", *processes.started)):
        return 0
    return sum(not processes.dead(node.programs) for node in here.nodes())


def ensure_cluster(log: Log, places: Places, versions: Versions, count: int = 1) -> bool:
    """Have at least `count` nodes that take pods; return whether anything had to be started.

    Raises:
        MissingError: we are not root, a program is missing, or one ended.

    """
    here = layout(places)
    with locked(places.home / ".cluster.lock", lambda: log.say("waits for another set-up's cluster")):
        found = running_nodes(places)
        if found >= count:
            return False
        if not is_root():
            raise MissingError("only root can start a node; name a cluster of yours by KUBECONFIG instead")
        ensure_packages(log, versions.debian.cluster, "a cluster")
        engine = find_engine(versions.engines[ENGINE], places)
        if engine is None:
            raise MissingError(f"{ENGINE} is not built yet; run `python3 -m workbench.toolchain build {ENGINE}`")
        if found:
            _extend(log, here, engine.folder, here.nodes(count)[found:])
        else:
            # What the store remembers of a cluster that was not ended comes up again, its other nodes too.
            before = sum(node.settings.exists() for node in here.nodes())
            _start(log, here, engine.folder, here.nodes(max(count, before)))
        return True


def remove_cluster(log: Log, places: Places) -> bool:
    """End our cluster with all that runs in it, and leave the host as it was; return whether there was one."""
    here = layout(places)
    with locked(places.home / ".cluster.lock", lambda: log.say("waits for another set-up's cluster")):
        if not here.root.exists():
            return False
        if here.notes.exists():  # else a start was refused before it changed anything
            processes, ports = Processes(here), kept_ports(here)
            left = _leftovers(here)
            if ports and processes.is_alive("kube-apiserver"):
                _empty(log, here, ports)
            log.say("stopping the cluster")
            _end(processes, here, left)
            host.restore(here.notes, here.nodes())
        discard(here.root)
        return True


def _end(processes: Processes, here: Layout, left: Leftovers) -> None:
    """End the programs and all containers, and remove what those leave outside of our folder."""
    processes.stop()
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    for mount in (*mounts_under(here.root, mounts), *(str(namespace) for namespace in left.namespaces)):
        host.unmount(mount)
    left.remove(here.root)
    host.remove_control_groups()


def _start(log: Log, here: Layout, engine: Path, nodes: tuple[Node, ...]) -> None:
    processes = Processes(here)
    here.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    host.prepare(here.notes, nodes)
    _end(processes, here, _leftovers(here))  # a cluster that is not whole; a reboot leaves one
    ports = control.begin(log, here, engine, processes)
    _start_containerds(log, here, ports, processes, nodes)
    _import_pause(log, here, engine, processes, nodes)
    control.complete(log, here, ports, processes)
    for path, text in settings.proxy_settings(here, ports).items():
        write_atomically(path, text)
    write_kubeconfig(here, here.settings / "proxy.kubeconfig", here.certificates, "proxy", ports.api)
    processes.start(programs.proxy(here))
    _start_kubelets(log, here, ports, processes, nodes)


def _extend(log: Log, here: Layout, engine: Path, nodes: tuple[Node, ...]) -> None:
    """Start more nodes of a cluster that runs."""
    processes, ports = Processes(here), kept_ports(here)
    if ports is None:
        raise MissingError(f"{here.ports} is gone; run `python3 -m workbench.toolchain cluster down` and start anew")
    host.prepare(here.notes, nodes)
    _start_containerds(log, here, ports, processes, nodes)
    _import_pause(log, here, engine, processes, nodes)
    _start_kubelets(log, here, ports, processes, nodes)


def _start_containerds(log: Log, here: Layout, ports: Ports, processes: Processes, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        ensure_node_certificates(log, node)
        for path, text in settings.node_settings(here, node, ports).items():
            write_atomically(path, text)
        write_kubeconfig(here, node.settings / "kubelet.kubeconfig", node.certificates, "kubelet", ports.api)
        host.make_control_group(node)
        processes.start(programs.containerd(node))


def _start_kubelets(log: Log, here: Layout, ports: Ports, processes: Processes, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        processes.start(programs.kubelet(here, node))
    api = Api(here, ports.api)
    for node in nodes:
        log.say(f"waits for the node {node.name}")
        ready = partial(api.node_is_ready, node.name)
        processes.wait(ready, f"the node {node.name} did not become ready")


def _import_pause(log: Log, here: Layout, engine: Path, processes: Processes, nodes: tuple[Node, ...]) -> None:
    archive = here.root / "pause.tar"
    if not archive.exists():
        place(archive, lambda target: write_pause_image(engine / "pause", target))
    for node in nodes:
        client = ["/usr/bin/ctr", "--address", str(node.containerd_socket), "--namespace", "k8s.io"]
        processes.wait(partial(_answers, client), f"{node.programs[0]} did not answer")
        log.run([*client, "images", "import", archive])


def _answers(client: list[str]) -> bool:
    try:
        read([*client, "version"])
    except CommandError:
        return False
    return True


def _leftovers(here: Layout) -> Leftovers:
    return find_leftovers(node.containerd_state for node in here.nodes())


def _empty(log: Log, here: Layout, ports: Ports) -> None:
    """End what runs in the cluster while there is still a kubelet to take its networks away."""
    log.say("ending what runs in the cluster")
    api = Api(here, ports.api)
    api.delete_workloads()

    def is_empty() -> bool:
        return not api.delete_pods() and not _leftovers(here).ids

    if not wait_until(is_empty, _EMPTY_SECONDS):
        log.say("some pods did not end in time; they are ended with their containerd")
