from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workbench.toolchain.doctor import Finding, as_json, as_text, examine, is_healthy

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions

_FOUND = Finding("pulumi", found=True, version="3.259.0", origin="PATH (/usr/bin)")
_MISSING = Finding("docker engine", found=False, advice="no engine answers; run `make up` as root")
_OPTIONAL = Finding("go", found=False, needed=False, advice="only needed to build engines")


def test_text_is_one_aligned_line_each() -> None:
    assert as_text([_FOUND, _MISSING, _OPTIONAL]) == (
        "found    pulumi         3.259.0 from PATH (/usr/bin)\n"
        "missing  docker engine  no engine answers; run `make up` as root\n"
        "optional go             only needed to build engines\n"
    )


def test_json_holds_every_field() -> None:
    assert json.loads(as_json([_MISSING])) == [
        {
            "name": "docker engine",
            "found": False,
            "needed": True,
            "version": "",
            "origin": "",
            "advice": "no engine answers; run `make up` as root",
        }
    ]


def test_only_what_is_needed_makes_a_machine_unhealthy() -> None:
    assert is_healthy([_FOUND, _OPTIONAL])
    assert not is_healthy([_FOUND, _MISSING])


def test_a_bare_machine_gets_advice_for_everything_that_is_missing(
    places: Places, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places.project / "requirements").mkdir(parents=True)
    (places.project / "requirements" / "dev.txt").touch()
    (places.project / "pyproject.toml").touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    findings = examine(places, versions)
    assert not any(finding.found for finding in findings)
    assert all(finding.advice for finding in findings)
    optional = [finding.name for finding in findings if not finding.needed]
    assert optional == ["pulumi-resource-kubernetes", "kubernetes", "go", "cluster"]
    assert not places.home.exists()


def test_an_engine_that_the_user_named_is_not_what_up_would_start(
    places: Places, versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (places.project / "requirements").mkdir(parents=True)
    (places.project / "requirements" / "dev.txt").touch()
    (places.project / "pyproject.toml").touch()
    client = tmp_path / "bin" / "docker"
    client.parent.mkdir()
    client.write_text("#!/bin/sh\nexit 1\n")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", str(client.parent))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    (engine,) = [finding for finding in examine(places, versions) if finding.name == "docker engine"]
    assert (
        engine.advice
        == "DOCKER_HOST=unix:///nowhere/docker.sock does not answer; start that engine or unset DOCKER_HOST"
    )
