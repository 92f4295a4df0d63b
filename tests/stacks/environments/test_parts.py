from pathlib import Path

import pytest

from workbench.core.errors import ManifestError, ParameterError
from workbench.stacks.environments.parts import Parts, model_name

pytestmark = pytest.mark.slow

SCHEMA = '{"input": {"input_df": {"type": 3, "swagger": {"type": "array", "items": {"type": "object"}}}}}'


@pytest.fixture
def files(project: Path) -> Path:
    (project / "model.onnx").write_bytes(b"\x08\x0a\x3a\x0c\x0a\x0a\x22\x08Identity")
    (project / "mine.py").write_text("import helper\ndef init(): ...\ndef run(input_df): return input_df\n")
    (project / "schema.json").write_text(SCHEMA)
    (project / "helper.py").write_text("VALUE = 1\n")
    (project / "tables" / "__pycache__").mkdir(parents=True)
    (project / "tables" / "states.csv").write_text("WA,TX\n")
    (project / "tables" / "__pycache__" / "x.pyc").write_bytes(b"x")
    return project


def test_files_become_models_under_their_own_names_and_a_manifest(files: Path, home: Path) -> None:
    said: list[str] = []
    parts = Parts(
        files=[files / "model.onnx"],
        score=files / "mine.py",
        schema=files / "schema.json",
        dependencies=[files / "helper.py", files / "tables"],
    )
    made = parts.manifest("mine", said.append)
    assert made.models[0]["name"] == "model.onnx"
    assert [each["path"] for each in made.document["dependencies"]] == ["helper.py", "tables/states.csv"]
    assert (made.files / "tables" / "states.csv").read_text() == "WA,TX\n"
    assert "models/model.onnx/" in said[0]
    again = parts.manifest("mine", said.append)
    assert again.id == made.id
    assert home.is_dir()


def test_a_manifest_without_dependencies_says_nothing_of_them(files: Path) -> None:
    made = Parts(score=files / "mine.py", schema=files / "schema.json").manifest("mine", lambda _: None)
    assert "dependencies" not in made.document


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("score.py", b"", "taken by another part"),
        ("scaler.pkl", b"x", "is a pickle"),
        ("gone.txt", None, "cannot be read"),
    ],
)
def test_a_dependency_that_cannot_lie_beside_the_script_is_refused(
    files: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (files / name).write_bytes(content)
    with pytest.raises(ManifestError, match=words):
        Parts(score=files / "mine.py", schema=files / "schema.json", dependencies=[files / name]).manifest(
            "mine", lambda _: None
        )


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (Parts(runtime="spark-py"), "-r spark-py: a service runs python"),
        (Parts(requirements=Path("a.txt"), conda=Path("b.yml")), "give one of them"),
        (Parts(files=[Path("a/model.pkl"), Path("b/model.pkl")]), "two models would be named model.pkl"),
    ],
)
def test_parts_that_cannot_go_together_are_refused(parts: Parts, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parts.check()


@pytest.mark.parametrize(("path", "name"), [("a/model.pkl", "model.pkl"), ("My_Model v2.onnx", "my-model-v2.onnx")])
def test_a_model_is_named_after_its_file(path: str, name: str) -> None:
    assert model_name(Path(path)) == name
