import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.experiments.runs.run_record import COMPLETED, Run
from workbench.registry.models.registry import ModelRegistry

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "from workbench.cli.main import main; main()"]


def _complete(line: str, shell: str = "bash", **options: Any) -> list[str]:
    """What a shell is offered at the end of `line`."""
    words = line.split(" ")
    variables = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environment = {**os.environ, **variables, "_WORKBENCH_COMPLETE": f"complete_{shell}"}
    done = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, check=False, **options)
    assert done.stderr == ""
    return str(done.stdout).split()


def test_verbs_options_and_names_are_completed(project: Path) -> None:
    run = Run.start("churn", {})
    run.finish(COMPLETED)
    ModelRegistry().register("churn", {"a": b"1"}, run_id="", metrics={})
    assert _complete("workbench mod", cwd=project) == ["model"]
    assert "show" in _complete("workbench history ", cwd=project)
    assert _complete("workbench history show ", cwd=project) == [run.id]
    assert _complete("workbench history show chu", cwd=project) == [run.id]
    assert _complete("workbench history promote -n ", cwd=project) == ["churn"]
    assert _complete("workbench history promote --artifact", cwd=project) == ["--artifact-path"]
    assert _complete("workbench history list -o y", cwd=project) == ["yaml"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_completed_too(project: Path, shell: str) -> None:
    assert any("model" in word for word in _complete("workbench mod", shell, cwd=project))


def test_a_registry_that_cannot_be_read_completes_to_nothing(project: Path, home: Path) -> None:
    record = home / "registry" / "runs" / "churn_1" / "run.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")
    assert _complete("workbench history show ", cwd=project) == []


def test_completion_can_be_shown_for_a_shell_and_installed(project: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = subprocess.run(
        [*PROGRAM, "--show-completion", "bash"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=project,
    )
    assert "complete -o default -F _workbench_completion workbench" in shown.stdout
    subprocess.run([*PROGRAM, "--install-completion", "bash"], env=environment, check=True, capture_output=True)
    assert "workbench.sh" in (tmp_path / ".bashrc").read_text()


def test_the_completion_for_bash_works_in_bash(project: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "workbench"
    program.write_text(f"#!{sys.executable}\nfrom workbench.cli.main import main\nmain()\n")
    program.chmod(0o755)
    tree = str(Path(main.__file__).parents[2])
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": tree}
    environment["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
    script = (
        'eval "$(workbench --show-completion bash)"; COMP_WORDS=(workbench history sh); COMP_CWORD=2;'
        ' _workbench_completion workbench; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environment, capture_output=True, text=True, check=True, cwd=project
    )
    assert done.stdout.split() == ["show"]
