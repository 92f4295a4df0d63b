"""Buckets that cannot be used: one line each, without what is secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.core.errors import RegistryError
from workbench.experiments.runs import run_record
from workbench.registry.models.registry import ModelRegistry, ModelVersion
from workbench.registry.stores import stores

pytestmark = pytest.mark.long


def _register() -> ModelVersion:
    return ModelRegistry().register("churn", {"model.onnx": b"1"}, run_id="", metrics={})


def test_a_bucket_that_is_not_there_is_told_in_one_line(place: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    del place
    monkeypatch.setenv("WORKBENCH_REGISTRY", "s3://nowhere/team")
    for attempt in (lambda: ModelRegistry().list(), _register, lambda: run_record.Run.start("churn", {})):
        with pytest.raises(RegistryError, match=r"registry s3://nowhere/team: there is no bucket nowhere") as caught:
            attempt()
        assert "\n" not in str(caught.value)


def test_wrong_credentials_are_told_in_one_line_without_them(
    place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(RegistryError, match=r"registry s3://.*credentials") as caught:
        ModelRegistry().list()
    assert place["AWS_ACCESS_KEY_ID"] not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_credentials_are_told_in_one_line(place: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    del place
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(RegistryError, match=r"registry s3://.*credentials"):
        _register()


def test_a_server_that_is_away_is_told_in_one_line(place: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    del place
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(RegistryError, match=r"Could not connect .* see that it is up") as caught:
        ModelRegistry().list()
    assert "\n" not in str(caught.value)


def test_a_broken_record_is_told_by_its_key(place: dict[str, str], bucket: Path) -> None:
    del place
    stores.at().replace(f"{_register().key}/model.json", b"{")
    with pytest.raises(RegistryError, match=r"s3://.*/team/models/churn/1/model.json cannot be read"):
        ModelRegistry().list()
    assert json.loads((bucket / "registry.json").read_text())["format"] == 1
