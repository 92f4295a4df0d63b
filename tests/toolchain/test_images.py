from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.distroless import read_recipe
from workbench.toolchain.images import Image, package_urls, plan, record

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions


NAMES = ["debian", "base", "gateway", "registry", "spark"]


def test_debian_comes_first_and_the_others_are_made_of_it(versions: Versions) -> None:
    images = plan(versions, "amd64")
    assert list(images) == NAMES
    assert images["debian"].parent is None
    assert {images[name].parent for name in NAMES[1:]} == {images["debian"]}


def test_a_tag_names_the_recipe(versions: Versions, places: Places) -> None:
    base = plan(versions, "amd64")["base"]
    assert base.tag == f"workbench-base:{base.key}"
    assert base.tarball(places) == places.cache / "images" / f"base-{base.key}.tar"


@pytest.mark.parametrize("name", NAMES)
def test_every_image_is_new_with_another_suite_revision_or_machine(versions: Versions, name: str) -> None:
    debian = versions.debian
    changed = [
        plan(versions, "arm64"),
        plan(dataclasses.replace(versions, debian=dataclasses.replace(debian, suite="trixie")), "amd64"),
        plan(dataclasses.replace(versions, debian=dataclasses.replace(debian, revision="2027-01-01")), "amd64"),
    ]
    assert len({plan(versions, "amd64")[name].key, *(images[name].key for images in changed)}) == 4


def test_a_package_more_makes_another_image_but_no_other_root(versions: Versions) -> None:
    images = plan(versions, "amd64")
    more: Image = dataclasses.replace(images["gateway"], packages=("haproxy", "socat"))
    assert more.key != images["gateway"].key
    assert more.parent == images["debian"]


def test_the_recipes_are_there(versions: Versions) -> None:
    for image in plan(versions, "amd64").values():
        assert image.files[0].suffix == ".Dockerfile"
        assert all(path.is_file() for path in image.files)


def test_the_base_knows_all_that_it_leaves_behind(versions: Versions, tmp_path: Path) -> None:
    base = plan(versions, "amd64")["base"]
    for path in base.files:
        shutil.copy(path, tmp_path)
    (tmp_path / "packages.txt").write_text("\n".join(base.packages))

    recipe = read_recipe(tmp_path)

    assert recipe.packages == base.packages
    assert all(cut.reason and cut.paths for cut in recipe.cuts)


def test_tags_and_packages_are_recorded_once(places: Places) -> None:
    assert record(places, {"base": "workbench-base:1"}, ["pkg:a"])
    assert json.loads(places.image_tags.read_text()) == {"base": "workbench-base:1", "packages": ["pkg:a"]}
    assert not record(places, {"base": "workbench-base:1"}, ["pkg:a"])
    assert record(places, {"base": "workbench-base:2"}, ["pkg:a"])
    assert record(places, {"base": "workbench-base:2"}, ["pkg:b"])


@pytest.mark.parametrize("damaged", ["", "[]", "{"])
def test_a_record_that_cannot_be_read_is_written_anew(places: Places, damaged: str) -> None:
    places.home.mkdir(parents=True)
    places.image_tags.write_text(damaged)
    assert record(places, {"base": "workbench-base:1"}, [])


def test_packages_are_named_by_url() -> None:
    status = """\
Package: libstdc++6
Status: install ok installed
Architecture: amd64
Version: 1:12.2.0-14+deb12u1
Description: library
 Version: 0 is no field, it stands in a text

Package: ca-certificates
Architecture: all
Version: 20250419~deb12u2
"""
    assert package_urls(status, "12") == [
        "pkg:deb/debian/ca-certificates@20250419~deb12u2?arch=all&distro=debian-12",
        "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12",
    ]
