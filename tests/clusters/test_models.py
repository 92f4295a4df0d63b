import subprocess
import sys
from pathlib import Path

import pytest

# A process of its own: here all may be learned already, and what this is about ends the process.
_MANY = """
import sys, threading
from workbench.clusters.cluster import Cluster
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Pod

sys.setswitchinterval(1e-5)
together = threading.Barrier(8)
pod = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "c"}]}}
deployment = {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": pod}}

def read(kind, document):
    together.wait()
    with Cluster(sys.argv[1], "here").client():
        kind.from_dict(document)

kinds = [(Deployment, deployment), (Pod, pod)] * 4
threads = [threading.Thread(target=read, args=each) for each in kinds]
for each in threads:
    each.start()
for each in threads:
    each.join()
"""
_KUBECONFIG = """
clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: here, context: {cluster: here, user: me}}]
users: [{name: me, user: {}}]
"""


@pytest.mark.slow
def test_many_threads_read_of_a_cluster_at_once(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(_KUBECONFIG)

    done = subprocess.run([sys.executable, "-c", _MANY, kubeconfig], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
