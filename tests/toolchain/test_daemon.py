from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.waiting import patience
from workbench.toolchain.daemon import Daemon, end, end_orphans, start_time

if TYPE_CHECKING:
    from pathlib import Path


def test_a_process_is_known_by_its_start_time() -> None:
    mine = start_time(os.getpid())
    assert mine is not None
    assert Daemon(os.getpid(), mine, "/d", "/r").is_alive()
    assert not Daemon(os.getpid(), mine - 1, "/d", "/r").is_alive()


def test_a_process_that_ended_has_no_start_time() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert start_time(process.pid) is None


def test_a_name_with_brackets_does_not_confuse(tmp_path: Path) -> None:
    program = tmp_path / "a) S (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        assert (start_time(process.pid) or 0) >= (start_time(os.getpid()) or 0)
        process.kill()


def test_a_stranger_with_a_recycled_pid_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        end(stranger.pid, (start_time(stranger.pid) or 0) - 1)
        assert stranger.poll() is None
        stranger.kill()


def test_a_process_is_asked_to_end_first() -> None:
    script = "import signal, sys; signal.signal(15, lambda *_: sys.exit(3)); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end(process.pid, start_time(process.pid))
    assert process.returncode == 3


def test_one_that_does_not_listen_is_killed_after_patience() -> None:
    script = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end(process.pid, start_time(process.pid), patience=0.2)
    assert process.returncode == -9


def test_orphans_are_known_by_the_paths_they_were_started_with(tmp_path: Path) -> None:
    socket = str(tmp_path / "ours" / "exec" / "containerd" / "containerd.sock")
    other = str(tmp_path / "theirs" / "exec" / "containerd" / "containerd.sock")
    script = "import time; print('runs', flush=True); time.sleep(60)"
    with (
        subprocess.Popen([sys.executable, "-c", script, "-address", socket], stdout=subprocess.PIPE) as orphan,
        subprocess.Popen([sys.executable, "-c", script, "-address", other], stdout=subprocess.PIPE) as stranger,
    ):
        for each in (orphan, stranger):
            assert each.stdout
            each.stdout.readline()  # its arguments can be read by now
        end_orphans(tmp_path / "ours")
        assert orphan.wait(patience()) == -9
        assert stranger.poll() is None
        stranger.kill()
