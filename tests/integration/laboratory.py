"""A project whose runs are submitted to a real engine, for the tests of experiments."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.workspace import Done

RUNCONFIG = 'Target: "{0}"\nFramework: "{1}"\nEnvironmentVariables:\n  "EXAMPLE_ENV_VAR": "Example Value"\n'
SMALL = "dependencies:\n  - python=3.11\n  - six\n"


@dataclass(frozen=True)
class Lab:
    """A project, and the environment in which its runs are submitted."""

    folder: Path
    environment: dict[str, str]

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / "aml_config" / name.replace("__", ".")).write_text(text)

    def experiment(self, *arguments: str) -> Done:
        command = ["workbench", "experiment", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def submit(self, text: str, *arguments: str, configuration: str = "docker") -> Done:
        (self.folder / "script.py").write_text(text)
        return self.experiment("submit", "-c", configuration, "script.py", *arguments)

    def last(self) -> dict[str, Any]:
        shown = subprocess.run(
            ["workbench", "history", "last", "-o", "json"], cwd=self.folder, env=self.environment, capture_output=True,
            check=True,
        )  # fmt: skip
        record: dict[str, Any] = json.loads(shown.stdout)
        return record

    def run_folder(self, record: dict[str, Any]) -> Path:
        return Path(self.environment["WORKBENCH_HOME"], "registry", "runs", record["id"])
