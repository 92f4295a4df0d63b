"""Calls of an engine's client, by a client that does what a test says."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.experiments.targets import TargetError, engine
from workbench.experiments.targets.engine import Engine

BREAKS_TWICE = """#!/bin/sh
echo once more >> "$0.calls"
[ "$(wc -l < "$0.calls")" -gt 2 ] && echo started && exit 0
echo 'error during connect: the connection broke' >&2
exit 1
"""
REFUSES = "#!/bin/sh\necho once more >> \"$0.calls\"\necho 'No such container: x' >&2\nexit 1\n"


def _client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    client = tmp_path / "docker"
    client.write_text(script)
    client.chmod(0o755)
    monkeypatch.setattr(engine, "_DEBIAN_CLIENT", client)
    monkeypatch.setattr(engine, "_PATIENCE", (0, 0))
    return client


def test_a_call_that_may_be_made_twice_outlives_a_connection_that_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _client(tmp_path, monkeypatch, BREAKS_TWICE)
    assert Engine("ssh://there").insist("start", "x") == "started\n"


def test_what_the_engine_itself_refuses_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = _client(tmp_path, monkeypatch, REFUSES)
    with pytest.raises(TargetError, match="No such container"):
        Engine("ssh://there").insist("start", "x")
    assert client.with_name("docker.calls").read_text().count("\n") == 1
