"""How stacks in a cluster grow: a preview of many services against one of few, and what an `up` of one change touches.

    eval "$(make -s env)" && python -m bench.scale

All services are pinned to one manifest. The cluster is real but for its nodes, which kwok pretends: it runs beside any
other, and takes no root. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightkube import Client, KubeConfig

from bench.scale import brain, crowd, fleet
from bench.scale.crowd import Crowd
from tests.integration.workspace import Workspace, make, prepare_home

if TYPE_CHECKING:
    from bench.scale.measured import Measured

_PODS_A_NODE = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=10, help="services of the small stack")
    parser.add_argument("--many", type=int, default=200, help="services of the large one")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of previews that count; one more goes before")
    parser.add_argument("--running", type=int, default=200, help="services of the stack that comes up and is changed")
    parser.add_argument("--replicas", type=int, default=5, help="pods of each of those")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-scale-") as name:
        folder = Path(name)
        with brain.brain(folder / "cluster") as kubeconfig:
            print(json.dumps(_measure(chosen, folder, kubeconfig), indent=2))


def _measure(chosen: argparse.Namespace, folder: Path, kubeconfig: Path) -> dict[str, Any]:
    home = folder / "home"
    workspace = make(folder / "project", prepare_home(home, dict(os.environ)), home)
    workspace.workbench("data", "generate", "--out", "churn.csv", "--rows", "4000")
    manifests = [workspace.train(seed)["manifest"] for seed in (1, 2)]
    client = Client(KubeConfig.from_file(kubeconfig))

    def stack(services: int) -> Crowd:
        made = workspace.new_stack(engine="kubernetes", kubeconfig=str(kubeconfig))
        crowd = Crowd(workspace, made, services, chosen.replicas)
        crowd.pin(manifests[0])
        return crowd

    with fleet.fleet(kubeconfig, client, 2 + 2 * chosen.running * chosen.replicas // _PODS_A_NODE, folder):
        compared = _compare([stack(chosen.few), stack(chosen.many)], chosen.repeats)
        running = stack(chosen.running)
        try:
            changed = _change_one(running, client, manifests, folder / "events")
        finally:
            _clean(workspace, running)
    return {"date": datetime.now(UTC).date().isoformat(), "previews": compared, "running": changed}


def _compare(stacks: list[Crowd], repeats: int) -> dict[str, Any]:
    """Compare previews of all that is yet to be made, in turn."""
    pairs = [[_say(f"preview of {each.services}", each.preview()) for each in stacks] for _ in range(repeats + 1)][
        -repeats:
    ]
    return {
        "services": [each.services for each in stacks],
        "seconds": [round(statistics.median(one.seconds for one in side), 1) for side in zip(*pairs, strict=True)],
        "memory_mib": [max(one.memory for one in side) for side in zip(*pairs, strict=True)],
        "ratio": round(statistics.median(many.seconds / few.seconds for few, many in pairs), 2),
        "aim": stacks[1].services / stacks[0].services,
    }


def _change_one(stack: Crowd, client: Client, manifests: list[str], log: Path) -> dict[str, Any]:
    """Bring it up and pin one service to another manifest. Raises RuntimeError if anything but that one changes."""
    first = _say(f"up of {stack.services}", stack.up(log))
    unchanged = _say("preview of nothing to change", stack.preview())
    changed = stack.name(stack.services // 2)
    before = fleet.pods(client, stack.namespace)
    _must(len(before) == stack.services * stack.replicas, f"{len(before)} pods are there")
    _must(all(ready for _, ready in before.values()), "not all pods are ready")
    stack.pin(manifests[0], **{changed: manifests[1]})
    second = _say("up of one change", stack.up(log))
    after = fleet.pods(client, stack.namespace)
    touched = crowd.touched(log)
    # What Pulumi notes of its own plug-ins is no service's.
    services = {name: done for name, done in touched.items() if ":providers:" not in name}
    _must(bool(services) and all(name.startswith(changed) for name in services), f"it touched {touched}")
    gone, come = (
        [service for uid, (service, _) in some.items() if uid not in others]
        for some, others in ((before, after), (after, before))
    )
    _must(gone == come == [changed] * stack.replicas, f"pods of {gone} went and of {come} came")
    took = {"up": first, "preview_unchanged": unchanged, "up_of_one_change": second}
    return {
        "services": stack.services,
        "pods": len(after),
        "pods_replaced_by_one_change": len(come),
        "resources_touched_by_one_change": touched,
        "seconds": {what: round(one.seconds, 1) for what, one in took.items()},
        "memory_mib": {what: one.memory for what, one in took.items()},
    }


def _must(true: bool, otherwise: str) -> None:
    if not true:
        raise RuntimeError(otherwise)


def _say(what: str, took: Measured) -> Measured:
    print(f"{what}: {took.seconds:.1f} s, {took.memory} MiB", file=sys.stderr, flush=True)
    return took


def _clean(workspace: Workspace, each: Crowd) -> None:
    """Remove what it has on the docker engine; its objects end with the cluster, its state with the folder."""
    label = f"label=workbench.stack={each.stack}"
    for kind, force in (("container", ["--force"]), ("volume", []), ("network", [])):
        everything = ["--all"] if kind == "container" else []
        found = workspace.run("docker", kind, "ls", *everything, "--quiet", "--filter", label).out.split()
        if found:
            workspace.run("docker", kind, "rm", *force, *found)
    workspace.remove_images(each.stack)


if __name__ == "__main__":
    main()
