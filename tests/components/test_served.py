from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from workbench.components import registry_login, served
from workbench.components.engines.docker.identity import Identity
from workbench.components.errors import InfraError

URN = "urn:pulumi:staging::churn::churn:infra:Route$pulumi-python:dynamic/infra:GatewayRoute::churnpred-route"


def _state(**outputs: dict[str, Any]) -> dict[str, Any]:
    """As Pulumi answers: by its URN, each resource has its type and its outputs."""
    return {"outputs": {urn: {"type": "any", "outputs": each} for urn, each in outputs.items()}}


STATE = _state(**{URN: {"service": "churnpred", "manifest": "sha256:1"}, "urn:x::Volume::y": {"name": "z"}})

LOGIN = registry_login._new()


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> list[str]:
    """Have Pulumi give one answer a call, the last one from then on; gives the names it was asked for."""
    asked: list[str] = []

    def invoke(_token: str, args: dict[str, str]) -> Any:
        asked.append(args["stackName"])
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(value=answer)

    monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return asked


def test_what_serves_is_read_from_the_routes_of_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, STATE)

    assert served.load().manifests == {"churnpred": "sha256:1"}


def test_when_a_service_was_promoted_is_read_from_its_route(monkeypatch: pytest.MonkeyPatch) -> None:
    at = "2026-11-25T10:00:00+00:00"
    _answers(monkeypatch, _state(**{URN: {"service": "churnpred", "manifest": "sha256:1", "promotedAt": at}}))

    assert served.load().promotions == {"churnpred": at}


@pytest.mark.parametrize(
    ("outputs", "login"),
    [
        ({"user": "workbench", **LOGIN}, LOGIN),
        ({"user": "workbench", "htpasswd": LOGIN["htpasswd"]}, None),
        ({**LOGIN, "password": "[secret]"}, None),
        ({**LOGIN, "htpasswd": ""}, None),
    ],
)
def test_the_login_to_the_stacks_registry_is_read_whole_and_shown_by_nothing(
    monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str], login: dict[str, str] | None
) -> None:
    urn = "urn:pulumi:staging::churn::pulumi-python:dynamic/infra:RegistryLogin::registry-login"
    _answers(monkeypatch, _state(**{urn: outputs}))

    found = served.load()

    assert found.login == login
    assert "login" not in repr(found)


def test_the_cluster_that_a_stack_lives_in_is_read_from_its_resource_group(monkeypatch: pytest.MonkeyPatch) -> None:
    group = "urn:pulumi:prod::churn::churn:infra:ResourceGroup::group"
    _answers(monkeypatch, _state(**{group: {"boundary": "churn-prod", "cluster": "9f1c"}}))

    assert served.load() == served.Served({}, "9f1c", boundary="churn-prod")


def test_the_docker_engine_that_a_stack_lives_on_is_read_from_its_resource_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = "urn:pulumi:prod::churn::churn:infra:ResourceGroup::group"
    _answers(monkeypatch, _state(**{group: {"engine": {"id": "A@/data", "name": "one", "address": "unix:///x"}}}))

    assert served.load().engine == Identity("A@/data", "one", "unix:///x")


@pytest.mark.parametrize("answer", [None, {}, {"outputs": None}, {"outputs": {URN: {"service": "churnpred"}}}])
def test_an_answer_without_facts_is_no_stack_that_serves_nothing(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    _answers(monkeypatch, answer)

    with pytest.raises(InfraError, match="can't be read from its state"):
        served.load()


def test_a_stack_that_was_never_up_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, {"outputs": {}})

    assert served.load().manifests == {}


def test_a_state_that_is_just_being_written_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _answers(monkeypatch, Exception("failed to load checkpoint: EOF"), STATE)

    assert served.load().manifests == {"churnpred": "sha256:1"}
    assert len(asked) == 2


def test_a_state_that_stays_unreadable_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, Exception("failed to load checkpoint: EOF\nmore"))

    with pytest.raises(InfraError, match=r"\(failed to load checkpoint: EOF\); run the same command again"):
        served.load()
