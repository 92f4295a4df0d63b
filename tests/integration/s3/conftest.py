"""A real S3-compatible server, and for each test a bucket, a home and a cache of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from tests.integration.s3.server import S3Server, serving
from tests.registry.models.writers import Writers


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serving(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def place(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """A bucket of its own, and a home and a cache; all as environment variables, which are set."""
    bucket = f"b{abs(hash(request.node.name)):x}"
    server.make_bucket(bucket)
    environment = {
        **server.environment,
        "WORKBENCH_REGISTRY": f"s3://{bucket}/team",
        "WORKBENCH_HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    yield environment
    s3fs.S3FileSystem.clear_instance_cache()  # the next test has other credentials


@pytest.fixture
def bucket(server: S3Server, place: dict[str, str]) -> Path:
    """The folder in which the server keeps the bucket."""
    return server.folder / place["WORKBENCH_REGISTRY"].split("/")[2] / "team"


@pytest.fixture
def writers(place: dict[str, str]) -> Iterator[Writers]:
    made = Writers(place)
    yield made
    made.end()
