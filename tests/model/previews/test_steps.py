from model.previews import steps
from policies.unknown import UNKNOWN

CONTAINER = "docker:index/container:Container"
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

    assert steps.read({"diagnostics": told}).errors == ("cannot reach [secret]host/",)
