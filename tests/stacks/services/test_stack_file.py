"""Stack files as people write them: anchors, merges, JSON, marks of byte order, and keys that nobody reads."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from workbench.core import home as places
from workbench.core.errors import StackFileError
from workbench.stacks.services import stack_config, stack_inputs

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = f"127.0.0.1:5000/churnpred@{B}"
ANCHORS = f"""\
# shared
config:
  churn:services:
    alpha: &base {{manifest: {A}, memory: 512}}
    beta: *base # the same
    gamma:
      <<: *base
      cpu: 2 # more
"""
OLD = {"manifest": A, "memory": 512}


@pytest.fixture
def path(project: Path) -> Path:
    return project / "Pulumi.staging.yaml"


@pytest.mark.parametrize("service", ["alpha", "beta", "gamma", "delta"])
def test_a_pin_of_one_service_leaves_those_that_share_its_anchor_as_they_were(path: Path, service: str) -> None:
    path.write_text(ANCHORS)
    before = stack_inputs.read_services(path)
    stack_inputs.pin_manifest(path, service, B)
    assert stack_inputs.read_services(path) == {**before, service: {**before.get(service, {}), "manifest": B}}
    assert "# shared" in path.read_text()
    assert "# more" in path.read_text()


@pytest.mark.parametrize("service", ["alpha", "beta", "gamma"])
def test_an_image_joins_and_leaves_one_of_several_services_that_share_an_anchor(path: Path, service: str) -> None:
    path.write_text(ANCHORS.replace("memory: 512", f"image: {IMAGE}"))
    before = stack_inputs.read_services(path)
    stack_inputs.pin_manifest(path, service, B)
    others = {name: each for name, each in before.items() if name != service}
    after = stack_inputs.read_services(path)
    assert {name: each for name, each in after.items() if name != service} == others
    assert {key: after[service].get(key) for key in ("manifest", "image")} == {"manifest": B, "image": None}


@pytest.mark.parametrize("service", ["alpha", "beta", "gamma"])
def test_a_service_that_shares_an_anchor_is_removed_alone(path: Path, service: str) -> None:
    path.write_text(ANCHORS)
    before = stack_inputs.read_services(path)
    stack_inputs.remove_service(path, service)
    assert stack_inputs.read_services(path) == {name: each for name, each in before.items() if name != service}


def test_services_that_are_shared_or_merged_as_a_whole_are_pinned_in_the_named_place_alone(path: Path) -> None:
    path.write_text(
        f"x-common: &all\n  alpha: {{manifest: {A}}}\n  beta: {{manifest: {A}}}\n"
        "config:\n  churn:services:\n    <<: *all\n    gamma: {manifest: " + A + "}\n"
    )
    stack_inputs.pin_manifest(path, "alpha", B)
    assert stack_inputs.read_pins(path) == {
        "alpha": {"manifest": B},
        "beta": {"manifest": A},
        "gamma": {"manifest": A},
    }
    assert YAML(typ="safe").load(path)["x-common"]["alpha"] == {"manifest": A}


def test_a_file_of_json_is_read_and_pinned_as_json(project: Path) -> None:
    (project / "Pulumi.yaml").unlink()
    (project / "Pulumi.json").write_text('{"name": "churn", "runtime": "python"}')
    path = places.stack_file("staging")
    path.write_text('{"config": {"churn:host": "\\ud83d\\ude00", "churn:gatewayPort": "1"}}')
    stack_inputs.pin_manifest(path, "alpha", A)
    assert path.name == "Pulumi.staging.json"
    assert stack_inputs.read_pins(path) == {"alpha": {"manifest": A}}
    assert stack_config.read("staging")["host"] == "😀"


def test_a_mark_of_byte_order_is_kept_and_no_part_of_the_first_key(path: Path) -> None:
    path.write_text(f"\ufeffconfig:\n  churn:services:\n    alpha: {{manifest: {A}}}\n")
    stack_inputs.pin_manifest(path, "alpha", B)
    assert path.read_text() == f"\ufeffconfig:\n  churn:services:\n    alpha: {{manifest: {B}}}\n"


def test_keys_without_a_namespace_are_the_projects_as_pulumi_reads_them(path: Path) -> None:
    path.write_text(f"config:\n  services:\n    alpha: {{manifest: {A}}}\n  gatewayPort: 81\n")
    assert stack_inputs.read_pins(path) == {"alpha": {"manifest": A}}
    assert stack_config.read("staging")["gatewayPort"] == 81
    stack_inputs.pin_manifest(path, "alpha", B)
    assert path.read_text() == f"config:\n  services:\n    alpha: {{manifest: {B}}}\n  gatewayPort: 81\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("config:\n  churn:servces: {}\n", "churn:servces is not known; did you mean 'churn:services'?"),
        ("config:\n  servces: {}\n", "churn:servces is not known; did you mean 'churn:services'?"),
        ("config:\n  churn:Services: {}\n", "did you mean 'churn:services'?"),
        ("config:\n  chrun:services: {}\n", "chrun:services is not known, this project is 'churn'; did you mean"),
        ("config:\n  Churn:services: {}\n", "did you mean 'churn:services'?"),
        ("config:\n  churn:database: 1\n", "a key of your own program is declared with its type"),
        ("confg:\n  churn:services: {}\n", "'confg' is not known; did you mean 'config'?"),
        ("Config: {}\n", "did you mean 'config'?"),
        ("services: {}\n", "'services' is not known; it can be config"),
        ("config:\n  churn:services:\n    alpha: {manfest: a}\n", "churn:services.alpha.manfest is not known; did you"),
        ("config:\n  churn:services:\n    alpha: {~: a}\n", "churn:services.alpha.None is not known"),
        ("config:\n  churn:services: {}\n  services: {}\n", "churn:services and services are one key"),
    ],
)
def test_a_key_that_nobody_reads_is_refused_with_the_nearest_known_one(path: Path, text: str, says: str) -> None:
    path.write_text(text)
    for act in (stack_inputs.read_services, lambda path: stack_inputs.pin_manifest(path, "beta", A)):
        with pytest.raises(StackFileError) as refused:
            act(path)
        assert says in str(refused.value)
        assert str(path) in str(refused.value)
        assert "\n" not in str(refused.value)
    assert path.read_text() == text


@pytest.mark.parametrize("spelling", ["database", "churn:database"])
def test_a_key_of_a_program_of_ones_own_is_known_where_the_project_declares_its_type(
    path: Path, project: Path, spelling: str
) -> None:
    (project / "Pulumi.yaml").write_text(f"name: churn\nruntime: python\nconfig:\n  {spelling}: {{type: integer}}\n")
    path.write_text("config:\n  churn:database: 5\n  docker:host: unix:///x\n  aws:region: eu\nx-any: 1\n")
    assert stack_inputs.read_services(path) == {}


def test_a_value_in_the_projects_file_under_a_key_that_nobody_reads_is_refused(path: Path, project: Path) -> None:
    (project / "Pulumi.yaml").write_text("name: churn\nruntime: python\nconfig:\n  servces: {value: {}}\n")
    with pytest.raises(StackFileError, match=r"Pulumi.yaml: churn:servces is not known; did you mean"):
        stack_inputs.read_services(path)


def test_a_mistyped_section_of_the_projects_file_is_refused(path: Path, project: Path) -> None:
    (project / "Pulumi.yaml").write_text("name: churn\nruntime: python\nconfg: {}\n")
    with pytest.raises(StackFileError, match="'confg' is not known; did you mean 'config'"):
        stack_inputs.read_services(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("config:\n  churn:a: &here x\n  churn:b: &here y\n", "an anchor is defined twice"),
        ("\ufeff\ufeffconfig: {}\n", "begins with the mark of its byte order"),
        (
            "config: {churn:password: secret-one}\nconfig: {churn:password: secret-two}\n",
            'found duplicate key "config"',
        ),
    ],
)
def test_what_stands_twice_is_refused_in_one_line_without_its_values(path: Path, text: str, words: str) -> None:
    path.write_text(text)
    with pytest.raises(StackFileError, match=words) as refused:
        stack_inputs.pin_manifest(path, "alpha", B)
    assert "secret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert path.read_text() == text
