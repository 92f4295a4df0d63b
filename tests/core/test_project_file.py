"""A project's files are found and read as pulumi finds and reads them."""

from pathlib import Path

import pytest

from workbench.core import home as places
from workbench.core.errors import StackFileError
from workbench.stacks.lineage import stacks
from workbench.stacks.services import stack_inputs

A = "sha256:" + "a" * 64
PROJECT = "name: shop\nruntime: python\n"
STACK = f"config:\n  shop:services: {{churnpred: {{manifest: {A}}}}}\n"


@pytest.fixture
def folder(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert home
    made = tmp_path / "elsewhere"
    (made / "deep").mkdir(parents=True)
    monkeypatch.chdir(made / "deep")
    return made


@pytest.mark.parametrize(
    ("name", "text", "stack_file"),
    [
        ("Pulumi.yaml", "\ufeff" + PROJECT, "Pulumi.dev.yaml"),
        ("Pulumi.yaml", "{name: shop, runtime: python}", "Pulumi.dev.yaml"),
        ("Pulumi.yaml", "runtime: python\n'name': >-\n  shop\n", "Pulumi.dev.yaml"),
        ("Pulumi.yaml", PROJECT + "stackConfigDir: conf\n", "conf/Pulumi.dev.yaml"),
        ("Pulumi.yaml", PROJECT + "stackConfigDir: /conf/\n", "conf/Pulumi.dev.yaml"),
        ("Pulumi.yaml", PROJECT + "config: conf\n", "conf/Pulumi.dev.yaml"),
        ("Pulumi.yaml", PROJECT + "# name: other\ntemplate:\n  name: other\n", "Pulumi.dev.yaml"),
        ("Pulumi.yml", PROJECT, "Pulumi.dev.yml"),
        ("Pulumi.json", '{"name": "shop", "runtime": "python"}', "Pulumi.dev.json"),
    ],
)
def test_name_and_stacks_file_are_those_that_pulumi_takes(folder: Path, name: str, text: str, stack_file: str) -> None:
    (folder / name).write_text(text)
    path = folder / stack_file
    path.parent.mkdir(exist_ok=True)
    assert (places.project(), places.project_name()) == (folder, "shop")
    assert places.stack_file("dev") == path
    assert places.stack_files() == {}
    stack_inputs.pin_manifest(path, "churnpred", A)
    assert "shop:services" in path.read_text()
    assert places.stack_files() == {"dev": path}
    assert [(pin.stack, pin.service) for pin in stacks.pins_of(folder)] == [("dev", "churnpred")]
    assert places.projects() == [folder]


def test_of_several_project_files_in_a_folder_pulumis_first_one_counts(folder: Path) -> None:
    (folder / "Pulumi.yml").write_text(PROJECT)
    (folder / "Pulumi.yaml").write_text(PROJECT.replace("shop", "second"))
    assert places.project_name() == "second"
    (folder / "Pulumi.json").write_text('{"name": "third"}')
    assert places.project_name() == "third"


def test_the_nearest_project_file_counts_whatever_its_ending(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "deep" / "Pulumi.yml").write_text("name: deep\n")
    assert (places.project(), places.project_name()) == (folder / "deep", "deep")


def test_another_projects_file_is_read_in_its_own_namespace(folder: Path, tmp_path: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT)
    other = tmp_path / "other"
    (other / "conf").mkdir(parents=True)
    (other / "Pulumi.yaml").write_text("name: other\nstackConfigDir: conf\n")
    (other / "conf" / "Pulumi.dev.yaml").write_text(STACK.replace("shop", "other"))
    assert [(pin.stack, pin.service) for pin in stacks.pins_of(other)] == [("dev", "churnpred")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runtime: python\n", "name is None"),
        ("name: ../../up\n", "name is '../../up'"),
        ("name: [a]\n", "a project is named by"),
        ("name: shop\nstackConfigDir: 3\n", "stackConfigDir is 3"),
        ("name: shop\nconfig: [a]\n", "config is"),
        ("name: {\n", "is not YAML"),
        ("- a\n", "holds list"),
        ("\ufeff\ufeffname: shop\n", "begins with the mark of its byte order (U+FEFF) twice"),
        ("name: \udcff\n", "cannot be read"),
    ],
)
def test_a_project_file_that_cannot_be_used_is_one_line(folder: Path, text: str, says: str) -> None:
    (folder / "Pulumi.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    for ask in (places.project_name, lambda: places.stack_file("dev"), places.stack_files):
        with pytest.raises(StackFileError) as refused:
            ask()
        assert says in str(refused.value)
        assert str(folder / "Pulumi.yaml") in str(refused.value)
        assert "\n" not in str(refused.value)
