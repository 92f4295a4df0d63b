"""What is reached from stacks, and what is left over."""

import pytest

from workbench.stacks.lineage.reach import Kind, Thing, unreached
from workbench.stacks.lineage.uses import Pin, Serving, Uses

OLD, YOUNG, LIMIT = 1000.0, 1.0, 100.0
NOBODY = Uses()


def _manifest(name: str, age: float = OLD, requirements: str = "r") -> Thing:
    return Thing(kind=Kind.manifest, place=f"/m/{name}", age=age, size=1, manifest=name, requirements=requirements)


def _thing(kind: Kind, age: float = OLD, **facts: str) -> Thing:
    return Thing(kind=kind, place=facts.pop("place", f"/{kind}"), age=age, size=1, **facts)


def _pin(manifest: str, image: str = "") -> Uses:
    return Uses(pins=(Pin(manifest=manifest, stack="s", file="Pulumi.s.yaml", service="churnpred", image=image),))


def _serving(manifest: str, image: str = "") -> Uses:
    return Uses(servings=(Serving(manifest=manifest, stack="s", service="churnpred", image=image, url="u"),))


@pytest.mark.parametrize("uses", [_pin("a"), _serving("a")])
def test_a_manifest_stays_as_long_as_a_file_pins_it_or_a_service_runs_it(uses: Uses) -> None:
    a, b = _manifest("a"), _manifest("b")
    assert unreached([a, b], uses, LIMIT) == [b]
    assert unreached([a, b], NOBODY, LIMIT) == [a, b]


@pytest.mark.parametrize("kind", [each for each in Kind if each is not Kind.leftover])
def test_what_is_young_stays_whoever_uses_it(kind: Kind) -> None:
    assert unreached([_thing(kind, age=YOUNG)], NOBODY, LIMIT) == []
    assert len(unreached([_thing(kind, age=OLD)], NOBODY, LIMIT)) == 1


@pytest.mark.parametrize("kind", [Kind.wheels, Kind.packages])
def test_wheels_stay_with_the_last_manifest_that_needs_them(kind: Kind) -> None:
    wheels = _thing(kind, requirements="r")
    assert unreached([_manifest("a"), wheels], _pin("a"), LIMIT) == []
    assert unreached([_manifest("a", age=YOUNG), wheels], NOBODY, LIMIT) == []
    assert unreached([_manifest("a", requirements="other"), wheels], _pin("a"), LIMIT) == [wheels]
    assert wheels in unreached([_manifest("a"), wheels], NOBODY, LIMIT)


def test_a_build_folder_stays_with_its_manifest() -> None:
    folder = _thing(Kind.context, manifest="a")
    assert unreached([folder], _pin("a"), LIMIT) == []
    assert unreached([_manifest("a", age=YOUNG), folder], NOBODY, LIMIT) == []
    assert unreached([folder], _pin("b"), LIMIT) == [folder]


def test_an_image_stays_only_for_who_pins_or_serves_it() -> None:
    image = _thing(Kind.image, place="here/churnpred@sha256:1", manifest="a")
    assert unreached([image], _pin("a"), LIMIT) == []
    assert unreached([image], _serving("b", image="here/churnpred@sha256:1"), LIMIT) == []
    assert unreached([image, _manifest("a", age=YOUNG)], NOBODY, LIMIT) == [image]


def test_manifests_go_before_the_wheels_that_they_need() -> None:
    wheels, leftover = _thing(Kind.wheels, requirements="r"), _thing(Kind.leftover)
    assert unreached([leftover, wheels, _manifest("a")], NOBODY, LIMIT) == [_manifest("a"), wheels, leftover]
