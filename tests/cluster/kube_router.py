"""What enforces NetworkPolicies in the cluster of the tests: kube-router's firewall as a process beside the node.

It knows one node's pods alone, so that the test's must all be on that one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.cluster import Cluster
from tests.go_programs import ensure_program
from tests.programs import running
from workbench.toolchain.cluster import host
from workbench.toolchain.cluster.layout import SERVICE_NETWORK
from workbench.toolchain.packages import ensure_packages
from workbench.toolchain.process import Log

NAME = "kube-router"
RULES_ARE_WRITTEN = "Restoring IPv4 iptables rules took"
# What it writes, and neither docker nor kube-proxy.
OURS = re.compile(r"KUBE-(ROUTER|POD-FW|NWPLCY|SRC|DST)-")
# It writes back the whole table that it read a moment before, and with it takes back what docker or kube-proxy changed
# meanwhile. Beside those, and beside other tests, it may write its own chains alone.
ITS_OWN_CHAINS = """\
#!/bin/sh
grep --extended-regexp '^([*]|COMMIT|(:|-[AI] )KUBE-(ROUTER|POD-FW|NWPLCY)-)' | {0} --noflush "$@"
"""


@contextmanager
def enforcing(cluster: Cluster, node: str, folder: Path) -> Iterator[None]:
    """Policies of the node's pods hold until the end of the block."""
    ensure_packages(Log("ipset", folder / "ipset.log"), ["ipset"], "a firewall of network policies")
    program = ensure_program(NAME, folder)
    restore = folder / "iptables-restore"
    restore.write_text(ITS_OWN_CHAINS.format(shutil.which("iptables-restore")))
    restore.chmod(0o755)
    command = [
        str(program),
        "--run-router=false",
        "--run-service-proxy=false",
        "--run-firewall=true",
        f"--kubeconfig={cluster.kubeconfig}",
        f"--hostname-override={node}",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--health-port=0",
        "--v=1",
    ]
    path = folder / "kube-router.log"
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    try:
        with running(command, path, lambda: RULES_ARE_WRITTEN in path.read_text(), environment=environment):
            yield
    finally:
        host.remove_rules(OURS)
        left = [
            subprocess.check_output(command, text=True) for command in (["iptables", "-S"], ["ipset", "list", "-name"])
        ]
        assert not OURS.search("".join(left))
