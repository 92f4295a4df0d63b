"""The story on top of the engines: sample data, a trained model, a stack, an update, a score.

Only calls the programs a person would call; all they know, they know themselves.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from workbench.toolchain.process import Log, read, say
from workbench.toolchain.shell import variables
from workbench.toolchain.steps import Outcome, Step, outcome

if TYPE_CHECKING:
    from workbench.toolchain.places import Places

STACK = "staging"
_SERVICE = "churnpred"
_DATA = "data/churn.csv"
_PINNED = re.compile(r"manifest: *sha256:([0-9a-f]{64})")


def steps(places: Places, needs: tuple[str, ...]) -> list[Step]:
    """Return the steps after the ground; training needs the environment alone, an update `needs` all."""
    return [
        Step("sample data", ("venv",), lambda log: _generate(log, places)),
        Step("train", ("sample data",), lambda log: _train(log, places)),
        # After training, since both write the stack's file.
        Step("stack", ("train", *needs), lambda log: _stack(log, places)),
        Step("pulumi up", ("stack",), lambda log: _update(log, places)),
        Step("score", ("pulumi up",), lambda log: _score(log, places)),
    ]


def tell(places: Places) -> None:
    """Say where each service answers, where its keys lie and what to try next."""
    argv = ["pulumi", "stack", "output", "--json", "--stack", STACK, "--cwd", str(places.project)]
    for name, service in json.loads(read(argv, extra=variables(places)))["services"].items():
        say(f"{name}: {service['scoringUrl']}")
        say(f"  its keys: {service['keysFolder']} (curl -H @authorization takes one)")
    say('in this shell: eval "$(make -s env)"')
    say(f"then try:      workbench service run -n {_SERVICE} -s {STACK} --sample 3")
    say(f"               pulumi preview -s {STACK}")


def pinned_manifests(stack_file: str) -> list[str]:
    """Return the manifests, as 64 hex digits, that the text of a stack's file pins."""
    return _PINNED.findall(stack_file)


def _workbench(log: Log, places: Places, *arguments: str) -> None:
    log.run([places.venv / "bin" / "workbench", *arguments], cwd=places.project, extra=variables(places))


def _pulumi(log: Log, places: Places, *arguments: str) -> None:
    log.run(["pulumi", *arguments, "--non-interactive"], cwd=places.project, extra=variables(places))


def _generate(log: Log, places: Places) -> Outcome:
    if (places.project / _DATA).exists():
        return Outcome.REUSED
    _workbench(log, places, "data", "generate", "--out", _DATA)
    return Outcome.CHANGED


def _train(log: Log, places: Places) -> Outcome:
    stack_file = places.project / f"Pulumi.{STACK}.yaml"
    pinned = pinned_manifests(stack_file.read_text(encoding="utf-8")) if stack_file.exists() else []
    manifests = places.home / "registry" / "manifests"
    if pinned and all((manifests / manifest).is_dir() for manifest in pinned):
        return Outcome.REUSED
    _workbench(log, places, "train", "--data", _DATA, "--stack", STACK)
    return Outcome.CHANGED


def _stack(log: Log, places: Places) -> Outcome:
    argv = ["pulumi", "stack", "ls", "--json", "--cwd", str(places.project)]
    known = {stack["name"] for stack in json.loads(read(argv, extra=variables(places)))}
    _pulumi(log, places, "stack", "select", "--create", STACK)
    return outcome(STACK not in known)


def _update(log: Log, places: Places) -> Outcome:
    _pulumi(log, places, "up", "--stack", STACK, "--yes", "--skip-preview")
    argv = ["pulumi", "stack", "history", "--json", "--page-size", "1", "--stack", STACK, "--cwd", str(places.project)]
    latest = json.loads(read(argv, extra=variables(places)))[0]
    return outcome(bool(latest["resourceChanges"].keys() - {"same"}))


def _score(log: Log, places: Places) -> Outcome:
    argv = [str(places.venv / "bin" / "workbench"), "service", "run", "-n", _SERVICE, "-s", STACK, "--sample", "3"]
    for line in read(argv, cwd=places.project, extra=variables(places)).splitlines():
        log.say(line)
    return Outcome.CHECKED
