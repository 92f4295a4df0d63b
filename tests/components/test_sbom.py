"""The bill of materials of an assembled image, judged by CycloneDX's own validator."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from workbench.components.images import service_image
from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import BuildContext
from workbench.components.images.materials import debian_package
from workbench.core import home
from workbench.registry.manifests.manifest import Manifest


@pytest.fixture
def bom(read_json: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return read_json("sbom.cdx.json")


def test_it_is_valid_cyclonedx(assembled: BuildContext) -> None:
    text = (assembled.folder / "sbom.cdx.json").read_text()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_it_lists_every_kind_of_thing_in_the_image(bom: dict[str, Any]) -> None:
    listed = {(each["type"], each["name"], each["version"]) for each in bom["components"]}

    assert {entry for entry in listed if entry[0] != "application"} == {
        ("machine-learning-model", "churn", "3"),
        ("library", "big-thing", "2.0+cpu"),
        ("library", "tiny", "1.0"),
        ("platform", "CPython", "3.11.2"),
        ("operating-system", "debian", "12"),
        ("library", "libc6", "2.36-9+deb12u14"),
        ("library", "libcrypt1", "1:4.4.33-2"),
        ("library", "libpython3.11-minimal", "3.11.2-6+deb12u9"),
        ("library", "libstdc++6", "12.2.0-14+deb12u1"),
    }
    assert [each["name"] for each in bom["components"] if each["type"] == "application"] == ["scoring"]


def test_a_wheel_is_named_by_url_hash_and_licence(bom: dict[str, Any]) -> None:
    [tiny] = [each for each in bom["components"] if each["name"] == "tiny"]
    [path] = (home.registry() / "wheels").rglob("tiny-*.whl")

    assert tiny["purl"] == "pkg:pypi/tiny@1.0"
    assert tiny["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert tiny["licenses"] == [{"expression": "MIT OR Apache-2.0"}]


def test_a_model_version_is_named_by_its_digest_and_its_files(bom: dict[str, Any]) -> None:
    [model] = [each for each in bom["components"] if each["type"] == "machine-learning-model"]

    assert model["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    assert [each["name"] for each in model["components"]] == ["model.onnx"]


def test_package_urls_are_spelled_as_their_specification_says(bom: dict[str, Any]) -> None:
    purls = [each["purl"] for each in bom["components"] if "purl" in each]

    assert len(purls) == 7
    assert [PackageURL.from_string(purl).to_string() for purl in purls] == purls


def test_it_says_what_needs_what(bom: dict[str, Any]) -> None:
    needs = {each["ref"]: each["dependsOn"] for each in bom["dependencies"]}

    assert needs["pkg:pypi/big-thing@2.0%2Bcpu"] == ["pkg:pypi/tiny@1.0"]
    assert set(needs["scoring"]) == {"cpython", "pkg:pypi/big-thing@2.0%2Bcpu", "pkg:pypi/tiny@1.0"}
    assert {"scoring", "model:churn@3"} < set(needs[bom["metadata"]["component"]["bom-ref"]])


def test_its_serial_number_follows_its_content_alone(
    bom: dict[str, Any], images: BaseImages, manifest: Manifest
) -> None:
    fewer = dataclasses.replace(images, packages=images.packages[1:])
    other = (service_image.context(fewer, manifest).folder / "sbom.cdx.json").read_text()

    assert bom["serialNumber"].startswith("urn:uuid:")
    assert bom["serialNumber"] not in other
    assert "timestamp" not in bom["metadata"]


@pytest.mark.parametrize("purl", ["", "libc6", "pkg:pypi/tiny@1.0", "pkg:deb/debian/libc6@2.36"])
def test_what_is_no_debian_package_is_refused(purl: str) -> None:
    with pytest.raises(ValueError, match="is no Debian package's URL"):
        debian_package(purl)
