"""`python3 -m workbench.toolchain <verb>`: parses, calls, translates errors; runs on a bare Python 3.11."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.toolchain import doctor
from workbench.toolchain.cluster.cluster import ensure_cluster, remove_cluster
from workbench.toolchain.cluster.control import ENGINE
from workbench.toolchain.cluster.node import MOST_NODES
from workbench.toolchain.down import down
from workbench.toolchain.engines import pins
from workbench.toolchain.errors import ToolchainError
from workbench.toolchain.places import Places, find_places
from workbench.toolchain.process import Log, say
from workbench.toolchain.shell import export_lines, variables
from workbench.toolchain.steps import Step, outcome, run_steps
from workbench.toolchain.up import engine_steps, ground, image_step, up
from workbench.toolchain.versions import Versions, read_versions


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        return _run(chosen)
    except ToolchainError as error:
        if chosen.debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run the same command again, finished parts are kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m workbench.toolchain", description="Engines for a bare machine.")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--project", type=Path, help="a project outside of this tree, with a .venv of its own")
    verbs = parser.add_subparsers(dest="verb", required=True)
    bring = verbs.add_parser("up", help="bring engines, environment, dockerd, base images; train and deploy")
    bring.add_argument("--no-stack", action="store_true", help="stop before data, training and pulumi up")
    verbs.add_parser("env", help="print export lines for a shell")
    look = verbs.add_parser("doctor", help="say what is here and what is missing; exit 1 if something needed is")
    look.add_argument("-o", "--output", choices=("text", "json"), default="text")
    end = verbs.add_parser("down", help="destroy the stacks and remove what `up` started")
    end.add_argument("--yes", action="store_true", help="do not ask")
    end.add_argument("--dockerd", action="store_true", help="remove our dockerd although other stacks may run on it")
    cluster = verbs.add_parser("cluster", help="start or end a Kubernetes cluster on this machine")
    cluster.add_argument("state", choices=("up", "down"))
    nodes = range(1, MOST_NODES + 1)
    cluster.add_argument("--nodes", type=int, choices=nodes, default=1, help="with up: have at least so many nodes")
    build = verbs.add_parser("build", help="bring one engine or image that `up` leaves out, or the Python environment")
    verbs.add_parser("pin", help="print the lines of versions.toml that pin vendors' archives, as they are published")
    versions = read_versions()
    build.add_argument("name", choices=[*sorted(versions.engines), *sorted(versions.on_demand), "venv"])
    return parser


def _run(chosen: argparse.Namespace) -> int:
    places, versions = find_places(outside=chosen.project), read_versions()
    if places.outside and (chosen.verb == "down" or (chosen.verb == "up" and not chosen.no_stack)):
        raise ToolchainError(
            f"`{chosen.verb}` here is for the workbench's own tree; in a project use `up --no-stack`, and pulumi"
        )
    if chosen.verb == "up":
        up(places, versions, with_stack=not chosen.no_stack)
    elif chosen.verb == "env":
        sys.stdout.write(export_lines(variables(places)))
    elif chosen.verb == "down":
        down(places, versions, sure=chosen.yes, with_dockerd=chosen.dockerd)
    elif chosen.verb == "cluster":
        _cluster(chosen.state, chosen.nodes, places, versions)
    elif chosen.verb == "pin":
        sys.stdout.write(pins(versions))
    elif chosen.verb == "build":
        run_steps(_wanted(chosen.name, places, versions), places.logs)
    else:
        findings = doctor.examine(places, versions)
        sys.stdout.write(doctor.as_json(findings) if chosen.output == "json" else doctor.as_text(findings))
        return 0 if doctor.is_healthy(findings) else 1
    return 0


def _cluster(state: str, nodes: int, places: Places, versions: Versions) -> None:
    if state == "up":
        start = Step("cluster", (ENGINE,), lambda log: outcome(ensure_cluster(log, places, versions, nodes)))
        run_steps([*_wanted(ENGINE, places, versions), start], places.logs)
    elif not remove_cluster(Log("cluster", places.logs / "cluster.log"), places):
        say("nothing to end: there is no cluster of ours")


def _wanted(name: str, places: Places, versions: Versions) -> list[Step]:
    """Return the steps that bring one thing and what it needs."""
    steps = {step.name: step for step in ground(places, versions)}
    if name == "venv":
        return [steps["home"], steps["venv"]]
    if name in versions.on_demand:
        return [steps["home"], steps["docker"], image_step(places, versions, name)]
    engine = versions.engines[name]
    steps |= {step.name: step for step in engine_steps(engine, places, versions)}
    wanted = {"home", name} | ({"pulumi", f"plugin {engine.plugin}"} if engine.plugin else set())
    return [step for step in steps.values() if step.name in wanted]


if __name__ == "__main__":
    sys.exit(main())
