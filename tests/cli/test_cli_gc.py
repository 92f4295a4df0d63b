"""workbench gc, over a home with a manifest that is pinned and others that are not."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from workbench.core import atomic_files
from workbench.core import home as home_
from workbench.registry.manifests import manifest
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.lineage import inventory, stacks
from workbench.stacks.services import stack_inputs


@pytest.fixture
def pulumi(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backend that knows no stack."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '[]'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return project


def _manifest(project: Path, text: str) -> Manifest:
    """A manifest with wheels and a build folder of its own."""
    schema, requirements = project / "schema.json", project / f"{text}.txt"
    schema.write_text("{}")
    requirements.write_text(f"# {text}\n")
    score = project / "scoring" / "score.py"
    found = manifest.create("churnpred", [], score=score, schema=schema, requirements=requirements)
    wheels = home_.registry() / "wheels" / found.requirements_sha256
    context = project.parent / "cache" / "workbench" / "contexts" / text / "service"
    for folder in (wheels, context):
        folder.mkdir(parents=True)
    (wheels / "requirements.txt").write_text(requirements.read_text())
    (context / "manifest.json").write_bytes((found.folder / "manifest.json").read_bytes())
    return found


def _listed(call: Any, *arguments: str) -> list[tuple[str, str]]:
    code, out, err = call("gc", "--older-than", "0", "-o", "json", *arguments)
    assert code == 0, err
    return [(each["kind"], Path(each["what"]).name) for each in json.loads(out)]


def test_what_nothing_reaches_is_listed_then_removed_and_the_rest_stays(call: Any, pulumi: Path) -> None:
    kept, gone = _manifest(pulumi, "kept"), _manifest(pulumi, "gone")
    stack_inputs.pin_manifest(pulumi / "Pulumi.staging.yaml", "churnpred", kept.id)
    killed = home_.registry() / "manifests" / ".new-killed"
    killed.mkdir()
    expected = [
        ("manifest", gone.folder.name),
        ("context", "gone"),
        ("wheels", gone.requirements_sha256),
        ("leftover", ".new-killed"),
    ]
    assert _listed(call) == expected
    assert _listed(call, "--yes", "--dry-run") == expected
    assert gone.folder.is_dir()
    assert call("gc", "--older-than", "0", "--remove")[0] == 1, "nobody is there to ask"
    assert _listed(call, "--yes") == expected
    assert _listed(call) == []
    assert [each.id for each in manifest.list_all()] == [kept.id]
    assert not killed.exists()


def test_what_is_young_is_kept_by_default(call: Any, pulumi: Path) -> None:
    _manifest(pulumi, "young")
    assert "nothing is left over that is older than 24 hours" in call("gc")[1]


def test_what_another_project_of_the_same_home_pins_is_kept(
    call: Any, pulumi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _manifest(pulumi, "theirs")
    stack_inputs.pin_manifest(pulumi / "Pulumi.prod.yaml", "churnpred", found.id)
    other = tmp_path / "other"
    other.mkdir()
    (other / "Pulumi.yaml").write_text("name: other\n")
    monkeypatch.chdir(other)
    assert _listed(call) == []
    code, _, err = call("manifest", "delete", found.id, "--yes")
    assert code == 1
    assert f"{pulumi}/Pulumi.prod.yaml pins it" in err


def test_a_digest_anywhere_in_a_stacks_file_is_a_pin(call: Any, pulumi: Path) -> None:
    found = _manifest(pulumi, "named")
    (pulumi / "Pulumi.dev.yaml").write_text(f"config:\n  churn:images:\n    churnpred:\n    - {found.id}\n")
    assert _listed(call) == []


def test_what_is_pinned_or_touched_meanwhile_comes_back_whole(pulumi: Path) -> None:
    found = _manifest(pulumi, "pinned")
    (thing,) = [each for each in inventory.read(0) if each.manifest == found.id and each.kind == "manifest"]
    stack_inputs.pin_manifest(pulumi / "Pulumi.staging.yaml", "churnpred", found.id)
    assert not inventory.remove(thing, stacks.pinned, 0)
    assert not atomic_files.remove_folder(found.folder, stays=lambda _: True)
    assert Manifest.read(found.folder).id == found.id


def test_manifests_that_are_made_while_others_remove_them_are_there_when_made(pulumi: Path) -> None:
    found = _manifest(pulumi, "racing")
    ended, failures = threading.Event(), []

    def collect() -> None:
        while not ended.is_set():
            for thing in inventory.read(3600):
                if thing.kind == "manifest":
                    inventory.remove(thing, stacks.pinned, 3600)

    thread = threading.Thread(target=collect)
    thread.start()
    try:
        for _ in range(20):
            for folder in (found.folder, found.folder / "files"):
                os.utime(folder, (0, 0))  # old, until somebody makes it again
            made = manifest.create(
                "churnpred",
                [],
                score=pulumi / "scoring" / "score.py",
                schema=pulumi / "schema.json",
                requirements=pulumi / "racing.txt",
            )
            failures += [] if made.id == found.id else [made.id]
            until = time.monotonic() + 2  # it may be aside while somebody looks again
            while not found.folder.is_dir() and time.monotonic() < until:
                time.sleep(0.001)
            if not found.folder.is_dir():
                failures.append("gone")
    finally:
        ended.set()
        thread.join()
    assert failures == []


def test_hidden_files_that_runs_and_models_keep_are_no_leftovers(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ModelRegistry().register("churn", {".tokenizer": b"t", "model.onnx": b"1"}, run_id="", metrics={})
    for place in ("runs/churn_1/outputs/.config", "models/churn/.new-x/a"):
        path = home / "registry" / place
        path.parent.mkdir(parents=True)
        path.write_text("x")
    assert [each.place for each in inventory.read(3600) if each.kind == "leftover"] == []
    assert [each.place for each in inventory.read(0) if each.kind == "leftover"] == ["models/churn/.new-x"]
