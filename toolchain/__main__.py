"""`python3 -m toolchain <verb>`: parses, calls, translates errors; runs on a bare Python 3.11."""

from __future__ import annotations

import argparse
import sys

from toolchain import doctor
from toolchain.down import down
from toolchain.errors import ToolchainError
from toolchain.places import Places, find_places
from toolchain.shell import export_lines, variables
from toolchain.steps import Step, run_steps
from toolchain.up import engine_steps, ground, up
from toolchain.versions import Versions, read_versions


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
    parser = argparse.ArgumentParser(prog="python3 -m toolchain", description="Engines for a bare machine.")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    verbs = parser.add_subparsers(dest="verb", required=True)
    bring = verbs.add_parser("up", help="bring engines, environment, dockerd, base images; train and deploy")
    bring.add_argument("--no-stack", action="store_true", help="stop before data, training and pulumi up")
    verbs.add_parser("env", help="print export lines for a shell")
    look = verbs.add_parser("doctor", help="say what is here and what is missing; exit 1 if something needed is")
    look.add_argument("-o", "--output", choices=("text", "json"), default="text")
    end = verbs.add_parser("down", help="destroy the stacks and remove what `up` started")
    end.add_argument("--yes", action="store_true", help="do not ask")
    build = verbs.add_parser("build", help="bring one engine, or the Python environment")
    build.add_argument("name", choices=[*sorted(read_versions().engines), "venv"])
    return parser


def _run(chosen: argparse.Namespace) -> int:
    places, versions = find_places(), read_versions()
    if chosen.verb == "up":
        up(places, versions, with_stack=not chosen.no_stack)
    elif chosen.verb == "env":
        sys.stdout.write(export_lines(variables(places)))
    elif chosen.verb == "down":
        down(places, versions, sure=chosen.yes)
    elif chosen.verb == "build":
        run_steps(_wanted(chosen.name, places, versions), places.logs)
    else:
        findings = doctor.examine(places, versions)
        sys.stdout.write(doctor.as_json(findings) if chosen.output == "json" else doctor.as_text(findings))
        return 0 if doctor.is_healthy(findings) else 1
    return 0


def _wanted(name: str, places: Places, versions: Versions) -> list[Step]:
    """Return the steps that bring one thing and what it needs."""
    steps = {step.name: step for step in ground(places, versions)}
    if name == "venv":
        return [steps["home"], steps["venv"]]
    engine = versions.engines[name]
    steps |= {step.name: step for step in engine_steps(engine, places, versions)}
    wanted = {"home", "pulumi", name, f"plugin {engine.plugin}"}
    return [step for step in steps.values() if step.name in wanted]


if __name__ == "__main__":
    sys.exit(main())
