from __future__ import annotations

import threading
from graphlib import CycleError
from typing import TYPE_CHECKING

import pytest

from tests.waiting import patience, until
from workbench.toolchain.errors import StepsError, ToolchainError
from workbench.toolchain.steps import Outcome, Step, run_steps

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.process import Log


def _noting(noted: list[str], name: str, *needs: str) -> Step:
    def run(_: Log) -> Outcome:
        noted.append(name)
        return Outcome.CHANGED

    return Step(name, needs, run)


def _failing(name: str, *needs: str) -> Step:
    def run(_: Log) -> Outcome:
        raise ToolchainError("no mirror answers; set one")

    return Step(name, needs, run)


def test_steps_run_after_those_they_need(tmp_path: Path) -> None:
    noted: list[str] = []
    steps = [_noting(noted, "up", "train", "images"), _noting(noted, "train", "venv")]
    steps += [_noting(noted, "images"), _noting(noted, "venv")]
    run_steps(steps, tmp_path)
    assert sorted(noted) == ["images", "train", "up", "venv"]
    assert noted.index("venv") < noted.index("train") < noted.index("up") == 3


def test_steps_that_need_nothing_of_each_other_overlap(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=patience())

    def meet(_: Log) -> Outcome:
        meeting.wait()
        return Outcome.REUSED

    report = run_steps([Step("go", (), meet), Step("apt", (), meet)], tmp_path)
    assert report.outcomes == {"go": Outcome.REUSED, "apt": Outcome.REUSED}
    assert report.changed == []


def test_the_first_failure_lets_others_end_and_begins_nothing_new(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noted: list[str] = []
    failed = threading.Event()

    def fail(_: Log) -> Outcome:
        failed.set()
        raise ToolchainError("no mirror answers; set one")

    def slow(_: Log) -> Outcome:
        assert failed.wait(patience())
        noted.append("slow")
        return Outcome.CHANGED

    steps = [Step("bad", (), fail), Step("slow", (), slow), _noting(noted, "after", "slow"), _noting(noted, "b", "bad")]
    with pytest.raises(StepsError, match="bad failed; repair"):
        run_steps(steps, tmp_path)
    assert noted == ["slow"]
    assert "[bad] failed: no mirror answers; set one\n" in capfd.readouterr().err


def test_a_failed_program_names_its_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def run(log: Log) -> Outcome:
        log.run(["sh", "-c", "echo quiet; echo the reason >&2; exit 7"])
        return Outcome.CHANGED

    with pytest.raises(StepsError):
        run_steps([Step("pulumi up", (), run)], tmp_path)
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(f"ended with 7: the reason (whole output: {tmp_path / 'pulumi-up.log'})")
    assert "quiet\nthe reason\n" in (tmp_path / "pulumi-up.log").read_text()


def test_a_program_that_is_not_there_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def run(log: Log) -> Outcome:
        log.run(["workbench-no-such-program"])
        return Outcome.CHANGED

    with pytest.raises(StepsError):
        run_steps([Step("a", (), run)], tmp_path)
    assert "[a] failed: workbench-no-such-program: no such program" in capfd.readouterr().err


def test_a_long_step_says_that_it_lives_and_how_far_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = ""

    def is_told(line: str) -> bool:
        nonlocal told
        told += capfd.readouterr().err
        return line in told

    def slow(log: Log) -> Outcome:
        until(lambda: is_told("still working: go ("))
        log.note_progress("1 of 3 packages")
        until(lambda: is_told(" s, 1 of 3 packages)\n"))
        return Outcome.CHANGED

    run_steps([Step("go", (), slow)], tmp_path, alive_seconds=0.05)


def test_a_defect_in_a_step_is_not_swallowed(tmp_path: Path) -> None:
    def broken(_: Log) -> Outcome:
        raise AssertionError("a defect")

    with pytest.raises(AssertionError, match="a defect"):
        run_steps([Step("a", (), broken)], tmp_path)


def test_a_need_that_is_no_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="venv"):
        run_steps([_failing("train", "venv")], tmp_path)


def test_steps_that_need_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CycleError):
        run_steps([_failing("a", "b"), _failing("b", "a")], tmp_path)
