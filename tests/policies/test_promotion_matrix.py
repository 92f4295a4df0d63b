"""Every combination of what a stack demands of promotions, with every way to cheat: only the true release may serve."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.policies import envelope, judge, promotion_file
from workbench.policies.evidence import Evidence
from workbench.policies.release_rules import Release
from workbench.policies.settings import PolicySettings

TODAY = date(2026, 11, 28)
DIGEST, OTHER, MANIFEST, OTHER_MANIFEST = ("sha256:" + letter * 64 for letter in "abcd")
KEYS: dict[str, Any] = {"Ed25519": Ed25519PrivateKey.generate(), "ECDSA": ec.generate_private_key(ec.SECP256R1())}
STRANGER = Ed25519PrivateKey.generate()
TRUE = Evidence(
    project="churn",
    service="churnpred",
    source="staging",
    target="prod",
    digest=DIGEST,
    image=f"127.0.0.1:5000/churnpred@{DIGEST}",
    manifest=MANIFEST,
    by="Ada <ada@example.com>",
    at="2026-11-25T10:00:00+00:00",
    passed={},
)


@dataclass
class Case:
    """What is pinned, what evidence lies there, who signed it, and what was promoted before."""

    key: Any
    evidence: Evidence = TRUE
    image: str | None = TRUE.image
    manifest: str = MANIFEST
    signer: Any = None
    served_at: str | None = None
    absent: bool = False
    change: Callable[[dict[str, Any]], None] = field(default=lambda _: None)


def foreign(**other: str) -> Callable[[Case], None]:
    """True evidence, validly signed, of something else."""

    def apply(case: Case) -> None:
        case.evidence = replace(TRUE, **other)  # type: ignore[arg-type]  # texts alone

    return apply


def pinned(**other: Any) -> Callable[[Case], None]:
    return lambda case: vars(case).update(other)


def edited(change: Callable[[dict[str, Any]], Any]) -> Callable[[Case], None]:
    """The file, changed after it was signed."""

    def apply(case: Case) -> None:
        case.change = lambda sealed: change(sealed) and None

    return apply


def repacked(sealed: dict[str, Any]) -> None:
    """Another digest beneath the old signature."""
    sealed["payload"] = envelope.seal(replace(TRUE, by="Mallory").statement(), None)["payload"]


# What must be refused in every stack that demands a promotion, by key or by name of the stack.
WRONG: dict[str, Callable[[Case], None]] = {
    "a manifest built here": pinned(image=None),
    "a pinned digest that is another": pinned(image=f"127.0.0.1:5000/churnpred@{OTHER}"),
    "a pinned manifest that is another": pinned(manifest=OTHER_MANIFEST),
    "old evidence of another digest": foreign(digest=OTHER),
    "evidence of another manifest": foreign(manifest=OTHER_MANIFEST),
    "a copy of another service's evidence": foreign(service="another"),
    "evidence for another target stack": foreign(target="quality"),
    "evidence of another project": foreign(project="elsewhere"),
    "evidence from the stack itself": foreign(source="prod"),
    "no evidence": pinned(absent=True),
}
# What only a signature tells.
UNSIGNED: dict[str, Callable[[Case], None]] = {
    "no signature": edited(lambda sealed: sealed["signatures"].clear()),
    "a signature of a stranger": pinned(signer=STRANGER),
    "a payload that was changed": edited(repacked),
    "an empty signature": edited(lambda sealed: sealed["signatures"][0].update(sig="")),
}
RIGHT: dict[str, Callable[[Case], None]] = {
    "the true release": lambda _: None,
    "the true release once more": pinned(served_at=TRUE.at),
    "the true release after an older one": pinned(served_at="2026-11-24T12:00:00+02:00"),
    "a key's id beside the signature": edited(lambda sealed: sealed["signatures"][0].update(keyid="any")),
    "a second signature of a stranger": edited(
        lambda sealed: sealed["signatures"].extend(envelope.seal(TRUE.statement(), STRANGER)["signatures"])
    ),
}
SOURCES = (None, "staging")
DEMANDS = [*itertools.product(SOURCES, KEYS), ("staging", None)]


def refused(project: Path, source: str | None, key: str | None, cheat: Callable[[Case], None]) -> list[str]:
    """Names of the rules that refuse."""
    case = Case(KEYS.get(key or "Ed25519"))
    cheat(case)
    public = case.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    settings = PolicySettings(promoted_from=source, promotion_key=public if key else None)
    sealed = envelope.seal(case.evidence.statement(), case.signer or case.key)
    case.change(sealed)
    path = promotion_file.path(project, "prod", "churnpred")
    path.parent.mkdir(parents=True)
    if not case.absent:
        path.write_text(json.dumps(sealed))
    evidence, unsigned = promotion_file.demanded(project, "prod", "churnpred", settings)
    release = Release(
        project="churn",
        stack="prod",
        service="churnpred",
        manifest=case.manifest,
        image=case.image,
        policies=replace(settings, gates={}),
        evidence=evidence,
        unsigned=unsigned,
        promoted_at=case.served_at,
    )
    violations = judge.refusing(judge.release(release, TODAY))
    assert all(len(each.line().splitlines()) == 1 for each in violations)
    return [each.rule for each in violations]


@pytest.mark.parametrize("cheat", WRONG)
@pytest.mark.parametrize(("source", "key"), DEMANDS)
def test_a_stack_that_demands_a_promotion_refuses_what_was_not_promoted_whichever_key_demands_it(
    tmp_path: Path, source: str | None, key: str | None, cheat: str
) -> None:
    assert "promoted" in refused(tmp_path, source, key, WRONG[cheat])


@pytest.mark.parametrize("cheat", UNSIGNED)
@pytest.mark.parametrize(("source", "key"), [*itertools.product(SOURCES, KEYS)])
def test_a_stack_with_a_promotion_key_refuses_evidence_that_this_key_did_not_sign(
    tmp_path: Path, source: str | None, key: str, cheat: str
) -> None:
    assert refused(tmp_path, source, key, UNSIGNED[cheat]) == ["signed"]


@pytest.mark.parametrize("change", RIGHT)
@pytest.mark.parametrize(("source", "key"), DEMANDS)
def test_a_stack_that_demands_a_promotion_takes_the_promoted_release(
    tmp_path: Path, source: str | None, key: str | None, change: str
) -> None:
    assert refused(tmp_path, source, key, RIGHT[change]) == []


@pytest.mark.parametrize("key", [None, *KEYS])
def test_evidence_from_another_stack_than_the_named_one_is_refused(tmp_path: Path, key: str | None) -> None:
    assert refused(tmp_path, "staging", key, foreign(source="laptop")) == ["promoted"]


@pytest.mark.parametrize("key", KEYS)
def test_a_stack_that_names_no_source_takes_what_its_key_signed_from_any_other_stack(tmp_path: Path, key: str) -> None:
    assert refused(tmp_path, None, key, foreign(source="laptop")) == []


@pytest.mark.parametrize("cheat", [*WRONG, *UNSIGNED])
def test_a_stack_that_demands_no_promotion_asks_for_no_evidence(tmp_path: Path, cheat: str) -> None:
    assert refused(tmp_path, None, None, (WRONG | UNSIGNED)[cheat]) == []


@pytest.mark.parametrize("source", SOURCES)
def test_an_exception_for_signatures_lets_no_other_digest_pass(tmp_path: Path, source: str | None) -> None:
    found = refused(tmp_path, source, "Ed25519", pinned(image=f"127.0.0.1:5000/churnpred@{OTHER}", signer=STRANGER))

    assert found == ["promoted", "signed"]


@pytest.mark.parametrize(("source", "key"), DEMANDS)
def test_evidence_older_than_that_of_what_serves_breaks_a_rule_of_its_own(
    tmp_path: Path, source: str | None, key: str | None
) -> None:
    later = pinned(served_at="2026-11-26T10:00:00+00:00")
    assert refused(tmp_path, source, key, later) == ["newest-promotion"]
