import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbench.registry.manifests import manifest
from workbench.registry.models.registry import ModelRegistry


def test_forms_of_an_answer_agree(call: Any, trained: dict[str, Any]) -> None:
    as_json = json.loads(call("model", "list", "-o", "json")[1])
    assert yaml.safe_load(call("model", "list", "-o", "yaml")[1]) == as_json
    head, row = call("model", "list")[1].splitlines()
    assert head.split() == list(as_json[0])
    assert row.split()[:3] == ["churn", "1", trained["digest"]]
    for text in (head, row):
        assert "\x1b" not in text


def test_what_was_made_can_be_listed_and_shown(call: Any, trained: dict[str, Any]) -> None:
    assert json.loads(call("model", "show", "churn", "-o", "json")[1])["digest"] == trained["digest"]
    assert json.loads(call("model", "show", "churn:1", "-o", "json")[1])["run_id"] == trained["run"]
    short = trained["manifest"].removeprefix("sha256:")[:8]
    assert json.loads(call("manifest", "show", short, "-o", "json")[1])["id"] == trained["manifest"]
    assert json.loads(call("manifest", "list", "-o", "json")[1])[0]["models"] == "churn:1"
    assert json.loads(call("history", "show", trained["run"], "-o", "json")[1])["status"] == "completed"
    assert call("history", "list")[1].splitlines()[1].split()[:2] == [trained["run"], "completed"]


def test_a_manifest_of_the_same_parts_is_the_same_manifest(call: Any, trained: dict[str, Any]) -> None:
    code, out, _ = call("manifest", "create", "-n", "churnpred", "-i", "churn:1", "-o", "json")
    assert (code, json.loads(out)["id"]) == (0, trained["manifest"])
    code, out, _ = call("manifest", "create", "-n", "another", "-i", "churn", "-o", "json")
    assert (code, json.loads(out)["id"] == trained["manifest"]) == (0, False)


@pytest.mark.parametrize("verbs", [("model", "list"), ("manifest", "list"), ("history", "list")])
def test_an_empty_list_says_what_to_do_next(call: Any, project: Path, verbs: tuple[str, str]) -> None:
    assert project.is_dir()
    assert "run: workbench train" in call(*verbs)[1]
    assert call(*verbs, "-o", "json")[1] == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["trian"], 2, "Did you mean 'train'?"),
        (["train"], 1, "data/churn.csv: cannot be read"),
        (["train", "--data", "none.csv"], 1, "none.csv: cannot be read"),
        (["train", "--data", "bad.csv", "--name", "../up"], 1, "name '../up'"),
        (["train", "--data", "bad.csv", "--service", "ab"], 1, "service 'ab': 3 to 32"),
        (["train", "--data", "bad.csv", "--stack", "a/b"], 1, "stack 'a/b'"),
        (["train", "--data", "bad.csv", "--stack", "broken"], 1, "Pulumi.broken.yaml: 'config' holds"),
        (["data", "generate", "--out", "none/deep.csv/x", "--rows", "0"], 2, "--rows"),
        (["data", "generate", "--out", "bad.csv/x"], 1, "bad.csv"),
        (["model", "show", "churn:x"], 1, "NAME:VERSION"),
        (["model", "show", "churn"], 1, "has no version"),
        (["manifest", "show", "12"], 1, "fits no manifest"),
        (["manifest", "create", "-n", "churnpred", "-i", "churn"], 1, "has no version"),
        (["history", "show", "churn_1"], 1, "workbench history list"),
        (["service", "show", "-n", "churnpred", "-s", "staging"], 1, "pulumi"),
        (["service", "run", "-n", "churnpred", "-s", "staging"], 2, "either -d"),
        (
            ["service", "run", "-n", "churnpred", "-s", "staging", "-d", ""],
            1,
            "-d is empty; -d takes a JSON or CSV file",
        ),
        (["train", "--data", "bad.csv", "--stack", "brokn"], 1, "no environment 'brokn', there are broken; workbench"),
        (["train", "--data", "bad.csv", "--stack", "brokn"], 1, "did you mean 'broken'?"),
        (["manifest", "create", "-n", "churnpred", "-i", "churn", "--stack", "prod"], 1, "no environment 'prod'"),
        (["promote", "churnpred", "--from", "staging", "--to", "prod"], 1, "no environment 'prod'"),
        (["model", "list", "-o", "xml"], 2, "xml"),
    ],
)
def test_an_error_is_one_line_on_stderr(
    call: Any,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    csv_bytes: bytes,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.setenv("PATH", str(project))
    header, first, rest = csv_bytes.split(b"\n", 2)
    first = b"old," + first.partition(b",")[2]
    (project / "bad.csv").write_bytes(b"\n".join([header, first, rest]))
    (project / "Pulumi.broken.yaml").write_text("config: 3\n")
    found, out, err = call(*arguments)
    assert (found, out) == (code, "")
    assert words in err
    lines = err.splitlines()
    assert lines[-1].startswith("error: ")
    assert all(line.startswith("reading ") for line in lines[:-1])
    assert ModelRegistry().list() == []
    assert [path.name for path in project.glob("Pulumi.*.yaml")] == ["Pulumi.broken.yaml"]


def test_debug_gives_the_traceback(call: Any, project: Path) -> None:
    assert project.is_dir()
    with pytest.raises(Exception, match="has no version"):
        call("model", "show", "churn", debug=True)


def test_an_unforeseen_error_is_one_line_too(call: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert project.is_dir()

    def fail(_self: object, _name: object) -> None:
        raise RuntimeError("node 1\n" * 10_000)

    monkeypatch.setattr(ModelRegistry, "list", fail)
    code, _, err = call("model", "list")
    assert code == 1
    assert err.startswith("error: RuntimeError: node 1 node 1")
    assert (err.count("\n"), len(err) < 700) == (1, True)


def _process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from workbench.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_process_exits_with_the_code_and_keeps_tracebacks_for_debug(project: Path) -> None:
    quiet = _process("model", "show", "churn", cwd=project)
    assert (quiet.returncode, quiet.stdout, quiet.stderr.count("\n")) == (1, "", 1)
    loud = _process("model", "show", "churn", "--debug", cwd=project)
    assert loud.returncode == 1
    assert "Traceback" in loud.stderr
    assert _process(cwd=project).stdout == _process("--help", cwd=project).stdout != ""


def test_a_closed_pipe_is_no_error(project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from workbench.cli.main import main; main()", "model", "list"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, cwd=project)
    os.close(writer)
    assert done.stderr == ""


@pytest.mark.parametrize(("rows", "told"), [(1, "one.csv has 1 row; next: "), (2, "one.csv has 2 rows; next: ")])
def test_rows_are_counted_in_singular_and_plural(call: Any, project: Path, rows: int, told: str) -> None:
    code, _, err = call("data", "generate", "--rows", rows, "--out", "one.csv")
    assert (code, err.startswith(told), project.is_dir()) == (0, True, True), err


def test_a_sample_is_written_whole_and_the_same_for_a_seed(call: Any, project: Path) -> None:
    code, out, err = call("data", "generate", "--out", "a.csv", "--rows", 50, "--seed", 4)
    assert (code, out) == (0, "")
    assert "next: workbench train --data a.csv" in err
    call("data", "generate", "--out", "b.csv", "--rows", 50, "--seed", 4)
    assert (project / "a.csv").read_bytes() == (project / "b.csv").read_bytes()


def test_a_manifest_without_a_schema_gives_run_the_body_as_text(call: Any, project: Path) -> None:
    (project / "raw.py").write_text("def init(): ...\ndef run(body, /): return body\n")
    code, out, err = call("manifest", "create", "-n", "texts", "-f", "raw.py", "-o", "json")
    assert code == 0, err
    assert "no schema, neither by -s nor in a model: run() gets each body as text" in err
    made = json.loads(out)
    assert made["schema"] is None
    found = manifest.find(made["id"])
    assert (found.has_schema, found.schema()) == (False, {"input": {}})
    assert sorted(path.name for path in found.files.iterdir()) == ["requirements.txt", "score.py"]


def test_a_script_of_two_arguments_needs_a_schema_and_is_told_how_to_make_one(call: Any, project: Path) -> None:
    (project / "two.py").write_text("def init(): ...\ndef run(rows, limit): return rows\n")
    code, out, err = call("manifest", "create", "-n", "texts", "-f", "two.py")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "run() takes 2 arguments" in err
    assert "workbench schema generate -f two.py" in err
    assert manifest.list_all() == []
