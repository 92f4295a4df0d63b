from __future__ import annotations

from pathlib import Path

from workbench.toolchain.errors import CommandError


def test_a_failed_program_is_named_by_its_verbs_not_by_its_addresses() -> None:
    argv = ["/usr/bin/docker", "--host", "unix:///run/docker.sock", "load", "--input", "/cache/base.tar"]
    error = CommandError(argv, 1, "no space left on device", Path("/home/logs/images.log"))
    assert str(error) == "`docker load` ended with 1: no space left on device (whole output: /home/logs/images.log)"


def test_a_program_without_last_words_and_log_is_still_one_line() -> None:
    assert str(CommandError(["false"], 1, "", None)) == "`false` ended with 1"
