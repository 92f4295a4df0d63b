"""Several projects with one home: each looks at its own runs and at its own stacks."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.core.errors import ServiceError
from workbench.experiments.runs.run_record import Run
from workbench.stacks.services import service


@pytest.fixture
def runs(project: Path) -> dict[str, str]:
    """A run of the project and a newer one of another, by project."""
    assert project
    made = {}
    for name in ("churn", "shop"):
        run = Run.start(name, {})
        run.finish("completed")
        made[name] = run.id
    return made


@pytest.mark.parametrize(("options", "projects"), [((), ["churn"]), (("--all-projects",), ["churn", "shop"])])
def test_a_list_has_the_runs_of_this_project_and_of_all_when_asked(
    call: Any, runs: dict[str, str], options: tuple[str, ...], projects: list[str]
) -> None:
    for verb in (("history", "list"), ("history", "last", "-n", "9")):
        code, out, _ = call(*verb, *options, "-o", "json")
        assert (code, [each["run"] for each in json.loads(out)]) == (0, [runs[name] for name in projects])


def test_last_is_the_newest_run_of_this_project(call: Any, runs: dict[str, str]) -> None:
    assert json.loads(call("history", "last", "-o", "json")[1])["id"] == runs["churn"]
    assert json.loads(call("history", "show", "last", "-o", "json")[1])["id"] == runs["churn"]
    assert json.loads(call("history", "last", "--all-projects", "-o", "json")[1])["id"] == runs["shop"]
    assert json.loads(call("history", "show", runs["shop"], "-o", "json")[1])["project"] == "shop"


def test_runs_are_those_of_all_projects_outside_of_any(
    call: Any, runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [each["run"] for each in json.loads(call("history", "list", "-o", "json")[1])] == list(runs.values())


def test_a_project_without_runs_says_where_those_of_others_are(call: Any, runs: dict[str, str], project: Path) -> None:
    assert runs
    (project / "Pulumi.yaml").write_text("name: third\n")
    code, out, err = call("history", "list")
    assert (code, "--all-projects" in out + err) == (0, True)
    assert call("history", "show", "last")[0] == 1


def test_a_stack_of_another_project_is_not_taken_for_one_of_this(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project
    found = [{"urn": "urn:pulumi:staging::shop::x:infra:GatewayRoute::r", "type": "x:infra:GatewayRoute"}]
    monkeypatch.setattr(service, "exported", lambda _: found)
    with pytest.raises(ServiceError, match="stack staging: is one of project 'shop', this one is 'churn'"):
        service.find_all("staging")
