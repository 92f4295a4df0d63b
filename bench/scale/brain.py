"""A cluster without a node: a real API server, scheduler and controllers on loopback, for nodes that are pretended.

It needs neither root nor networks of its own, and so runs beside any other cluster of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.toolchain.cluster import control
from workbench.toolchain.cluster.layout import LOOPBACK, Layout
from workbench.toolchain.cluster.processes import Processes
from workbench.toolchain.engines import find_engine
from workbench.toolchain.places import find_places
from workbench.toolchain.process import Log
from workbench.toolchain.versions import read_versions

# Debian's etcd is too old for watches without a version to be answered from the cache; kwok asks for such.
_FLAGS = {"watch-cache-sizes": "pods#0,nodes#0,leases.coordination.k8s.io#0"}


@contextmanager
def brain(root: Path) -> Iterator[Path]:
    """Give its kubeconfig until the end of the block. Raises RuntimeError where Kubernetes is not built yet."""
    engine = find_engine(read_versions().engines[control.ENGINE], find_places())
    if engine is None:
        raise RuntimeError(f"run `python3 -m workbench.toolchain build {control.ENGINE}` first")
    here = Layout(root, address=LOOPBACK)
    root.mkdir(mode=0o700)
    log, processes = Log("cluster", root / "start.log"), Processes(here)
    try:
        ports = control.begin(log, here, engine.folder, processes, _FLAGS)
        control.complete(log, here, ports, processes)
        yield here.kubeconfig
    finally:
        processes.stop()
