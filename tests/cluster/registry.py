"""A container registry that the docker engine pushes to and the cluster's node pulls from, while a test asks."""

from __future__ import annotations

import io
import json
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import yaml

from tests.ports import free_ports
from tests.programs import answers
from tests.tree import TREE
from tests.waiting import until


@contextmanager
def serving(engine: docker.DockerClient, home: Path) -> Iterator[str]:
    """Its address on loopback, where engine and node speak plain http and ask for no login."""
    image = json.loads((home / "images.json").read_text())["registry"]
    [port] = free_ports(1)
    name = f"workbench-test-registry-{uuid.uuid4().hex[:8]}"
    container = engine.containers.create(
        image, ["docker-registry", "serve", "/registry.yml"], name=name, ports={"5000/tcp": ("127.0.0.1", port)}
    )
    try:
        container.put_archive("/", _settings())
        container.start()
        until(lambda: answers(f"http://127.0.0.1:{port}/v2/"))
        yield f"127.0.0.1:{port}"
    finally:
        container.remove(force=True, v=True)
        for tag in [tag for each in engine.images.list() for tag in each.tags if tag.startswith(f"127.0.0.1:{port}/")]:
            engine.images.remove(tag, noprune=True)


def _settings() -> bytes:
    """The settings of a stack's own registry without its login, as a tar."""
    settings = yaml.safe_load(
        (TREE / "workbench" / "components" / "engines" / "docker" / "images" / "registry.yml").read_text()
    )
    del settings["auth"]
    content = yaml.safe_dump(settings).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("registry.yml")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
