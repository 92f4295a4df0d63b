from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.toolchain import service
from workbench.toolchain.steps import Outcome

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log

_MANIFEST = "ab" * 32


@pytest.fixture
def deployed(places: Places) -> Places:
    """A project with a stack's file that pins a manifest, and a `workbench` that only notes its arguments."""
    program = places.venv / "bin" / "workbench"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" >> called\n')
    program.chmod(0o755)
    text = f"config:\n  churn:services:\n    churnpred:\n      manifest: sha256:{_MANIFEST}\n"
    (places.project / "Pulumi.staging.yaml").write_text(text)
    return places


def _train(places: Places, log: Log) -> Outcome:
    return next(step for step in service.steps(places, needs=()) if step.name == "train").run(log)


def test_a_model_is_trained_when_the_pinned_manifest_is_not_here(deployed: Places, log: Log) -> None:
    assert _train(deployed, log) is Outcome.CHANGED
    assert (deployed.project / "called").read_text() == "train --data data/churn.csv --stack staging\n"


def test_nothing_is_trained_when_the_pinned_manifest_is_here(deployed: Places, log: Log) -> None:
    (deployed.home / "registry" / "manifests" / _MANIFEST).mkdir(parents=True)
    assert _train(deployed, log) is Outcome.REUSED
    assert not (deployed.project / "called").exists()


def test_sample_data_that_is_there_stays(deployed: Places, log: Log) -> None:
    generate = next(step for step in service.steps(deployed, needs=()) if step.name == "sample data")
    assert generate.run(log) is Outcome.CHANGED
    (deployed.project / "data").mkdir()
    (deployed.project / "data" / "churn.csv").touch()
    assert generate.run(log) is Outcome.REUSED
    assert (deployed.project / "called").read_text() == "data generate --out data/churn.csv\n"


def test_training_waits_for_the_environment_alone_and_an_update_for_everything(places: Places) -> None:
    steps = {step.name: set(step.needs) for step in service.steps(places, needs=("pulumi", "images"))}
    assert steps["sample data"] == {"venv"}
    assert steps["train"] == {"sample data"}
    assert steps["stack"] == {"train", "pulumi", "images"}
    assert steps["pulumi up"] == {"stack"}


def test_manifests_are_found_in_a_stacks_file() -> None:
    text = f"a: {{manifest: sha256:{_MANIFEST}}}\nb:\n  manifest: sha256:{'cd' * 32}\n  image: sha256:{'ef' * 32}\n"
    assert service.pinned_manifests(text) == [_MANIFEST, "cd" * 32]
