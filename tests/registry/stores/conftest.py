"""What hostile names and records are tried on."""

from pathlib import Path

import pytest

from workbench.registry.models.registry import ModelRegistry


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder outside every store, with a file in it."""
    folder = tmp_path / "foreign"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "precious").write_text("mine")
    return folder


@pytest.fixture
def registry(home: Path) -> Path:
    """A registry with churn:1 in it."""
    ModelRegistry().register("churn", {"model.onnx": b"1"}, run_id="", metrics={})
    return home / "registry"
