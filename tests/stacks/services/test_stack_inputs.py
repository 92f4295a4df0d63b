from pathlib import Path

import pytest

from workbench.core.errors import StackFileError
from workbench.stacks.services import stack_inputs

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = f"127.0.0.1:5000/churnpred@{B}"
FULL = f"""\
# staging
encryptionsalt: v1:abc=:v1:def
config:
    # where it runs
    churn:engine: "docker"
    churn:registries:
      - reg.example.com
      - reg.example.org # the second
    churn:services:
        # scores churn
        churnpred:
            # what it runs
            manifest: {A}
            # how large
            memory: 512

        other:
            manifest: '{A}'
            image: '{IMAGE}' # of last week
    churn:host: 'x' # kept
# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Pulumi.staging.yaml"


def test_a_new_file_holds_the_pin_alone(path: Path) -> None:
    assert stack_inputs.pin_manifest(path, "churnpred", A)
    assert path.read_text() == f"config:\n  churn:services:\n    churnpred:\n      manifest: {A}\n"
    assert stack_inputs.read_pins(path) == {"churnpred": {"manifest": A}}


def test_a_new_digest_changes_its_line_alone(path: Path) -> None:
    path.write_text(FULL)
    assert stack_inputs.pin_manifest(path, "churnpred", B)
    assert path.read_text() == FULL.replace(f"manifest: {A}", f"manifest: {B}")


def test_an_image_joins_its_manifest_and_leaves_again(path: Path) -> None:
    path.write_text(FULL)
    assert stack_inputs.pin_image(path, "churnpred", B, IMAGE)
    pins = f"            manifest: {B}\n            image: {IMAGE}\n"
    with_image = FULL.replace(f"            manifest: {A}\n", pins)
    assert path.read_text() == with_image
    assert stack_inputs.pin_manifest(path, "churnpred", A)
    assert path.read_text() == FULL


def test_remarks_beside_a_removed_pin_are_kept(path: Path) -> None:
    path.write_text(FULL)
    stack_inputs.pin_manifest(path, "other", B)
    assert stack_inputs.read_pins(path)["other"] == {"manifest": B}
    assert "# of last week" in path.read_text()


def test_nothing_is_written_when_nothing_changes(path: Path) -> None:
    path.write_text(FULL)
    before = path.stat()
    assert not stack_inputs.pin_manifest(path, "churnpred", A)
    assert not stack_inputs.pin_image(path, "other", A, IMAGE)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a remark\n",
        "config:\n",
        "config: {}\n",
        "config:\n  churn:services:\n    churnpred:\n",
        "environment: [a]\n",
    ],
)
def test_a_sparse_file_gets_the_pin_and_keeps_what_it_had(path: Path, text: str) -> None:
    path.write_text(text)
    assert stack_inputs.pin_image(path, "churnpred", A, IMAGE)
    assert stack_inputs.read_pins(path) == {"churnpred": {"manifest": A, "image": IMAGE}}
    for kept in ("# only a remark", "environment: [a]"):
        assert (kept in path.read_text()) == (kept in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "a stack's file holds keys"),
        ("config: 3\n", "'config' holds 3"),
        ("config:\n  churn:services: [a]\n", "'churn:services' holds"),
        ("config:\n  churn:services:\n    churnpred: on\n", "churn:services.churnpred holds"),
        ("config:\n\tx: 1\n", "line 2 is not YAML"),
        ("config: {\n", "is not YAML"),
        ("a: 1\na: 2\n", "is not YAML"),
        ("a: 1\n---\nb: 1\n", "is not YAML"),
    ],
)
def test_an_unknown_structure_is_one_clear_line_and_the_file_is_left_alone(path: Path, text: str, words: str) -> None:
    path.write_text(text)
    for act in (lambda: stack_inputs.pin_manifest(path, "churnpred", A), lambda: stack_inputs.read_pins(path)):
        with pytest.raises(StackFileError) as caught:
            act()
        assert words in str(caught.value)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert path.read_text() == text


def test_bytes_that_are_not_text_are_one_clear_line(path: Path) -> None:
    path.write_bytes(b"config: \xff\n")
    with pytest.raises(StackFileError, match="cannot be read"):
        stack_inputs.read_pins(path)


@pytest.mark.parametrize("value", ["latest", "a" * 64, "sha256:abc", ""])
def test_only_a_digest_can_be_pinned(path: Path, value: str) -> None:
    with pytest.raises(StackFileError, match="64 hex"):
        stack_inputs.pin_manifest(path, "churnpred", value)
    assert not path.exists()


@pytest.mark.parametrize("reference", [B, "churnpred:latest", "127.0.0.1:5000/churnpred:1", f"churnpred@{B}", ""])
def test_only_an_image_by_registry_and_digest_can_be_pinned(path: Path, reference: str) -> None:
    with pytest.raises(StackFileError, match="REGISTRY/NAME@sha256"):
        stack_inputs.pin_image(path, "churnpred", A, reference)
    assert not path.exists()


def test_a_crash_while_writing_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(FULL)

    def crash(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        stack_inputs.pin_manifest(path, "churnpred", B)
    assert path.read_text() == FULL
    assert list(path.parent.iterdir()) == [path]


def test_a_file_without_a_stack_has_no_pins(path: Path) -> None:
    assert stack_inputs.read_pins(path) == {}


def test_other_keys_of_a_service_change_and_its_pins_and_remarks_stay(path: Path) -> None:
    path.write_text(FULL)
    assert stack_inputs.put(path, "churnpred", {}, {"memory": 1024, "replicas": 2})
    assert stack_inputs.read_services(path)["churnpred"] == {"manifest": A, "memory": 1024, "replicas": 2}
    assert "# how large" in path.read_text()
    assert not stack_inputs.put(path, "churnpred", {}, {"memory": 1024})


def test_a_removed_service_leaves_the_others_and_the_last_leaves_an_empty_mapping(path: Path) -> None:
    path.write_text(FULL)
    assert stack_inputs.remove_service(path, "other")
    assert stack_inputs.read_pins(path) == {"churnpred": {"manifest": A}}
    assert stack_inputs.remove_service(path, "churnpred")
    assert "churn:services: {}\n" in path.read_text()
    assert "churn:engine" in path.read_text()
    assert not stack_inputs.remove_service(path, "churnpred")


def test_an_image_is_listed_once_under_its_name(path: Path) -> None:
    path.write_text(FULL)
    assert stack_inputs.add_image(path, "churnpred", A)
    assert stack_inputs.add_image(path, "churnpred", B)
    assert not stack_inputs.add_image(path, "churnpred", A)
    assert stack_inputs.read_images(path) == {"churnpred": [A, B]}
    with pytest.raises(StackFileError, match="needed is sha256"):
        stack_inputs.add_image(path, "churnpred", "latest")
    path.write_text("config:\n  churn:images:\n    churnpred: x\n")
    with pytest.raises(StackFileError, match="a list of manifests"):
        stack_inputs.read_images(path)
