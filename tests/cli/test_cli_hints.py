"""What is advised next is what the project at hand has."""

from pathlib import Path
from typing import Any

import pytest

TRAIN_MK = "DATA ?= data/example.csv\n\ntrain: .venv/.ready $(DATA) ## run train.py\n\t@true\n"


@pytest.fixture
def other(project: Path) -> Path:
    """A project with a training of its own, as `workbench project new` makes it."""
    (project / "training.yaml").unlink()
    (project / "Makefile").write_text("include train.mk\n")
    (project / "train.mk").write_text(TRAIN_MK)
    return project


def test_train_without_a_training_file_says_how_the_project_trains_and_does_nothing(
    call: Any, other: Path, csv_file: Path, home: Path
) -> None:
    code, out, err = call("train", "--data", csv_file)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"has no training.yaml, which names what to run; run: make train DATA={csv_file}" in err
    assert not home.exists()
    (other / "train.mk").unlink()
    assert "run: workbench experiment submit -c local SCRIPT" in call("train", "--data", csv_file)[2]


@pytest.mark.parametrize("verb", ["model", "history"])
def test_an_empty_list_names_the_projects_own_way_to_train(call: Any, other: Path, verb: str) -> None:
    assert other.is_dir()
    assert "run: make train" in call(verb, "list")[1]
    assert "run: workbench manifest create --help" in call("manifest", "list")[1]


def test_a_model_without_a_version_is_registered_or_promoted_and_trained_only_where_that_makes_it(
    call: Any, other: Path
) -> None:
    registered = "workbench model register -n iris -m FILE, or: workbench history promote last -ap outputs -n iris"
    err = call("manifest", "create", "-n", "iris", "-i", "iris", "-f", "score.py")[2]
    assert f"has no version in {other.parent}/home/registry; run: {registered}\n" in err
    # The project's own name is the model that `make train` makes.
    assert "run: make train, or: workbench model register -n churn -m FILE" in call("model", "show", "churn")[2]


def test_a_model_without_a_version_is_trained_where_this_verb_trains(call: Any, project: Path) -> None:
    assert project.is_dir()
    assert "run: workbench train --name iris, or: workbench model register" in call("model", "show", "iris")[2]


def test_a_registered_model_is_followed_by_a_command_of_what_is_there(call: Any, other: Path) -> None:
    (other / "model.bin").write_text("1")
    (other / "service_schema.json").write_text("{}")
    err = call("model", "register", "-n", "iris", "-m", "model.bin")[2]
    assert "next: workbench manifest create -n SERVICE -f score.py -s service_schema.json -i sha256:" in err
    err = call("model", "register", "-n", "iris", "-m", "model.bin", "-m", "service_schema.json")[2]
    assert "next: workbench manifest create -n SERVICE -f score.py -i sha256:" in err


def test_sample_data_is_followed_by_the_projects_own_training(call: Any, other: Path) -> None:
    assert other.is_dir()
    err = call("data", "generate", "--out", "data/my churn.csv", "--rows", "10")[2]
    assert "next: make train DATA='data/my churn.csv'" in err
