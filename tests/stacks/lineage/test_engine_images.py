"""Which names of an image are taken off the engine."""

from __future__ import annotations

from workbench.stacks.lineage.engine_images import names

HERE, THERE = "127.0.0.1:5000", "127.0.0.1:5001"
DIGEST = "churnpred@sha256:" + "d" * 64


def test_an_image_goes_by_its_tags_as_the_engine_forgets_the_digest_with_the_last() -> None:
    assert names([f"{HERE}/churnpred:1"], [f"{HERE}/{DIGEST}"], {HERE}) == [f"{HERE}/churnpred:1"]


def test_an_image_that_was_pulled_by_its_digest_alone_goes_by_it() -> None:
    tags, digests = [f"{HERE}/churnpred:1"], [f"{HERE}/{DIGEST}", f"{THERE}/{DIGEST}"]
    assert names(tags, digests, {HERE, THERE}) == [f"{HERE}/churnpred:1", f"{THERE}/{DIGEST}"]


def test_names_in_registries_of_others_are_left_alone() -> None:
    assert names([f"{THERE}/churnpred:1"], [f"{THERE}/{DIGEST}"], {HERE}) == []
