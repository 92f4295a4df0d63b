from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from toolchain.images import Image, plan, record

if TYPE_CHECKING:
    from toolchain.places import Places
    from toolchain.versions import Versions


def test_the_base_comes_first_and_the_others_stand_on_it(versions: Versions) -> None:
    images = plan(versions, "amd64")
    assert list(images) == ["base", "gateway", "registry"]
    assert images["base"].parent is None
    assert {images["gateway"].parent, images["registry"].parent} == {images["base"]}


def test_a_tag_names_the_recipe(versions: Versions, places: Places) -> None:
    base = plan(versions, "amd64")["base"]
    assert base.tag == f"workbench-base:{base.key}"
    assert base.tarball(places) == places.cache / "images" / f"base-{base.key}.tar"


@pytest.mark.parametrize("name", ["base", "gateway", "registry"])
def test_every_image_is_new_with_another_suite_revision_or_machine(versions: Versions, name: str) -> None:
    debian = versions.debian
    changed = [
        plan(versions, "arm64"),
        plan(dataclasses.replace(versions, debian=dataclasses.replace(debian, suite="trixie")), "amd64"),
        plan(dataclasses.replace(versions, debian=dataclasses.replace(debian, revision="2027-01-01")), "amd64"),
    ]
    assert len({plan(versions, "amd64")[name].key, *(images[name].key for images in changed)}) == 4


def test_a_package_more_makes_another_image_but_no_other_base(versions: Versions) -> None:
    images = plan(versions, "amd64")
    more: Image = dataclasses.replace(images["gateway"], packages=("haproxy", "socat"))
    assert more.key != images["gateway"].key
    assert more.parent == images["base"]


def test_the_recipes_are_there(versions: Versions) -> None:
    for image in plan(versions, "amd64").values():
        assert image.files[0].suffix == ".Dockerfile"
        assert all(path.is_file() for path in image.files)


def test_the_tags_are_recorded_once(places: Places) -> None:
    assert record(places, {"base": "workbench-base:1"})
    assert json.loads(places.image_tags.read_text()) == {"base": "workbench-base:1"}
    assert not record(places, {"base": "workbench-base:1"})
    assert record(places, {"base": "workbench-base:2"})
