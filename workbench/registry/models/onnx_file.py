"""Whether a file that calls itself .onnx holds an ONNX model. Only parses it: runs nothing, loads no pickle."""

from collections.abc import Mapping
from pathlib import PurePath

from workbench.core.errors import RegistryError

_SUFFIX = ".onnx"


def check(files: Mapping[str, bytes]) -> None:
    """Raise RegistryError for the first .onnx file (path → bytes) that is empty or cannot be parsed."""
    for path, data in files.items():
        if PurePath(path).suffix.lower() == _SUFFIX and (problem := _problem(data)):
            raise RegistryError(f"{path}: {problem}; write it again, or give a file of another format its own ending")


def _problem(data: bytes) -> str:
    if not data:
        return "is empty, which is no ONNX model"
    try:
        from google.protobuf.message import DecodeError  # slow to import, and not everywhere
        from onnx import load_model_from_string
    except ImportError:
        return ""
    try:
        model = load_model_from_string(data)
    except DecodeError:
        return "is no ONNX model (it cannot be parsed)"
    return "" if model.ir_version and model.HasField("graph") else "is no ONNX model (it has no graph)"
