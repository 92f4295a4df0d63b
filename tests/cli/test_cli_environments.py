import json
from pathlib import Path
from typing import Any

import pytest

from workbench.stacks.environments import images, program
from workbench.stacks.environments.program import ProgramError


def test_an_environment_is_set_up_with_ports_of_its_own_chosen_and_listed(
    call: Any, pulumi: Any, project: Path, home: Path
) -> None:
    code, out, err = call("env", "setup", "-n", "stage", "-o", "json")
    assert code == 0, err
    shown = json.loads(out)
    assert shown["gatewayPort"] > 8080, "staging has the first"
    assert shown["registryPort"] > 5000
    assert f'churn:gatewayPort: "{shown["gatewayPort"]}"' in (project / "Pulumi.stage.yaml").read_text()
    assert pulumi.asked == ["create stage", "up stage"]
    assert call("env", "set", "-n", "stage")[0] == 0
    assert (home / "chosen" / "churn").read_text() == "stage\n"
    assert json.loads(call("env", "show", "-o", "json")[1])["name"] == "stage"
    rows = json.loads(call("env", "list", "-o", "json")[1])
    assert [(row["name"], row["chosen"]) for row in rows] == [("stage", True), ("staging", False)]


def test_setting_up_twice_brings_up_what_is_there_and_keeps_its_file(call: Any, pulumi: Any) -> None:
    before = pulumi.path.read_bytes()
    code, _, err = call("env", "setup", "-n", "staging", "--gateway-port", 9000)
    assert (code, "is there already" in err, pulumi.path.read_bytes()) == (0, True, before)


@pytest.mark.parametrize("began", [True, False])
def test_what_pulumi_refuses_leaves_nothing_and_what_it_began_stays(
    call: Any, pulumi: Any, project: Path, monkeypatch: pytest.MonkeyPatch, began: bool
) -> None:
    def up(*_: object) -> None:
        raise ProgramError("it would not", began=began)

    monkeypatch.setattr(program, "up", up)
    code, out, err = call("env", "setup", "-n", "stage", "--cluster")
    assert (code, out) == (1, "")
    assert ("workbench env delete -n stage" in err) is began
    assert (project / "Pulumi.stage.yaml").exists() is began
    assert ("stage" in pulumi.stacks) is began


def test_a_dry_run_of_a_setup_writes_nothing(call: Any, pulumi: Any, project: Path) -> None:
    code, out, _ = call("env", "setup", "-n", "stage", "--dry-run")
    assert (code, "would create Pulumi.stage.yaml" in out, pulumi.asked) == (0, True, [])
    assert not (project / "Pulumi.stage.yaml").exists()


def test_an_environment_goes_with_all_that_it_has_once_that_is_agreed_to(
    call: Any, pulumi: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "list_all", lambda _: [])
    monkeypatch.setattr(images, "tags", lambda _, prefix: [prefix, "127.0.0.1:5000/churnpred:1"])
    removed: list[Any] = []
    monkeypatch.setattr(images, "remove", removed.append)
    code, out, _ = call("env", "delete", "-n", "staging", "--dry-run")
    assert code == 0
    assert out.splitlines()[0].startswith("would remove service churnpred")
    code, out, err = call("env", "delete", "-n", "staging")
    assert (code, "add --yes" in err, pulumi.asked) == (1, True, [])
    assert call("env", "delete", "-n", "staging", "--yes")[0] == 0
    assert pulumi.asked == ["destroy staging", "remove staging"]
    assert removed == [["churn-staging", "127.0.0.1:5000/churnpred:1"]]
    assert not pulumi.path.exists()
    assert not (home / "chosen" / "churn").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["setup", "-n", "Stage-1"], "a-z and 0-9"),
        (["set", "-n", "stage"], "there is no environment 'stage'"),
        (["show", "-n", "stage"], "there is no environment 'stage'"),
        (["delete", "-n", "stage", "--yes"], "there is no environment 'stage'"),
    ],
)
def test_a_name_that_is_none_is_one_line(call: Any, pulumi: Any, arguments: list[str], words: str) -> None:
    code, out, err = call("env", *arguments)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert words in err
    assert pulumi.asked == []


def test_an_account_is_where_things_lie(call: Any, pulumi: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "backend", lambda: "file:///state")
    shown = json.loads(call("account", "show", "-o", "json")[1])
    assert (shown["home"], shown["backend"], shown["chosen"]) == (str(home), "file:///state", "staging")
    managed = json.loads(call("account", "modelmanagement", "show", "-o", "json")[1])
    assert managed == {key: shown[key] for key in ("home", "models", "manifests")}
    assert pulumi.asked == []
