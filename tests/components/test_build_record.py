"""The build record of an assembled image: SLSA provenance in an in-toto statement."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import BuildContext
from workbench.components.images.service_image import RECIPE


@pytest.fixture
def record(read_json: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return read_json("build.json")


def test_it_has_the_shape_of_provenance(record: dict[str, Any]) -> None:
    assert record["_type"] == "https://in-toto.io/Statement/v1"
    assert record["predicateType"] == "https://slsa.dev/provenance/v1"
    assert set(record["predicate"]["buildDefinition"]) == {
        "buildType",
        "externalParameters",
        "internalParameters",
        "resolvedDependencies",
    }
    assert record["predicate"]["runDetails"]["builder"]["id"]


def test_it_says_what_the_image_was_made_of_and_how(
    record: dict[str, Any], assembled: BuildContext, images: BaseImages
) -> None:
    build = record["predicate"]["buildDefinition"]
    digests = {each["name"]: each["digest"]["sha256"] for each in build["resolvedDependencies"] if "name" in each}

    assert build["externalParameters"] == {"manifest": "sha256:" + "a" * 64, "service": "churnpred"}
    assert build["internalParameters"] == {"base": images.base, "network": "none", "tag": assembled.tag}
    assert digests["manifest.json"] == "a" * 64
    assert digests["requirements.txt"] == "e" * 64
    assert digests["models/churn/3"] == "b" * 64
    assert digests["service.Dockerfile"] == hashlib.sha256(RECIPE[0].read_bytes()).hexdigest()
    assert len(digests["scoring"]) == 64
    assert [each["uri"] for each in build["resolvedDependencies"] if "uri" in each] == list(images.packages)


def test_its_subject_is_what_the_tag_abbreviates(record: dict[str, Any], assembled: BuildContext) -> None:
    [subject] = record["subject"]

    assert subject["name"] == f"churnpred:{assembled.tag}"
    assert subject["digest"]["sha256"].startswith(assembled.tag)
