"""The settings files of the cluster's programs. Pure: their text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.toolchain.cluster.layout import LOOPBACK, NODE_NETWORK, PAUSE, POD_NETWORK
from workbench.toolchain.cluster.node import NODE

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.cluster.layout import Layout, Ports
    from workbench.toolchain.cluster.node import Node

_CNI = "/usr/lib/cni"


def proxy_settings(here: Layout, ports: Ports) -> dict[Path, str]:
    return {here.settings / "proxy.json": _json(_proxy(here, ports))}


def node_settings(here: Layout, node: Node, ports: Ports) -> dict[Path, str]:
    """Return the text of each file."""
    return {
        node.settings / "containerd.toml": _containerd(node),
        node.network / "plugins" / "10-workbench.conflist": _json(_network(node)),
        node.settings / "kubelet.json": _json(_kubelet(here, node, ports)),
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def _containerd(node: Node) -> str:
    """Return settings of a containerd beside dockerd's; raising its own priority takes a capability we may not have."""
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""\
version = 2
root = "{node.folder}/containerd/root"
state = "{node.containerd_state}"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", \
"io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
address = "{node.containerd_socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{node.folder}/containerd/opt"
[{cri}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
[{cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[{cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[{cri}.containerd.runtimes.runc.options]
SystemdCgroup = false
Root = "{node.folder}/containerd/runc"
[{cri}.cni]
bin_dir = "{_CNI}"
conf_dir = "{node.network}/plugins"
"""


def _network(node: Node) -> dict[str, Any]:
    addresses = {
        "type": "host-local",
        "dataDir": str(node.network / "addresses"),
        "ranges": [[{"subnet": node.pod_network}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": node.bridge, "isGateway": True, "ipMasq": True, "hairpinMode": True}
    return {"cniVersion": "0.4.0", "name": node.name, "plugins": [{**bridge, "ipam": addresses}]}


def _kubelet(here: Layout, node: Node, ports: Ports) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": node.control_group,
        "containerRuntimeEndpoint": f"unix://{node.containerd_socket}",
        "address": node.address,
        "port": ports.kubelet,
        "healthzBindAddress": node.address,
        "healthzPort": ports.kubelet_health,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(here.authority)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(node.certificates / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(node.certificates / "kubelet-server.key"),
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "resolvConf": "/etc/resolv.conf",
        "podLogsDir": str(node.pod_logs),
        "volumePluginDir": str(node.kubelet / "plugins"),
        # The disk is not the cluster's own: it never clears images, and lets pods be until the disk is truly full.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
        "maxPods": 100,
        "registryPullQPS": 50,
        "registryBurst": 100,
        "serializeImagePulls": False,
        "syncFrequency": "10s",
        "nodeStatusUpdateFrequency": "4s",
    }


def _proxy(here: Layout, ports: Ports) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "oomScoreAdj": 0,
        "clusterCIDR": POD_NETWORK,
        "hostnameOverride": NODE,
        "nodePortAddresses": [NODE_NETWORK],
        "clientConnection": {"kubeconfig": str(here.settings / "proxy.kubeconfig")},
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "iptables": {"syncPeriod": "30s", "minSyncPeriod": "0s", "localhostNodePorts": False},
        "healthzBindAddress": f"{LOOPBACK}:{ports.proxy_health}",
        "metricsBindAddress": f"{LOOPBACK}:{ports.proxy_metrics}",
    }
