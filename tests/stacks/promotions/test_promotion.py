"""Promotions without engines: a program named pulumi tells what serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from workbench.policies import envelope, evidence

Call = Callable[..., tuple[int, str, str]]
PROMOTE = ("promote", "churnpred", "--from", "staging", "--to", "prod")
DIGEST, MANIFEST = "sha256:" + "d" * 64, "sha256:" + "e" * 64


@pytest.fixture
def prod(project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a stack that takes images of `staging`, which serves one; `home` is empty."""
    assert not home.exists()
    route = {"service": "churnpred", "image": f"127.0.0.1:5000/churnpred@{DIGEST}", "manifest": MANIFEST}
    resources = [{"type": "pulumi-python:dynamic/infra:GatewayRoute", "outputs": route}]
    (tmp_path / "state.json").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nfor last; do :; done\n[ "$last" = staging ] && exec cat {tmp_path}/state.json\n'
        "echo \"error: no stack named '$last' found\" >&2; exit 255\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    path = project / "Pulumi.prod.yaml"
    path.write_text("config:\n  churn:gatewayPort: 8081\n  churn:promotedFrom: staging\n")
    return path


def key(folder: Path, mode: int = 0o600) -> tuple[Path, str]:
    """A private key's file, and the public key."""
    made = Ed25519PrivateKey.generate()
    path = folder / "key.pem"
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(mode)
    return path, made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def written(prod: Path) -> Any:
    return json.loads((prod.parent / "promotions" / "prod" / "churnpred.json").read_text())


def test_a_promotion_pins_the_digest_and_writes_what_it_passed(call: Call, prod: Path) -> None:
    code, out, err = call(*PROMOTE)

    assert (code, err) == (0, "next: commit both, then: pulumi up -s prod\n")
    assert f"+      image: 127.0.0.1:5000/churnpred@{DIGEST}" in out
    found = evidence.read("here", envelope.opened("here", written(prod)))
    assert (found.digest, found.manifest, found.source, found.target) == (DIGEST, MANIFEST, "staging", "prod")
    assert found.passed["policies"]["promoted"] == "passed"
    assert found.passed["tests"]["examples"] == "not asked"
    assert written(prod)["signatures"] == []


def test_a_dry_run_shows_the_difference_and_writes_nothing(call: Call, prod: Path) -> None:
    before = prod.read_bytes()

    code, out, _ = call(*PROMOTE, "--dry-run")

    assert code == 0
    assert "would pin churnpred in Pulumi.prod.yaml" in out
    assert "would write promotions/prod/churnpred.json (not signed)" in out
    assert prod.read_bytes() == before
    assert not (prod.parent / "promotions").exists()


def test_a_stack_that_takes_images_of_another_stack_refuses(call: Call, prod: Path) -> None:
    prod.write_text(prod.read_text().replace("staging", "quality"))

    code, _, err = call(*PROMOTE)

    assert code == 1
    assert err.startswith("error: policy promoted: service churnpred was promoted from staging, not from quality")
    assert not (prod.parent / "promotions").exists()


def test_a_stack_that_demands_a_signature_takes_its_own_key_alone(call: Call, prod: Path, tmp_path: Path) -> None:
    path, public = key(tmp_path)
    (prod.parent / "key.pub").write_text(public)
    prod.write_text(prod.read_text() + "  churn:promotionKey: key.pub\n")

    assert call(*PROMOTE)[0] == 1
    code, _, err = call(*PROMOTE, "--key", str(path))
    again = call(*PROMOTE)

    assert (code, err) == (0, "next: commit both, then: pulumi up -s prod\n")
    assert again[0] == 0, "signed evidence of the same digest is there"
    assert "already pins" in again[1]
    key(tmp_path)
    prod.write_text(prod.read_text().replace("sha256:" + "e" * 64, "sha256:" + "f" * 64))
    (prod.parent / "promotions" / "prod" / "churnpred.json").unlink()
    code, _, err = call(*PROMOTE, "--key", str(path))
    assert (code, "is not signed by the promotionKey" in err) == (1, True)


def test_a_key_that_others_can_read_and_one_that_is_none_are_refused(call: Call, prod: Path, tmp_path: Path) -> None:
    path, _ = key(tmp_path, 0o644)
    assert f"run: chmod 600 {path}" in call(*PROMOTE, "--key", str(path))[2]

    path.chmod(0o600)
    path.write_text("nonsense")
    code, _, err = call(*PROMOTE, "--key", str(path))
    assert (code, err.count("\n"), "needed" in err or "is not" in err) == (1, 1, True)
    assert not (prod.parent / "promotions").exists()


def test_a_policys_key_that_cannot_be_used_is_one_line(call: Call, prod: Path) -> None:
    prod.write_text(prod.read_text() + "  churn:gates: {roc_auc: {atleast: 1}}\n")

    code, _, err = call(*PROMOTE)

    assert (code, err.count("\n")) == (1, 1)
    assert "Pulumi.prod.yaml: churn:gates.roc_auc.atleast is not known" in err


def test_going_back_to_an_earlier_release_writes_new_evidence(call: Call, prod: Path, tmp_path: Path) -> None:
    """Evidence of the first time is older than that of what serves, which an up refuses."""
    assert call(*PROMOTE)[0] == 0
    first = evidence.read("here", envelope.opened("here", written(prod)))
    state = tmp_path / "state.json"
    program = tmp_path / "bin" / "pulumi"
    program.write_text(f"#!/bin/sh\nexec cat {state}\n")
    changed = json.loads(state.read_text())
    changed["deployment"]["resources"][0]["outputs"]["promotedAt"] = "2020-01-02T10:00:00+00:00"
    state.write_text(json.dumps(changed))
    path = prod.parent / "promotions" / "prod" / "churnpred.json"
    path.write_text(
        json.dumps(envelope.seal({**first.statement(), "predicate": _at(first, "2020-01-01T10:00:00+00:00")}, None))
    )

    code, _, _ = call(*PROMOTE)

    assert code == 0
    assert evidence.is_older("2020-01-02T10:00:00+00:00", evidence.read("", envelope.opened("", written(prod))).at)


def test_a_promotion_to_the_stack_that_it_comes_from_is_refused_and_writes_nothing(prod: Path, call: Any) -> None:
    before = prod.read_bytes()
    code, _, err = call("promote", "churnpred", "--from", "prod", "--to", "prod")

    assert (code, prod.read_bytes()) == (1, before)
    assert "that is one stack; name another with --to" in err


def _at(told: evidence.Evidence, at: str) -> dict[str, Any]:
    predicate: dict[str, Any] = {**told.statement()["predicate"], "at": at}
    return predicate
