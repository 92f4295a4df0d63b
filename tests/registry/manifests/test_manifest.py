import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from workbench.core.canonical import canonical_json, sha256_hex
from workbench.core.errors import ManifestError, RegistryError
from workbench.registry.manifests import manifest
from workbench.registry.models.registry import ModelRegistry, ModelVersion
from workbench.stacks.lineage import holdings


@pytest.fixture
def model(root: Path) -> ModelVersion:
    files = {"model.onnx": b"1", "service_schema.json": b"{}\n"}
    return ModelRegistry(root).register("churn", files, run_id="churn_1", metrics={})


def _create(root: Path, tmp_path: Path, *models: ModelVersion, script: str = "def run(): ...\n") -> manifest.Manifest:
    score, requirements = tmp_path / "my_score.py", tmp_path / "lock.txt"
    score.write_text(script)
    requirements.write_text("# nothing\n")
    schema = models[0].folder / "files" / "service_schema.json"
    return manifest.create("churnpred", models, score=score, schema=schema, requirements=requirements, root=root)


def test_a_manifest_names_every_file_it_holds(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    made = _create(root, tmp_path, model)
    assert made.id == f"sha256:{made.folder.name}"
    assert (made.name, made.models[0]["digest"], made.document["runtime"]["python"]) == (
        "churnpred",
        model.digest,
        "3.11",
    )
    assert {path.relative_to(made.files).as_posix() for path in made.files.rglob("*") if path.is_file()} == {
        "score.py",
        "service_schema.json",
        "requirements.txt",
        "models/churn/model.onnx",
        "models/churn/service_schema.json",
    }
    assert manifest.Manifest.read(made.folder) == made
    assert made.schema() == {}


def test_the_same_parts_give_the_same_id_in_any_registry(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    made = _create(root, tmp_path, model)
    record = made.folder / "manifest.json"
    before = record.stat().st_mtime_ns
    assert _create(root, tmp_path, model) == made
    assert record.stat().st_mtime_ns == before
    elsewhere = ModelRegistry(tmp_path / "b").register(
        "churn", {"model.onnx": b"1", "service_schema.json": b"{}\n"}, run_id="another", metrics={"x": 1}
    )
    assert _create(tmp_path / "b", tmp_path, elsewhere).id == made.id
    assert str(tmp_path) not in record.read_text()


def test_another_score_script_gives_another_id(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    assert _create(root, tmp_path, model).id != _create(root, tmp_path, model, script="def run(a): ...\n").id
    assert len(manifest.list_all(root)) == 2


def test_several_models_lie_side_by_side(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    second = ModelRegistry(root).register("other", {"model.onnx": b"2"}, run_id="r", metrics={})
    made = _create(root, tmp_path, model, second)
    assert (made.files / "models/other/model.onnx").read_bytes() == b"2"


@pytest.mark.parametrize("path", ["files/score.py", "files/models/churn/model.onnx", "files/requirements.txt"])
def test_a_changed_file_is_refused_by_name(root: Path, tmp_path: Path, model: ModelVersion, path: str) -> None:
    made = _create(root, tmp_path, model)
    (made.folder / path).write_text("changed")
    with pytest.raises(ManifestError, match=path.removeprefix("files/")) as caught:
        manifest.Manifest.read(made.folder)
    assert "\n" not in str(caught.value)


def test_an_added_or_removed_file_is_refused_by_name(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    made = _create(root, tmp_path, model)
    (made.files / "extra.py").write_text("")
    with pytest.raises(ManifestError, match=r"extra.py is not recorded"):
        manifest.Manifest.read(made.folder)
    (made.files / "extra.py").unlink()
    (made.files / "score.py").unlink()
    with pytest.raises(ManifestError, match=r"score.py is missing"):
        manifest.Manifest.read(made.folder)


def test_a_changed_record_is_no_longer_the_manifest_of_its_id(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    made = _create(root, tmp_path, model)
    document = {**json.loads((made.folder / "manifest.json").read_bytes()), "name": "other"}
    (made.folder / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ManifestError, match=r"manifest.json was changed"):
        manifest.Manifest.read(made.folder)
    with pytest.raises(ManifestError, match="no manifest at"):
        manifest.Manifest.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ((), "'unpikle' is not known; did you mean 'unpickle'?"),
        (("runtime",), "'runtime.unpikle' is not known; it can be framework, python, requirements"),
        (("models", 0, "files", 0), "'models.files.unpikle' is not known"),
    ],
)
def test_a_key_that_nobody_reads_is_refused_at_any_depth(
    root: Path, tmp_path: Path, model: ModelVersion, where: tuple[str | int, ...], says: str
) -> None:
    made = _create(root, tmp_path, model)
    document = json.loads((made.folder / "manifest.json").read_bytes())
    place = document
    for step in where:
        place = place[step]
    place["unpikle"] = []
    data = canonical_json(document)
    folder = made.folder.rename(made.folder.parent / sha256_hex(data))
    (folder / "manifest.json").write_bytes(data)
    with pytest.raises(ManifestError) as refused:
        manifest.Manifest.read(folder)
    assert says in str(refused.value)


def test_a_part_that_is_missing_leaves_no_manifest(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    with pytest.raises(ManifestError, match=r"none.py: cannot be read"):
        manifest.create(
            "churnpred", [model], score=tmp_path / "none.py", schema=tmp_path, requirements=tmp_path, root=root
        )
    assert list((root / "manifests").glob("*")) == []


def test_a_tampered_model_gets_into_no_manifest(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    (model.folder / "files" / "model.onnx").write_bytes(b"2")
    with pytest.raises(RegistryError, match="tampered"):
        _create(root, tmp_path, model)
    assert list((root / "manifests").glob("*")) == []


def test_a_manifest_is_found_by_the_first_digits_of_its_id(root: Path, tmp_path: Path, model: ModelVersion) -> None:
    made = _create(root, tmp_path, model)
    assert manifest.find(made.id, root) == manifest.find(made.folder.name[:6], root) == made
    with pytest.raises(ManifestError, match="fits no manifest"):
        manifest.find("sha256:xyz", root)
    shutil.copytree(made.folder, root / "manifests" / (made.folder.name[:6] + "0" * 58))
    with pytest.raises(ManifestError, match="fits 2 manifests, write more digits"):
        manifest.find(made.folder.name[:6], root)


@pytest.mark.parametrize(
    "change",
    [
        {"models": [{"name": "../../x", "version": 1, "digest": "sha256:" + "0" * 64, "files": []}]},
        {"models": [{"name": "churn"}]},
        {"models": "churn"},
        {"score": {"path": "../score.py", "sha256": "0" * 64}},
        {"schema": "service_schema.json"},
        {"runtime": {"requirements": []}},
        {"dependencies": [{"path": "/etc/passwd", "sha256": "0" * 64, "size": 1}]},
        {"name": "../x"},
    ],
)
def test_a_manifest_whose_record_is_none_is_one_line_for_every_reader(
    root: Path, tmp_path: Path, model: ModelVersion, change: dict[str, Any]
) -> None:
    made = _create(root, tmp_path, model)
    data = canonical_json(made.document | change)
    folder = root / "manifests" / sha256_hex(data)
    made.folder.rename(folder)
    (folder / "manifest.json").write_bytes(data)
    for read in (lambda: manifest.Manifest.read(folder), lambda: holdings.read(root)):
        with pytest.raises(ManifestError, match="is no manifest") as told:
            read()
        assert "\n" not in str(told.value)
