"""From a model to its services and back, and what must not be deleted, over states of a program named pulumi."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbench.experiments.runs import run_record
from workbench.experiments.runs.run_record import Run
from workbench.registry.manifests import manifest
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.services import stack_inputs

URL = "http://127.0.0.1:1/api/v1/service/churnpred/score"
IMAGE = f"127.0.0.1:5000/churnpred@sha256:{'1' * 64}"
FACTS: dict[str, Any] = {
    "inputs": {"data": "sha256:d", "seed": 3, "parameters": {"max_iter": 12}, "python": "3.11.2", "packages": {}},
    "data": "churn.csv",
    "git": {"commit": "c0ffee", "dirty": True},
}
Serve = Callable[..., None]


@pytest.fixture
def serve(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """A backend without stacks; the call writes the state of `staging`, which then serves these manifests."""
    states, program = tmp_path / "states", tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    states.mkdir()
    (states / "list").write_text("[]")
    program.write_text(
        '#!/bin/sh\nfor last; do :; done\ncase "$1 $2" in\n'
        f'"stack ls") exec cat {states}/list;;\n"stack export") exec cat {states}/"$last";;\nesac\nexit 9\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert project

    def write(*manifests: str) -> None:
        routes = [
            {
                "type": "pulumi-python:infra/index:GatewayRoute",
                "outputs": {"service": "churnpred", "scoringUrl": URL, "image": IMAGE, "manifest": each},
            }
            for each in manifests
        ]
        (states / "staging").write_text(json.dumps({"deployment": {"resources": routes}}))
        (states / "list").write_text('[{"name": "staging"}]')

    return write


@pytest.fixture
def made(project: Path, serve: Serve) -> tuple[str, Manifest, Manifest]:
    """A run, churn:1 from it, churn:2 registered by hand, and a manifest of each."""
    serve()
    run = Run.start("churn", FACTS)
    run.finish(run_record.COMPLETED)
    registry = ModelRegistry()
    first = registry.register("churn", {"model.onnx": b"1"}, run_id=run.id, metrics={})
    second = registry.register("churn", {"model.onnx": b"2"}, run_id="", metrics={})
    (project / "schema.json").write_text("{}")
    manifests = [
        manifest.create(
            "churnpred",
            [each],
            score=project / "scoring" / "score.py",
            schema=project / "schema.json",
            requirements=project / "requirements" / "scoring.txt",
        )
        for each in (first, second)
    ]
    return (run.id, *manifests)  # type: ignore[return-value]  # two of them


def _pin(project: Path, found: Manifest, stack: str = "staging") -> Path:
    path = project / f"Pulumi.{stack}.yaml"
    stack_inputs.pin_manifest(path, "churnpred", found.id)
    return path


def test_a_service_is_followed_to_its_data_and_commit(call: Any, made: Any, serve: Serve) -> None:
    run, first, _ = made
    serve(first.id)
    show = ("service", "show", "-n", "churnpred", "-s", "staging", "--lineage")
    chain = json.loads(call(*show, "-o", "json")[1])
    assert yaml.safe_load(call(*show, "-o", "yaml")[1]) == chain
    assert (chain["service"]["url"], chain["release"]["image"], chain["manifest"]["id"]) == (URL, IMAGE, first.id)
    (model,) = chain["models"]
    assert (model["name"], model["version"], model["run"]["id"]) == ("churn", 1, run)
    assert model["run"]["data"] == [{"path": "churn.csv", "digest": "sha256:d"}]
    assert model["run"]["parameters"] == {"seed": 3, "max_iter": 12}
    assert model["run"]["git"] == {"commit": "c0ffee", "dirty": True}
    assert model["run"]["environment"]["python"] == "3.11.2"
    table = call(*show)[1]
    assert "c0ffee with changes that were not committed" in table
    assert "missing" not in table


def test_a_missing_link_says_why(call: Any, made: Any, serve: Serve) -> None:
    run, first, second = made
    show = ("service", "show", "-n", "churnpred", "-s", "staging", "--lineage")
    serve(second.id)
    assert "missing: no run is known: the model was registered by hand" in call(*show)[1]
    serve(first.id)
    run_record.delete(run)
    assert f"missing: run {run} was deleted, or lies in another registry" in call(*show)[1]
    ModelRegistry().delete("churn", 1)
    assert "missing: model churn:1 was deleted on " in call(*show)[1]
    shutil.rmtree(first.folder)
    chain = json.loads(call(*show, "-o", "json")[1])
    assert "was removed, or made elsewhere" in chain["manifest"]["missing"]
    assert chain["models"] == []


def test_a_model_is_followed_to_every_stack_that_pins_or_runs_it(
    call: Any, made: Any, serve: Serve, project: Path
) -> None:
    _, first, second = made
    serve(first.id)
    _pin(project, second)
    _pin(project, first, "prod")
    rows = json.loads(call("model", "usage", "churn", "-o", "json")[1])
    assert [(row["model"], row["stack"], row["pinned"], row["running"], row["url"]) for row in rows] == [
        ("churn:1", "prod", True, False, ""),
        ("churn:1", "staging", False, True, URL),
        ("churn:2", "staging", True, False, ""),
    ]
    assert len(json.loads(call("model", "usage", "churn:2", "-o", "json")[1])) == 1
    short = ModelRegistry().get("churn", 1).id[:15]
    assert len(json.loads(call("model", "usage", short, "-o", "json")[1])) == 2
    assert "model" in call("model", "usage", "churn")[1].splitlines()[0]


def test_what_a_stack_pins_or_serves_is_not_deleted_and_the_error_says_by_whom(
    call: Any, made: Any, serve: Serve, project: Path
) -> None:
    run, first, second = made
    serve(first.id)
    _pin(project, second)
    for arguments, words in (
        (["model", "delete", "churn:1"], "churnpred in staging runs it"),
        (["model", "delete", "churn:2"], "Pulumi.staging.yaml pins it for churnpred"),
        (["manifest", "delete", first.id], "churnpred in staging runs it"),
        (["manifest", "delete", second.id[:16]], "Pulumi.staging.yaml pins it for churnpred"),
        (["history", "delete", run, "--keep-models"], "churn:1 came from it, churnpred in staging runs that"),
    ):
        code, out, err = call(*arguments, "--yes")
        assert (code, out, err.count("\n")) == (1, "", 1), arguments
        assert words in err
    assert len(ModelRegistry().list()) == 2
    assert run_record.get(run)
    assert len(manifest.list_all()) == 2


def test_what_nobody_uses_is_deleted(call: Any, made: Any, serve: Serve) -> None:
    run, first, second = made
    serve(second.id)
    assert "would delete model churn:1" in call("model", "delete", "churn:1", "--dry-run")[1]
    assert "came from it" in call("history", "delete", run, "--yes")[2]
    assert call("model", "delete", "churn:1", "--yes")[0] == 0
    assert call("history", "delete", run, "--yes")[0] == 0
    assert call("manifest", "delete", first.id, "--yes")[0] == 0
    assert [each.id for each in manifest.list_all()] == [second.id]
    assert [each.label for each in ModelRegistry().list()] == ["churn:2"]


def test_without_states_nothing_that_may_serve_is_deleted(
    call: Any, made: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project))
    for arguments in (["model", "delete", "churn:1"], ["manifest", "delete", made[1].id], ["gc"]):
        code, _, err = call(*arguments, *(["--yes"] if arguments != ["gc"] else []))
        assert (code, err.count("\n")) == (1, 1)
        assert "pulumi is not on PATH" in err
    code, out, err = call("model", "usage", "churn:1", "-o", "json")
    assert (code, json.loads(out)[0]["running"]) == (0, None)
    assert "what runs is not known" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["model", "delete", "churn"], 1, "which version?"),
        (["model", "delete", "churn:9", "--yes"], 1, "is not in"),
        (["model", "delete", "churn:1"], 1, "--yes"),
        (["model", "usage", "chrun"], 1, "did you mean 'churn'"),
        (["model", "tag", "churn:1"], 2, "KEY=VALUE"),
        (["model", "tag", "churn:1", "stage"], 2, "write KEY=VALUE"),
        (["model", "tag", "churn:1", "a b=c"], 1, "tag 'a b'"),
        (["model", "download", "churn:1", "--to", "Pulumi.yaml"], 1, "is a file"),
        (["manifest", "delete", "zz"], 1, "fits no manifest"),
        (["gc", "--older-than", "-1"], 2, "--older-than"),
    ],
)
def test_a_wrong_line_is_one_line(call: Any, made: Any, arguments: list[str], code: int, words: str) -> None:
    assert made
    found, out, err = call(*arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert words in err


def test_tags_are_set_listed_and_filtered_by(call: Any, made: Any, tmp_path: Path) -> None:
    assert made
    assert call("model", "tag", "churn:2", "stage=tried", "owner=ann", "-d", "by hand")[0] == 0
    listed = json.loads(call("model", "list", "--tag", "stage=tried", "-o", "json")[1])
    assert [(each["version"], each["tags"]["owner"], each["description"]) for each in listed] == [(2, "ann", "by hand")]
    assert json.loads(call("model", "list", "-t", "stage=kept", "-o", "json")[1]) == []
    assert "owner=ann" in call("model", "list")[1]
    call("model", "tag", "churn:2", "--remove", "owner")
    assert json.loads(call("model", "show", "churn:2", "-o", "json")[1])["tags"] == {"stage": "tried"}
    code, out, _ = call("model", "download", "churn:2", "--to", tmp_path / "got", "-o", "json")
    assert (code, len(json.loads(out))) == (0, 1)
    assert (tmp_path / "got" / "model.onnx").read_bytes() == b"2"


def test_registering_the_same_file_again_is_another_version_and_says_so(call: Any, project: Path) -> None:
    (project / "m.bin").write_bytes(b"1")
    register = ("model", "register", "-n", "m", "-m", "m.bin", "-o", "json")
    assert "has the same files" not in call(*register)[2]
    code, out, err = call(*register)
    assert (code, json.loads(out)["version"]) == (0, 2)
    assert "m:2 has the same files as version 1" in err


def test_what_register_prints_as_id_makes_a_manifest(call: Any, project: Path) -> None:
    (project / "service_schema.json").write_text("{}")
    (project / "m.bin").write_bytes(b"m")
    code, out, err = call("model", "register", "-n", "m", "-m", "m.bin", "-t", "stage=tried", "-o", "json")
    made = json.loads(out)
    assert (code, made["tags"], f"-i {made['id']}" in err) == (0, {"stage": "tried"}, True)
    create = ["manifest", "create", "-n", "churnpred", "-s", "service_schema.json"]
    assert call(*create, "-i", made["id"])[0] == 0
    assert call(*create, "-i", made["id"].removeprefix("sha256:")[:12])[0] == 0
