from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.toolchain.__main__ import main
from workbench.toolchain.places import PROJECT


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "home"


def test_an_error_is_one_line_and_exit_code_1(empty_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty_home.mkdir()
    (empty_home / "toolchain.json").write_text("{")
    assert main(["env"]) == 1
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: {empty_home / 'toolchain.json'}: no JSON")
    assert told.err.count("\n") == 1


def test_a_traceback_only_on_request(empty_home: Path) -> None:
    empty_home.mkdir()
    (empty_home / "toolchain.json").write_text("[]")
    with pytest.raises(Exception, match="not a JSON object"):
        main(["--debug", "env"])


def test_env_prints_export_lines_and_makes_nothing(empty_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["env"]) == 0
    told = capfd.readouterr()
    assert told.err == ""
    assert f"export WORKBENCH_HOME='{empty_home}'\n" in told.out
    assert not empty_home.exists()


def test_make_env_is_clean() -> None:
    done = subprocess.run(["make", "-s", "env"], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert all(line.startswith("export ") for line in done.stdout.splitlines())


def test_make_alone_lists_every_verb() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True, env=alone)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    phony = (PROJECT / "Makefile").read_text().split(".PHONY:", 1)[1].splitlines()[0].split()
    assert listed == [name for name in phony if name in listed]
    assert {"up", "down", "env", "doctor", "test", "check"} < set(listed)


def test_it_runs_on_a_python_that_has_nothing_installed() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import workbench.toolchain.__main__",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
