"""NetworkPolicies that are enforced: who reaches whom, in a stack's namespace and from runs, and no request is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import docker
import pytest
from lightkube import Client

from tests.cluster import kube_router, probes
from tests.cluster.cluster import Cluster
from tests.cluster.looking import ready
from tests.cluster.run_lab import change
from tests.cluster.scene import COLLECTOR, NAMES, OTHER, SCORING, Scene, scene
from tests.integration.clients import Clients
from tests.integration.laboratory import Lab
from tests.integration.workspace import SERVICE, Workspace
from tests.waiting import until
from workbench.toolchain.cluster.layout import layout
from workbench.toolchain.places import find_places

ANSWERS = 200
CORES = 0.25
EVERYBODY = ("service", "beside", "elsewhere", "outside")
RUN = """
import json, subprocess, sys
print("begun")
reached = subprocess.run([sys.executable, "reach.py", sys.argv[1]], capture_output=True, check=True).stdout
open("outputs/reached.json", "wb").write(reached)
"""


@pytest.fixture(scope="module")
def cluster(one_node: Cluster) -> Cluster:
    return one_node


@pytest.fixture(scope="module")
def before(
    tmp_path_factory: pytest.TempPathFactory,
    trained: Workspace,
    cluster: Cluster,
    client: Client,
    engine: docker.DockerClient,
    engines: dict[str, str],
) -> Iterator[Scene]:
    """Nothing enforces policies."""
    workspace = trained.beside(tmp_path_factory.mktemp("policies") / "project")
    stack = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
    workspace.train(1, stack)
    workspace.set_service(stack, cpu=CORES)
    image = json.loads(Path(engines["WORKBENCH_HOME"], "images.json").read_text())["debian"]
    try:
        workspace.up(stack)
        with (
            probes.outside(engine, image, OTHER, COLLECTOR, NAMES) as outside,
            scene(workspace, stack, client, outside) as made,
        ):
            yield made
    finally:
        workspace.destroy()


@pytest.fixture(scope="module")
def enforced(before: Scene, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Policies hold, where a moment before every way was open: one that is closed now is closed by them."""
    every = before.addresses()

    def all_is_open() -> bool:
        ways = before.reached(*EVERYBODY)
        return all(ways[caller] == {name for name in every if not name.startswith(caller)} for caller in EVERYBODY)

    until(all_is_open, 30)
    node = layout(find_places()).nodes(1)[0].name
    with kube_router.enforcing(cluster, node, tmp_path_factory.mktemp("kube-router")):
        yield before


def test_callers_reach_the_scoring_port_and_pods_of_the_stack_reach_nothing(enforced: Scene) -> None:
    ways = enforced.reached(*EVERYBODY)

    open_to_all = {f"service {SCORING}", "service node port", "cluster"}
    assert ways["service"] == ways["beside"] == set()
    assert ways["elsewhere"] == open_to_all | {f"outside {port}" for port in (OTHER, COLLECTOR, NAMES)}
    assert ways["outside"] == open_to_all | {f"elsewhere {port}" for port in (OTHER, COLLECTOR)}


def test_a_score_takes_the_key_from_outside_and_from_another_namespace(enforced: Scene) -> None:
    workspace, stack = enforced.workspace, enforced.stack
    shown = workspace.service(stack)
    body = json.dumps({"input_df": workspace.examples(shown["manifest"])})
    inside = f"http://{enforced.service.address}:{SCORING}/api/v1/service/{SERVICE}/score"

    for caller, url in ((enforced.outside, shown["scoringUrl"]), (enforced.elsewhere, inside)):
        answers = [caller.post(url, key, body) for key in (workspace.key(stack), "wrong")]
        assert answers == [200, 401], url


def test_an_update_drops_no_request_and_its_collector_is_all_that_a_service_reaches(enforced: Scene) -> None:
    workspace, stack = enforced.workspace, enforced.stack
    shown = workspace.service(stack)
    [old] = ready(enforced.client, stack)
    second = workspace.train(2, stack)
    workspace.set_service(stack, otlpEndpoint=f"http://{enforced.collector_address}:{COLLECTOR}")

    with ExitStack() as stopping:
        clients = Clients(shown["scoringUrl"], workspace.key(stack), workspace.examples(shown["manifest"]), count=4)
        with enforced.outside.entered():
            stopping.enter_context(clients)
        clients.wait_for_answers(ANSWERS)
        workspace.up(stack)
        clients.wait_for_answers(ANSWERS)

    assert clients.tally.failures == {}
    assert set(clients.tally.versions) == {1, second["version"]}
    assert ready(enforced.client, stack) != [old]
    ways = enforced.reached("service", "beside")
    assert ways == {
        "service": {f"elsewhere {COLLECTOR}", f"outside {COLLECTOR}", f"outside {NAMES}"},
        "beside": set(),
    }
    until(lambda: enforced.traces() > 0, 20)


@pytest.mark.parametrize("network", ["none", "cluster"])
def test_a_run_gets_out_where_its_compute_names_a_network_alone(there: Lab, enforced: Scene, network: str) -> None:
    change(there, network=network)
    (there.folder / "reach.py").write_text(probes.REACH)
    addresses = {name: at for name, at in enforced.addresses().items() if name.split()[0] in ("elsewhere", "outside")}

    done = there.submit(RUN, json.dumps(addresses), configuration="kubernetes")

    assert (done.code, "begun" in done.out) == (0, True), done.err
    reached = json.loads((there.run_folder(there.last()) / "outputs" / "reached.json").read_text())
    assert set(reached) == (set() if network == "none" else set(addresses))
