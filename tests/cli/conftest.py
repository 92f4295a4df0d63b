"""An environment whose Pulumi is told what to answer; the real one runs in tests/integration."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from workbench.core.errors import ServiceError
from workbench.stacks.environments import program
from workbench.stacks.environments.program import OnStep, UpdateResult
from workbench.stacks.environments.steps import Step
from workbench.stacks.services import service, stack_inputs
from workbench.stacks.services.service import Service

QUICK = ["--param", "max_iter=12", "--param", "replicates=100"]
MANIFEST = "sha256:" + "a" * 64


@dataclass
class Pulumi:
    """What it was asked, and what serves: as the stack's file says once it is up."""

    path: Path
    asked: list[str] = field(default_factory=list)
    stacks: dict[str, str] = field(default_factory=lambda: {"staging": "14 resources"})
    steps: list[Step] = field(default_factory=lambda: [Step("update", "x:infra:GatewayRoute", "churnpred-route")])

    pending: list[Step] = field(default_factory=list)

    def up(self, stack: str, heard: OnStep) -> UpdateResult:
        self.asked.append(f"up {stack}")
        for each in self.steps:
            heard(each)
        return UpdateResult(heard, steps=self.steps, unchanged=3, seconds=1)

    def preview(self, stack: str, heard: OnStep, config_file: Path | None = None) -> UpdateResult:
        self.asked.append(f"preview {stack}")
        assert config_file
        assert config_file != self.path
        unchanged = config_file.read_bytes() == self.path.read_bytes()
        return UpdateResult(heard, steps=self.pending if unchanged else [*self.pending, *self.steps])

    def create(self, stack: str) -> bool:
        self.asked.append(f"create {stack}")
        return self.stacks.setdefault(stack, "empty") == "empty"

    def destroy(self, stack: str, heard: OnStep) -> UpdateResult:
        self.asked.append(f"destroy {stack}")
        return UpdateResult(heard)

    def remove(self, stack: str) -> None:
        self.asked.append(f"remove {stack}")
        del self.stacks[stack]

    def known(self) -> dict[str, str]:
        return self.stacks

    def services(self, stack: str) -> dict[str, Service]:
        pinned = stack_inputs.read_services(self.path) if self.path.exists() else {}
        return {
            name: Service(
                name,
                stack,
                {
                    "scoringUrl": f"http://127.0.0.1:8080/{name}/score",
                    "image": keys.get("image", f"127.0.0.1:5000/{name}@sha256:{'b' * 64}"),
                    "manifest": keys["manifest"],
                    "models": ["churn [Ver. 1]"],
                    "servers": [{"host": f"{name}-{each}", "weight": 100} for each in range(keys.get("replicas", 1))],
                },
            )
            for name, keys in pinned.items()
        }

    def find(self, stack: str, name: str) -> Service:
        if found := self.services(stack).get(name):
            return found
        raise ServiceError(f"stack {stack}: does not serve {name!r}")


@pytest.fixture
def pulumi(project: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """The environment `staging`, chosen, with the service churnpred."""
    path = project / "Pulumi.staging.yaml"
    path.write_text(f"# kept\nconfig:\n  churn:services:\n    churnpred:\n      manifest: {MANIFEST}\n")
    told = Pulumi(path)
    for name in ("up", "preview", "create", "destroy", "remove", "known"):
        monkeypatch.setattr(program, name, getattr(told, name))
    monkeypatch.setattr(service, "find", told.find)
    monkeypatch.setattr(service, "find_all", told.services)
    monkeypatch.setattr(service, "prefix", lambda stack: f"churn-{stack}")
    from workbench.stacks.environments import chosen

    chosen.write("staging")
    return told


@pytest.fixture
def read(pulumi: Pulumi) -> Any:
    """What the file of `staging` says of a service."""
    return lambda name="churnpred": stack_inputs.read_services(pulumi.path)[name]


@pytest.fixture
def trained(call: Any, project: Path, csv_file: Path) -> dict[str, Any]:
    (project / "Pulumi.staging.yaml").touch()
    code, out, err = call("train", "--data", csv_file, *QUICK, "--stack", "staging", "-o", "json")
    assert (code, project.is_dir()) == (0, True), err
    answer: dict[str, Any] = json.loads(out)
    return answer
