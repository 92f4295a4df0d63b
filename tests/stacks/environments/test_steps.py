import pytest

from workbench.stacks.environments import steps

URN = "urn:pulumi:staging::churn::churn:infra:Image$docker:index/container:Container::churnpred-1a2b-0"


@pytest.mark.parametrize(
    ("op", "kind", "doing", "verb"),
    [
        ("create", "docker:index/container:Container", "creating", "create"),
        ("create-replacement", "docker:index/container:Container", "creating", "create"),
        ("delete-replaced", "docker:index/container:Container", "removing", "remove"),
        ("update", "pulumi-python:dynamic/infra:GatewayRoute", "changing", "change"),
        ("same", "docker:index/container:Container", "", ""),
        ("create", "churn:infra:Image", "", ""),
        ("create", "pulumi:providers:docker", "", ""),
        ("delete", "docker:index/registryImage:RegistryImage", "", ""),
    ],
)
def test_a_step_is_told_by_what_it_does_to_what_people_know(op: str, kind: str, doing: str, verb: str) -> None:
    found = steps.step(op, kind, URN)
    assert (found.doing, found.verb) == (doing, verb)
    assert found.name == "churnpred-1a2b-0"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("Exception calling application: host-0 ended 3 times, last with 1", "host-0 ended 3 times, last with 1"),
        ("error: Pulumi.staging.yaml: churn:engine is 'x'\n", "Pulumi.staging.yaml: churn:engine is 'x'"),
        ("Traceback:\n  File x\nRuntimeError: the gateway is away\n\n", "the gateway is away"),
        ("", ""),
    ],
)
def test_a_diagnosis_is_brought_down_to_the_line_that_says_most(message: str, line: str) -> None:
    assert steps.last_words(message) == line
