"""A real cluster of two nodes on this machine: it comes up, runs pods on both, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.toolchain.cluster.api import Api, wait_until
from workbench.toolchain.cluster.host import _FOLDERS, _SYSCTLS, _WHOLE_FOLDERS
from workbench.toolchain.cluster.layout import Layout, kept_ports, layout
from workbench.toolchain.dockerd import find_docker
from workbench.toolchain.places import PROJECT, Places, find_places

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("whole_machine")

_OURS = re.compile(r"KUBE-|CNI-|workbench-cluster|10\.24[34]\.|10\.96\.")
_PORT = 8080


@dataclass(frozen=True)
class Cluster:
    home: Path
    here: Layout

    def toolchain(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "workbench.toolchain", "cluster", *arguments]
        environment = {**os.environ, "WORKBENCH_HOME": str(self.home)}
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def on_the_host(self) -> dict[str, Any]:
        """What a node can leave outside of its folder; what docker's containers change meanwhile is left out."""
        tables = [(program, table) for program in ("iptables", "ip6tables") for table in ("filter", "nat", "mangle")]
        rules = [_read(program, "--wait", "--table", table, "--list-rules") for program, table in tables]
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        own = (str(self.here.root), "/netns/cni-")
        return {
            "processes": [line for line in _read("ps", "-eo", "args").splitlines() if str(self.here.root) in line],
            "mounts": [line for line in mounts if any(each in line for each in own)],
            "rules": [line for table in rules for line in table.splitlines() if _OURS.search(line)],
            "links": sorted(path.name for path in Path("/sys/class/net").glob("workbench*")),
            "sysctls": {name: (Path("/proc/sys") / name).read_text() for name in _SYSCTLS},
            "control groups": sorted(
                str(path)
                for path in Path("/sys/fs/cgroup").glob("*/*")
                if path.name.startswith(("kubepods", "workbench"))
            ),
            "folders": [name for name in (*_FOLDERS, *_WHOLE_FOLDERS) if Path(name).exists()],
            "own folder": self.here.root.exists(),
        }

    def api(self) -> Api:
        ports = kept_ports(self.here)
        assert ports is not None
        return Api(self.here, ports.api)


def _read(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    mine = find_places()
    home = tmp_path / "home"
    made = Cluster(home, layout(Places(project=mine.project, home=home, cache=mine.cache)))
    yield made
    made.toolchain("down")


def _bring_image(cluster: Cluster, archive: Path) -> str:
    """Bring an image from the docker engine into each node's containerd; return its name there."""
    places = find_places()
    docker, tag = find_docker(places), json.loads(places.image_tags.read_text())["debian"]
    assert docker is not None
    subprocess.run(docker.command("save", "--output", str(archive), tag), check=True)
    for node in cluster.here.nodes(2):
        socket = str(node.containerd_socket)
        _read("ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", str(archive))
    return f"docker.io/library/{tag}"


def _deployment(image: str) -> dict[str, Any]:
    container = {
        "name": "web",
        "image": image,
        "imagePullPolicy": "Never",
        "command": ["python3", "-m", "http.server", str(_PORT)],
        "readinessProbe": {"httpGet": {"path": "/etc/hostname", "port": _PORT}, "periodSeconds": 1},
    }
    labels = {"app": "web"}
    apart = {"topologyKey": "kubernetes.io/hostname", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
    spec = {
        "containers": [container],
        "topologySpreadConstraints": [{**apart, "labelSelector": {"matchLabels": labels}}],
    }
    return {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def _post(api: Api, path: str, document: dict[str, Any]) -> dict[str, Any]:
    answer = api._ask("POST", path, document)
    assert answer is not None, f"{path} refused {document}"
    made: dict[str, Any] = json.loads(answer)
    return made


def test_a_cluster_comes_up_serves_from_pods_of_both_nodes_and_leaves_nothing(cluster: Cluster, tmp_path: Path) -> None:
    before = cluster.on_the_host()
    assert (before["processes"], before["rules"], before["links"]) == ([], [], []), "another cluster is on this machine"

    assert "[cluster] done in" in cluster.toolchain("up")
    assert "[cluster] reused" in cluster.toolchain("up")
    assert "[cluster] done in" in cluster.toolchain("up", "--nodes", "2")
    assert "[cluster] reused" in cluster.toolchain("up")
    api = cluster.api()
    assert [api.node_is_ready(node.name) for node in cluster.here.nodes(3)] == [True, True, False]

    image = _bring_image(cluster, tmp_path / "image.tar")
    deployments = "apis/apps/v1/namespaces/default/deployments"
    _post(api, deployments, _deployment(image))
    service = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": _PORT}]}}
    address = _post(api, "api/v1/namespaces/default/services", service)["spec"]["clusterIP"]

    def is_available() -> bool:
        status = json.loads(api._ask("GET", f"{deployments}/web") or b"{}")["status"]
        return bool(status.get("availableReplicas") == 2)

    assert wait_until(is_available, 60)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    answered: set[bytes] = set()

    def both_answer() -> bool:
        url = f"http://{address}:{_PORT}/etc/hostname"
        # The proxy writes its rules a moment after the pods are ready.
        with suppress(OSError), direct.open(url, timeout=5) as answer:
            answered.add(answer.read())
        return len(answered) == 2

    assert wait_until(both_answer, 20)
    assert all(each.startswith(b"web-") for each in answered)

    during = cluster.on_the_host()
    assert [name for name in before if during[name] == before[name]] == []
    told = cluster.toolchain("down")
    assert "did not end in time" not in told
    assert cluster.on_the_host() == before
    assert "nothing to end" in cluster.toolchain("down")
