import json
from pathlib import Path
from typing import Any

import pytest

from workbench.core.errors import EnvironmentsError
from workbench.experiments.targets.engine import Engine
from workbench.stacks.environments import images

A, B, C = ("sha256:" + letter * 64 for letter in "abc")


def _inspected(digest: str, name: str, created: str) -> dict[str, Any]:
    return {
        "Config": {"Labels": {"workbench.manifest": C}},
        "Created": created,
        "Size": 5,
        "RepoDigests": [f"127.0.0.1:5000/{name}@{digest}", f"127.0.0.1:5001/{name}@{digest}"],
    }


@pytest.fixture
def engine(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A docker client that knows two images; the calls that it got."""
    (project / "Pulumi.staging.yaml").write_text(
        f"config:\n  churn:registryPort: 5000\n  churn:services:\n    churnpred:\n      manifest: {C}\n"
    )
    (project / "Pulumi.prod.yaml").write_text(
        "config:\n  churn:registryPort: 5001\n  churn:services:\n"
        f"    other:\n      manifest: {C}\n      image: 127.0.0.1:5000/iris@{B}\n"
    )
    calls: list[tuple[str, ...]] = []
    known = [_inspected(B, "iris", "2026-02"), _inspected(A, "churnpred", "2026-01")]

    def read(_self: Engine, *arguments: str, **_: Any) -> str:
        calls.append(arguments)
        return json.dumps(known) if arguments[1] == "inspect" else "1\n2\n"

    monkeypatch.setattr(Engine, "__init__", lambda _self, _host: None)
    monkeypatch.setattr(Engine, "read", read)
    return calls


def test_images_are_those_of_the_environments_own_registry_oldest_first(engine: list[tuple[str, ...]]) -> None:
    found = images.list_all("staging")
    assert [each.reference for each in found] == [f"127.0.0.1:5000/churnpred@{A}", f"127.0.0.1:5000/iris@{B}"]
    assert len(engine) == 2
    assert found[0].document("staging")["manifest"] == C


@pytest.mark.parametrize("prefix", ["aaaa", A, f"127.0.0.1:5000/churnpred@{A}", "sha256:aaa"])
def test_an_image_is_found_by_the_start_of_its_digest(engine: list[tuple[str, ...]], prefix: str) -> None:
    assert images.find("staging", prefix).digest == A
    assert engine


@pytest.mark.parametrize("prefix", ["c", "", "sha256:"])
def test_what_fits_no_image_is_refused(engine: list[tuple[str, ...]], prefix: str) -> None:
    with pytest.raises(EnvironmentsError, match="fits no image of staging; run: workbench image list"):
        images.find("staging", prefix)
    assert engine


def test_an_image_is_used_by_services_that_build_it_or_copy_it(engine: list[tuple[str, ...]]) -> None:
    used = {each.name: images.users(each) for each in images.list_all("staging")}
    assert used == {"churnpred": ["staging/churnpred"], "iris": ["prod/other"]}
    assert images.made_of("staging", "iris", C).digest == B
    with pytest.raises(EnvironmentsError, match="holds no image iris"):
        images.made_of("staging", "iris", A)
    assert engine
