"""What becomes of a stack's file: with a Pulumi that is told how to end; the real one runs in tests/integration."""

from pathlib import Path

import pytest

from workbench.stacks.environments import change, program
from workbench.stacks.environments.program import ProgramError, UpdateResult
from workbench.stacks.environments.steps import Step
from workbench.stacks.services import stack_inputs

BEFORE = "# kept\nconfig:\n  churn:gatewayPort: 8080\n"
MANIFEST = "sha256:" + "a" * 64


@pytest.fixture
def path(project: Path) -> Path:
    file = project / "Pulumi.staging.yaml"
    file.write_text(BEFORE)
    return file


def _edit(path: Path) -> None:
    stack_inputs.pin_manifest(path, "churnpred", MANIFEST)


def _ends(monkeypatch: pytest.MonkeyPatch, *, began: bool, then: str = "") -> None:
    def up(_stack: str, _heard: program.OnStep) -> UpdateResult:
        if then:
            Path("Pulumi.staging.yaml").write_text(then)
        raise ProgramError("it would not", began=began)

    monkeypatch.setattr(program, "up", up)


def test_what_is_refused_before_the_first_step_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ends(monkeypatch, began=False)
    with pytest.raises(ProgramError) as caught:
        change.make("staging", _edit, lambda _: None)
    assert path.read_text() == BEFORE
    assert caught.value.__notes__ == ["Pulumi.staging.yaml is as it was"]


def test_what_fails_later_keeps_what_was_wanted_and_tells_the_way_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ends(monkeypatch, began=True)
    with pytest.raises(ProgramError) as caught:
        change.make("staging", _edit, lambda _: None)
    assert stack_inputs.read_pins(path) == {"churnpred": {"manifest": MANIFEST}}
    assert "to go back: git checkout Pulumi.staging.yaml, then: pulumi up -s staging" in caught.value.__notes__[0]


def test_an_edit_of_somebody_elses_meanwhile_is_not_undone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ends(monkeypatch, began=False, then="config: {}\n")
    with pytest.raises(ProgramError, match="it would not"):
        change.make("staging", _edit, lambda _: None)
    assert path.read_text() == "config: {}\n"


def test_a_preview_reads_an_edited_copy_and_leaves_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def preview(_stack: str, _heard: program.OnStep, config_file: Path | None = None) -> UpdateResult:
        assert config_file
        seen.append(stack_inputs.read_pins(config_file))
        return UpdateResult(lambda _: None, steps=[Step("create", "docker:index/container:Container", "x")])

    monkeypatch.setattr(program, "preview", preview)
    told = change.foresee("staging", _edit)
    assert seen == [{"churnpred": {"manifest": MANIFEST}}]
    assert [each.what for each in told.steps] == ["container x"]
    assert path.read_text() == BEFORE
