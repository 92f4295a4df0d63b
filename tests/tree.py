"""The repository under test, and copies of its parts."""

import shutil
from pathlib import Path

TREE = Path(__file__).resolve().parents[1]


def copy_training(folder: Path) -> None:
    """Copy what the churn project's training needs: model/, aml_config/, training.yaml and .amlignore."""
    for name in ("model", "aml_config"):
        shutil.copytree(TREE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("training.yaml", ".amlignore"):
        shutil.copy(TREE / name, folder)
