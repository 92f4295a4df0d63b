"""A file that calls itself .onnx and holds no model gets no version."""

from pathlib import Path

import pytest

from tests.fixtures import Call
from workbench.registry.models import onnx_file
from workbench.registry.models.registry import ModelRegistry

MODEL = b"\x08\x0a\x3a\x0c\x0a\x0a\x22\x08Identity"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty, which is no ONNX model"),
        (b"weights", "is no ONNX model (it cannot be parsed)"),
        (b"\x80\x04K\x01.", "is no ONNX model (it cannot be parsed)"),
        (b"\x08\x0a", "is no ONNX model (it has no graph)"),
        (MODEL[:-1], "is no ONNX model (it cannot be parsed)"),
    ],
    ids=["empty", "text", "pickle", "head", "cut"],
)
def test_an_onnx_file_without_a_model_is_refused_in_one_line(
    call: Call, project: Path, content: bytes, words: str
) -> None:
    (project / "model.ONNX").write_bytes(content)
    code, out, err = call("model", "register", "-n", "mine", "-m", "model.ONNX")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"error: model.ONNX: {words}; " in err
    assert ModelRegistry().list() == []


def test_an_onnx_model_and_files_of_other_formats_are_taken() -> None:
    onnx_file.check({"deep/model.onnx": MODEL, "model.pkl": b"", "model.onnx.txt": b"x"})
