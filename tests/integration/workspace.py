"""A project of its own for a test: a copy of the tree's Pulumi files, a home, one stack after another, real engines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import free_ports
from tests.tree import TREE, copy_training
from tests.waiting import patience
from workbench.stacks.services import stack_inputs

SERVICE = "churnpred"
UP_SECONDS = 420


@dataclass(frozen=True)
class Done:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass
class Workspace:
    """A folder with Pulumi.yaml, and a home with a registry; `stacks` are those to destroy at the end."""

    folder: Path
    environment: dict[str, str]
    stacks: list[str] = field(default_factory=list)
    registry_ports: dict[str, int] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return Path(self.environment["WORKBENCH_HOME"])

    def beside(self, folder: Path) -> Workspace:
        """Another project with the same home and sample, and stacks of its own."""
        made = make(folder, self.environment, self.home)
        (folder / "churn.csv").symlink_to(self.folder / "churn.csv")
        return made

    def run(self, *command: str, check: bool = True, seconds: float = UP_SECONDS) -> Done:
        """Run a command in the project. Raises AssertionError, with all it said, if it fails and `check` is set."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=patience(seconds),
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, (
            f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def workbench(self, *arguments: str, check: bool = True) -> Done:
        return self.run("workbench", *arguments, check=check)

    def pulumi(self, *arguments: str, check: bool = True) -> Done:
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never", check=check)

    def up(self, stack: str, *, check: bool = True) -> Done:
        return self.pulumi("up", "-s", stack, "--yes", "--skip-preview", check=check)

    def new_stack(self, **config: str) -> str:
        """Make a stack whose name and ports are nobody else's, as `staging` is made; `config` is added to its file."""
        stack = f"test-{uuid.uuid4().hex[:8]}"
        gateway, registry = free_ports(2)
        self.stack_file(stack).write_text(
            f"# made by a test\nconfig:\n  churn:gatewayPort: {gateway}\n  churn:registryPort: {registry}\n"
            + "".join(f"  churn:{key}: {json.dumps(value)}\n" for key, value in config.items())
        )
        self.pulumi("stack", "init", stack)
        self.stacks.append(stack)
        self.registry_ports[stack] = registry
        return stack

    def stack_file(self, stack: str) -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def set_service(self, stack: str, **settings: float | str) -> None:
        """Write keys of the service into the stack's file."""
        stack_inputs.put(self.stack_file(stack), SERVICE, {}, settings)

    def train(self, seed: int, *stacks: str) -> dict[str, Any]:
        """Train on the sample, pin in `stacks`; gives what `workbench train -o json` prints."""
        pins = [argument for stack in stacks for argument in ("--stack", stack)]
        done = self.workbench("train", "--data", "churn.csv", "--seed", str(seed), "-o", "json", *pins)
        answer: dict[str, Any] = json.loads(done.out)
        return answer

    def service(self, stack: str) -> dict[str, Any]:
        """Read what serves in a stack."""
        shown: dict[str, Any] = json.loads(
            self.workbench("service", "show", "-n", SERVICE, "-s", stack, "-o", "json").out
        )
        return shown

    def outputs(self, stack: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "-s", stack).out)
        return found

    def key(self, stack: str, name: str = "primary") -> str:
        return (self.home / "keys" / "churn" / stack / SERVICE / name).read_text().strip()

    def examples(self, manifest_id: str) -> list[dict[str, object]]:
        folder = self.home / "registry" / "manifests" / manifest_id.removeprefix("sha256:")
        schema = json.loads((folder / "files" / "service_schema.json").read_text())
        rows: list[dict[str, object]] = schema["input"]["input_df"]["swagger"]["example"]
        return rows

    def remove_images(self, stack: str) -> None:
        """Images stay on an engine for rollbacks; a test's need not."""
        listed = self.run("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").out.split()
        tags = [
            tag for tag in listed if tag.startswith((f"127.0.0.1:{self.registry_ports[stack]}/", f"churn-{stack}-"))
        ]
        if tags:
            self.run("docker", "image", "rm", "--force", *tags)

    def destroy(self) -> None:
        """End every stack this workspace made, whatever state a test left it in."""
        for stack in self.stacks:
            self.pulumi("destroy", "-s", stack, "--yes", "--skip-preview", "--refresh=false")
            self.pulumi("stack", "rm", stack, "--yes")
            self.remove_images(stack)
        self.stacks.clear()


@dataclass(frozen=True)
class Served:
    """A stack that serves what was trained: `model` is what `workbench train` printed, `said` what `up` did."""

    workspace: Workspace
    stack: str
    model: dict[str, Any]
    said: str

    @property
    def url(self) -> str:
        return str(self.workspace.service(self.stack)["scoringUrl"])


def make(folder: Path, environment: dict[str, str], home: Path) -> Workspace:
    """Copy what a stack needs of the tree; imports of `workbench` come from the tree under test."""
    folder.mkdir()
    shutil.copyfile(TREE / "Pulumi.yaml", folder / "Pulumi.yaml")
    for name in ("infra", "scoring", "requirements"):
        (folder / name).symlink_to(TREE / name)
    copy_training(folder)
    return Workspace(folder, {**environment, "WORKBENCH_HOME": str(home)})


def prepare_home(home: Path, engines: dict[str, str]) -> dict[str, str]:
    """A home of a test's own that shares the engines' plug-ins and images with the toolchain's home."""
    shared = Path(engines["WORKBENCH_HOME"])
    for name in ("state", "secrets"):
        (home / name).mkdir(mode=0o700, parents=True)
    (home / "images.json").write_text((shared / "images.json").read_text())
    passphrase = home / "secrets" / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text(uuid.uuid4().hex)
    return {
        **os.environ,
        **engines,
        "PULUMI_BACKEND_URL": f"file://{home / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
    }
