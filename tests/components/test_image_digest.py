"""Digests that are remembered: what the provider believes, by an engine that tells what it pushed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import docker
import pytest
from pulumi.output import Unknown

from workbench.components.engines.docker import image_digest
from workbench.components.engines.docker.image_digest import UNKNOWN, DigestProvider

BUILT, MOVED, COPY = ("sha256:" + letter * 64 for letter in "abc")
REPOSITORY = "127.0.0.1:5000/churnpred"
PROPS: dict[str, Any] = {
    "repository": REPOSITORY,
    "tag": "b" * 16,
    "pushed": BUILT,
    "image": COPY,
    "pinned": "",
    "login": {"username": "workbench", "password": "x"},
    "source": "urn:of-the-pushed",
    "digest": BUILT,
}


@dataclass
class Engine:
    """Stands where a docker engine answers: the digests that it pushed `COPY` under, and what the registry has."""

    pushed: list[str] | None = field(default_factory=lambda: [f"{REPOSITORY}@{BUILT}"])
    registry: str | None = BUILT

    def get(self, _image: str) -> Any:
        if self.pushed is None:
            raise docker.errors.ImageNotFound("gone")
        return SimpleNamespace(attrs={"RepoDigests": self.pushed})

    def get_registry_data(self, _name: str, auth_config: dict[str, str]) -> Any:
        assert auth_config == PROPS["login"]
        if self.registry is None:
            raise docker.errors.APIError("nobody answers")
        return SimpleNamespace(id=self.registry)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()

    @contextmanager
    def client() -> Iterator[Any]:
        yield SimpleNamespace(images=found)

    monkeypatch.setattr(image_digest, "engine", client)
    return found


def test_what_the_engine_pushed_is_remembered(engine: Engine) -> None:
    assert engine.registry == BUILT
    assert (DigestProvider().create(PROPS).outs or {})["digest"] == BUILT


@pytest.mark.parametrize("name", ["team/churnpred", "127.0.0.1:5001/another"])
def test_a_digest_that_was_pushed_is_believed_however_the_engine_spells_its_registry(engine: Engine, name: str) -> None:
    engine.pushed = [f"{name}@{BUILT}"]

    assert (DigestProvider().create(PROPS).outs or {})["digest"] == BUILT


@pytest.mark.parametrize("pushed", [[], [f"{REPOSITORY}@{MOVED}"], [BUILT + "0"]])
def test_what_the_engine_did_not_push_is_refused(engine: Engine, pushed: list[str]) -> None:
    engine.pushed = pushed
    with pytest.raises(RuntimeError, match=r"somebody moved the tag; .* pulumi up --replace 'urn:of-the-pushed'"):
        DigestProvider().create(PROPS)


def test_a_moved_tag_is_refused_though_the_engine_has_lost_its_copy(engine: Engine) -> None:
    engine.pushed = None

    with pytest.raises(
        RuntimeError, match="is sha256:bbbbbbbbbbbb… in its registry, but sha256:aaaaaaaaaaaa… was built"
    ):
        DigestProvider().update("", PROPS, {**PROPS, "pushed": MOVED})


def test_a_stack_of_before_that_has_lost_its_copy_remembers_what_it_serves(engine: Engine) -> None:
    engine.pushed = None

    assert (DigestProvider().create(PROPS).outs or {})["digest"] == BUILT


def test_an_image_that_was_built_and_pushed_again_under_its_tag_is_remembered_anew(engine: Engine) -> None:
    engine.pushed = [f"{REPOSITORY}@{MOVED}"]

    assert (DigestProvider().update("", PROPS, {**PROPS, "pushed": MOVED}).outs or {})["digest"] == MOVED


@pytest.mark.parametrize("pushed", [[f"{REPOSITORY}@{MOVED}"], None])
def test_another_digest_than_the_pinned_one_is_refused_whoever_pushed_it(
    engine: Engine, pushed: list[str] | None
) -> None:
    engine.pushed = pushed
    pinned = {**PROPS, "pinned": BUILT}

    assert (DigestProvider().create(pinned).outs or {})["digest"] == BUILT
    for refused in (DigestProvider().create, lambda props: DigestProvider().update("", pinned, props)):
        with pytest.raises(RuntimeError, match="somebody moved the tag"):
            refused({**pinned, "pushed": MOVED})
    with pytest.raises(RuntimeError, match="somebody moved the tag"):
        DigestProvider().diff("", pinned, {**pinned, "pushed": MOVED})


def test_a_login_another_copy_and_a_preview_that_knows_nothing_yet_are_no_move() -> None:
    assert not DigestProvider().diff("", PROPS, {**PROPS, "login": {}, "image": MOVED, "source": "urn:x"}).changes
    assert DigestProvider().diff("", PROPS, {**PROPS, "pushed": UNKNOWN}).changes
    assert DigestProvider().diff("", PROPS, {**PROPS, "pinned": BUILT, "pushed": Unknown()}).changes  # type: ignore[no-untyped-call]
    assert DigestProvider().diff("", PROPS, {**PROPS, "pinned": BUILT, "pushed": UNKNOWN}).changes


@pytest.mark.parametrize("found", [BUILT, None])
def test_a_refresh_finds_the_remembered_digest_or_a_registry_that_tells_nothing(
    engine: Engine, found: str | None
) -> None:
    engine.registry = found

    assert DigestProvider().read("", PROPS).outs == PROPS


def test_a_refresh_stops_where_the_tag_was_moved(engine: Engine) -> None:
    engine.registry = MOVED

    with pytest.raises(RuntimeError, match="is sha256:bbbbbbbbbbbb… in its registry"):
        DigestProvider().read("", PROPS)
