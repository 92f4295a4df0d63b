import json
from pathlib import Path
from typing import Any

import pytest

from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.environments import program
from workbench.stacks.environments.program import ProgramError
from workbench.stacks.environments.steps import Step
from workbench.stacks.services import stack_inputs

SCHEMA = '{"input": {"input_df": {"type": 3, "swagger": {"type": "array", "items": {"type": "object"}}}}}'


@pytest.fixture
def files(project: Path) -> Path:
    (project / "model.onnx").write_bytes(b"\x08\x0a\x3a\x0c\x0a\x0a\x22\x08Identity")
    (project / "mine.py").write_text("def init(): ...\ndef run(input_df): return input_df\n")
    (project / "schema.json").write_text(SCHEMA)
    return project


ONE_SHOT = ["-m", "model.onnx", "-f", "mine.py", "-s", "schema.json", "-r", "python"]


def test_one_shot_create_tells_each_step_and_answers_at_the_end_alone(
    call: Any, pulumi: Any, read: Any, files: Path
) -> None:
    assert files.is_dir()
    code, out, err = call(
        "service", "create", "realtime", "-n", "mine", *ONE_SHOT, "-z", 2, "--memory", "1G", "-o", "json"
    )
    assert code == 0, err
    answer = json.loads(out)
    assert read("mine") == {"manifest": answer["manifest"], "replicas": 2, "memory": 1024}
    words = [
        "model model.onnx:1",
        "manifest sha256:",
        "changing route",
        "image 127.0.0.1:5000/mine@",
        "service mine answers",
    ]
    places = [err.find(word) for word in words]
    assert -1 not in places
    assert places == sorted(places)
    assert pulumi.asked == ["up staging"]
    assert pulumi.path.read_text().startswith("# kept\n")


def test_a_dry_run_registers_makes_and_asks_nothing(call: Any, pulumi: Any, files: Path) -> None:
    before = pulumi.path.read_bytes()
    code, out, _ = call("service", "create", "realtime", "-n", "mine", *ONE_SHOT, "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "would register model model.onnx (model.onnx)")
    assert (pulumi.asked, pulumi.path.read_bytes(), ModelRegistry().list()) == ([], before, [])
    assert files.is_dir()


def test_an_update_keeps_the_pins_it_is_not_told_of(call: Any, pulumi: Any, read: Any) -> None:
    before = dict(read())
    assert call("service", "update", "realtime", "-i", "churnpred", "--cpu", "0.5")[0] == 0
    assert read() == {**before, "cpu": 0.5}
    assert call("service", "scale", "-n", "churnpred", "-z", 3)[0] == 0
    assert read() == {**before, "cpu": 0.5, "replicas": 3}
    assert pulumi.asked == ["up staging"] * 2


def test_a_dry_run_previews_an_edited_copy(call: Any, pulumi: Any) -> None:
    before = pulumi.path.read_bytes()
    code, out, _ = call("service", "scale", "-n", "churnpred", "-z", 2, "--dry-run", "-o", "json")
    assert code == 0
    assert [each["action"] for each in json.loads(out)] == ["scale", "change"]
    assert (pulumi.asked, pulumi.path.read_bytes()) == (["preview staging"] * 2, before)


def test_a_dry_run_tells_apart_what_the_file_would_change_without_it(call: Any, pulumi: Any) -> None:
    pulumi.pending = [Step("create", "docker:index/container:Container", "other-0")]
    code, out, _ = call("service", "scale", "-n", "churnpred", "-z", 2, "--dry-run")
    assert code == 0
    assert out.splitlines() == [
        "would scale service churnpred in Pulumi.staging.yaml (1 to 2 replicas)",
        "would create container other-0 (also without this: a change of the stack's file that is not yet applied)",
        "would change route churnpred-route",
    ]


def test_a_dry_run_of_a_change_that_mends_the_file_is_told(
    call: Any, pulumi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    foresee = program.preview

    def preview(stack: str, heard: Any, config_file: Path) -> Any:
        if config_file.read_bytes() == pulumi.path.read_bytes():
            raise ProgramError("replicas is 0", began=False)
        return foresee(stack, heard, config_file)

    monkeypatch.setattr(program, "preview", preview)
    code, out, _ = call("service", "scale", "-n", "churnpred", "-z", 2, "--dry-run")
    assert (code, out.splitlines()[1:]) == (0, ["would change route churnpred-route"])


def test_a_rotation_counts_one_key_and_shows_none(call: Any, pulumi: Any, read: Any, home: Path) -> None:
    folder = home / "keys" / "churn" / "staging" / "churnpred"
    folder.mkdir(parents=True)
    for name in ("primary", "secondary"):
        (folder / name).write_text(f"the-{name}-key\n")
        (folder / name).chmod(0o600)
    for count in (2, 3):
        code, out, err = call("service", "keys", "-n", "churnpred", "--regen", "-k", "Secondary", "--yes")
        assert (code, read()["secondaryKey"], read().get("primaryKey")) == (0, count, None)
        assert "the-" not in out + err
    code, out, _ = call("service", "keys", "-n", "churnpred", "--show", "-o", "json")
    assert json.loads(out)["secondaryKey"] == "the-secondary-key"
    assert pulumi.asked == ["up staging"] * 2


def test_a_service_is_named_with_all_that_goes_before_it_is_deleted(call: Any, pulumi: Any) -> None:
    code, out, _ = call("service", "delete", "-n", "churnpred", "--dry-run")
    assert (code, pulumi.asked) == (0, ["preview staging"] * 2)
    pulumi.asked.clear()
    for words in (
        "service churnpred from Pulumi.staging.yaml",
        "/churnpred/score",
        "both keys",
        "container churnpred-0",
    ):
        assert words in out
    assert call("service", "delete", "-n", "churnpred", "--yes")[0] == 0
    assert stack_inputs.read_services(pulumi.path) == {}
    assert "churn:services: {}" in pulumi.path.read_text()


def test_a_list_tells_what_is_open(call: Any, pulumi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.stacks.services import service

    served = pulumi.services("staging")
    monkeypatch.setattr(service, "find_all", lambda _: served)
    stack_inputs.pin_manifest(pulumi.path, "churnpred", "sha256:" + "c" * 64)
    stack_inputs.pin_manifest(pulumi.path, "new", "sha256:" + "c" * 64)
    rows = json.loads(call("service", "list", "-o", "json")[1])
    assert {row["name"]: row["state"] for row in rows} == {"churnpred": "update pending", "new": "not up yet"}
    stack_inputs.remove_service(pulumi.path, "churnpred")
    rows = json.loads(call("service", "list", "-o", "json")[1])
    assert {row["name"]: row["state"] for row in rows} == {"churnpred": "removal pending", "new": "not up yet"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "realtime", "-n", "churnpred", "--model", "x"], 1, "service update realtime -i churnpred"),
        (["create", "realtime", "-n", "Mine", "--model", "x"], 1, "3 to 32"),
        (["create", "realtime", "-n", "mine"], 1, "say what to run, once"),
        (["create", "realtime", "-n", "mine", "--model", "x", "--image-id", "a"], 1, "say what to run, once"),
        (["create", "realtime", "-n", "mine", "--model", "none"], 1, "has no version"),
        (["create", "realtime", "-n", "mine", "--model", "x", "-r", "spark-py"], 1, "-r spark-py"),
        (["create", "realtime", "-n", "mine", "--autoscale-enabled", "true"], 1, "--autoscale-enabled: the docker"),
        (["create", "realtime", "-n", "mine", "--autoscale-min-replicas", "1"], 1, "--autoscale-min-replicas"),
        (["create", "realtime", "-n", "mine", "--collect-model-data", "true"], 1, "collects no data"),
        (["create", "realtime", "-n", "mine", "--model", "x", "--memory", "lots"], 1, "--memory 'lots'"),
        (["create", "realtime", "-n", "mine", "--model", "x", "-z", "0"], 2, "--replicas"),
        (["create", "realtime", "-n", "mine", "--model", "x", "--stack", "prod"], 1, "no environment 'prod'"),
        (["update", "realtime", "-i", "other", "--cpu", "1"], 1, "has no service 'other', it has churnpred"),
        (["update", "realtime", "-i", "churnpred"], 1, "say what to run, once"),
        (["update", "realtime", "-i", "churnpred", "--manifest-id", "12"], 1, "fits no manifest"),
        (["scale", "-n", "other", "-z", "2"], 1, "has no service 'other'"),
        (["keys", "-n", "churnpred", "--regen"], 2, "together"),
        (["keys", "-n", "churnpred", "--regen", "-k", "third"], 2, "third"),
        (["keys", "-n", "churnpred", "--regen", "-k", "primary"], 1, "add --yes"),
        (["delete", "-n", "churnpred"], 1, "add --yes"),
        (["delete", "-n", "other", "--yes"], 1, "no service 'other'"),
        (["logs", "-n", "other"], 1, "does not serve 'other'"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    call: Any, pulumi: Any, arguments: list[str], code: int, words: str
) -> None:
    before = pulumi.path.read_bytes()
    found, out, err = call("service", *arguments)
    assert (found, out) == (code, ""), err
    assert words in err
    assert len(err.splitlines()) == 1
    assert (pulumi.asked, pulumi.path.read_bytes()) == ([], before)
