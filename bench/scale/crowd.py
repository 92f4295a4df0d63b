"""A stack of so many services, all pinned to one manifest; what a preview of it costs, and what an `up` touches."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.scale import measured
from bench.scale.measured import Measured

if TYPE_CHECKING:
    from tests.integration.workspace import Workspace

_SERVICES = "  churn:services:"
_QUIET = ("--non-interactive", "--color", "never")


@dataclass(frozen=True)
class Crowd:
    """Its services are named by their number; a stack of its own holds them."""

    workspace: Workspace
    stack: str
    services: int
    replicas: int

    @property
    def namespace(self) -> str:
        return f"churn-{self.stack}"

    def name(self, number: int) -> str:
        return f"service-{number:03}"

    def pin(self, manifest: str, **others: str) -> None:
        """Write the stack's services anew; `others` are manifests of services by name."""
        path = self.workspace.stack_file(self.stack)
        kept = [line for line in path.read_text().splitlines() if not line.startswith(_SERVICES)]
        # Small, so that the policy of sizes has no say; kwok's nodes run nothing anyway.
        keys = {"replicas": self.replicas, "cpu": 0.1, "memory": 128}
        pinned = {
            name: {"manifest": others.get(name, manifest), **keys} for name in map(self.name, range(self.services))
        }
        kept.insert(kept.index("config:") + 1, f"{_SERVICES} {json.dumps(pinned)}")
        path.write_text("\n".join(kept) + "\n")

    def preview(self) -> Measured:
        return self._run("preview", "--stack", self.stack, *_QUIET)

    def up(self, log: Path) -> Measured:
        """Bring it up; the engine's events go to `log`."""
        log.unlink(missing_ok=True)
        return self._run("up", "--stack", self.stack, "--yes", "--skip-preview", "--event-log", str(log), *_QUIET)

    def _run(self, verb: str, *arguments: str) -> Measured:
        # The log of events is an option that Pulumi shows to who asks for it.
        environment = {**self.workspace.environment, "PULUMI_DEBUG_COMMANDS": "true"}
        return measured.run(["pulumi", verb, *arguments], self.workspace.folder, environment)


def touched(log: Path) -> dict[str, str]:
    """What an `up` did to each resource that it did not leave as it was, by the resource's own name and type."""
    events: list[dict[str, Any]] = [json.loads(line) for line in log.read_text().splitlines()]
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    done = {}
    for step in steps:
        if step["op"] not in {"same", "read"}:
            kind, name = step["urn"].split("::")[-2:]
            done[f"{name} {kind.rpartition('$')[2]}"] = step["op"]
    return done
