from __future__ import annotations

from pathlib import Path

import pytest

from workbench.gateway import keys
from workbench.gateway.backend import RouteError

DIGEST = "a" * 64


def test_digests_are_kept_by_service_and_forgotten_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "FOLDER", tmp_path)

    keys.put("churnpred", DIGEST, "b" * 64)

    assert keys.get("churnpred") == {"primary": DIGEST, "secondary": "b" * 64}
    keys.delete("churnpred")
    keys.delete("churnpred")
    assert keys.get("churnpred") == {}
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_place_of_its_digest_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FOLDER", tmp_path)

    with pytest.raises(RouteError, match="64 hex digits"):
        keys.put("churnpred", DIGEST, "the key itself")

    assert list(tmp_path.iterdir()) == []
