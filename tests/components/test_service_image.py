"""What is assembled for a service's image, by the real path: wheels from a registry, the server of this tree."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.components.errors import InfraError
from workbench.components.images import service_image
from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import BuildContext
from workbench.core import home
from workbench.registry.manifests.manifest import Manifest


@pytest.fixture
def another_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    changed = tmp_path / "slimming.py"
    changed.write_text("# keeps everything\n")
    with monkeypatch.context() as patch:
        patch.setattr(service_image, "RECIPE", (*service_image.RECIPE[:-1], changed))
        yield


def test_it_holds_all_that_the_dockerfile_copies(assembled: BuildContext) -> None:
    lines = (assembled.folder / "Dockerfile").read_text().splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]

    assert sorted([*copied, "Dockerfile"]) == sorted(path.name for path in assembled.folder.iterdir())


def test_the_dockerfile_needs_no_shell(assembled: BuildContext) -> None:
    commands = re.findall(r"^(?:RUN|CMD) (.+)$", (assembled.folder / "Dockerfile").read_text(), re.MULTILINE)

    assert {json.loads(command)[0] for command in commands} == {"python3"}


def test_packages_come_without_their_tests_and_with_their_metadata(assembled: BuildContext) -> None:
    packages = assembled.folder / "packages"

    assert {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()} == {
        "Big_Thing/__init__.py",
        "Big_Thing-2.0+cpu.dist-info/METADATA",
        "Big_Thing-2.0+cpu.dist-info/RECORD",
        "tiny/__init__.py",
        "tiny-1.0.dist-info/METADATA",
        "tiny-1.0.dist-info/RECORD",
    }


def test_the_same_parts_have_the_same_tag_and_bytes_in_another_cache(
    assembled: BuildContext, images: BaseImages, manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    again = service_image.context(images, manifest)

    assert (again.tag, again.folder != assembled.folder) == (assembled.tag, True)
    assert _content(again.folder) == _content(assembled.folder)


def test_another_debian_package_in_the_base_is_another_image(
    assembled: BuildContext, images: BaseImages, manifest: Manifest
) -> None:
    patched = dataclasses.replace(images, packages=(*images.packages[:-1], images.packages[-1].replace("u1?", "u2?")))

    assert service_image.context(patched, manifest).tag != assembled.tag


@pytest.mark.usefixtures("another_recipe")
def test_another_rule_of_what_is_left_out_is_another_image(images: BaseImages, manifest: Manifest) -> None:
    changed = service_image.context(images, manifest).tag
    assert service_image.RECIPE[-1].name == "slimming.py"

    service_image.RECIPE[-1].write_text("# keeps nothing\n")
    assert service_image.context(images, manifest).tag != changed


def test_missing_wheels_are_one_line_that_says_what_to_do(images: BaseImages, manifest: Manifest) -> None:
    shutil.rmtree(home.registry() / "wheels")

    with pytest.raises(InfraError, match=r"holds no requirements\.txt; remove the folder and fetch again") as refused:
        service_image.context(images, manifest)
    assert "\n" not in str(refused.value)


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
