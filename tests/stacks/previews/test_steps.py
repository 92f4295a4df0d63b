import pytest

from workbench.policies.unknown import UNKNOWN
from workbench.stacks.previews import steps

CONTAINER = "docker:index/container:Container"
ROOT = {"op": "same", "urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "newState": {"custom": False}}
BLANK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def document(**step: object) -> dict[str, object]:
    return {"steps": [{"urn": f"urn:pulumi:s::p::{CONTAINER}::it", **step}]}


def state(**inputs: object) -> dict[str, object]:
    return {"type": CONTAINER, "custom": True, "inputs": inputs}


def test_a_replacement_in_three_steps_is_one() -> None:
    listed = [
        document(op=op, oldState=state(), newState=state())["steps"][0]  # type: ignore[index]  # a list
        for op in ("create-replacement", "replace", "delete-replaced")
    ]

    [found] = steps.read({"steps": listed}).steps

    assert found.op == "replace"


def test_what_differs_is_told_by_its_path_and_what_is_not_known_yet_is_unknown() -> None:
    old, new = (
        state(image="a", cpus={"limit": 1}, __provider="x"),
        state(image=BLANK, cpus={"limit": 2}, __provider="y"),
    )

    [found] = steps.read(document(op="update", oldState=old, newState=new)).steps

    assert found.changed == ("cpus.limit", "image")
    assert found.after is not None
    assert found.after["image"] is UNKNOWN


def test_components_and_providers_are_left_out() -> None:
    component = {"type": "churn:infra:Route", "custom": False}
    provider = {"type": "pulumi:providers:docker", "custom": True}

    for each in (component, provider):
        assert steps.read(document(op="create", newState=each)).steps == ()


def test_errors_are_told_once_and_without_secrets() -> None:
    told = [
        {"severity": "error", "message": "error: cannot reach http://me:hunter2@host/\n"},
        {
            "severity": "error",
            "message": "error: an unhandled error occurred: program exited with non-zero exit code: 1",
        },
        {"severity": "warning", "message": "a warning"},
    ]

    assert steps.read({"diagnostics": told}, 1).errors == ("cannot reach [secret]host/",)


def died(code: int) -> list[dict[str, str]]:
    """What Pulumi tells of a program that ended without a word of its own."""
    message = f"error: an unhandled error occurred: program exited with non-zero exit code: {code}\n"
    return [{"severity": "error", "message": message}]


@pytest.mark.parametrize(
    ("code", "says"),
    [(-1, "was killed (exit code -1)"), (137, "was killed (exit code 137)"), (3, "ended with exit code 3 and without")],
)
@pytest.mark.parametrize("listed", [[], [ROOT]])
def test_a_program_that_died_is_an_error_and_no_preview_of_nothing(
    code: int, says: str, listed: list[dict[str, object]]
) -> None:
    [error] = steps.read({"steps": listed, "diagnostics": died(code)}, 1).errors
    assert says in error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("document", "ended", "says"),
    [
        ({}, 0, "ended before it had declared anything"),
        ({"steps": [{**ROOT, "op": "delete"}]}, 0, "ended before it had declared anything"),
        ({"steps": [ROOT]}, 255, "pulumi ended with exit code 255 and without a word"),
        ({"steps": [ROOT, {**ROOT, "op": "teleport"}]}, 0, "pulumi foresees 'teleport'"),
    ],
)
def test_what_is_not_told_is_an_error(document: dict[str, object], ended: int, says: str) -> None:
    [error] = steps.read(document, ended).errors
    assert says in error


def test_what_a_whole_program_declares_is_no_error() -> None:
    assert steps.read({"steps": [ROOT]}) == steps.Plan()


def test_things_of_one_name_and_kind_under_two_components_are_two_steps() -> None:
    listed = [
        {"urn": f"urn:pulumi:s::p::{parent}${CONTAINER}::it", "op": "create", "newState": state()}
        for parent in ("a", "b")
    ]
    assert len(steps.read({"steps": [ROOT, *listed]}).steps) == 2
