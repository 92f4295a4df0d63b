"""What a service's image is made of: a manifest whose wheels lie in a registry, and the toolchain's images."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.components.images import service_image
from workbench.components.images.base_images import BaseImages
from workbench.components.images.build_context import BuildContext
from workbench.registry.manifests.manifest import Manifest

DEBIAN = (
    "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12",
    "pkg:deb/debian/libcrypt1@1:4.4.33-2?arch=amd64&distro=debian-12",
    "pkg:deb/debian/libpython3.11-minimal@3.11.2-6%2Bdeb12u9?arch=amd64&distro=debian-12",
    "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12",
)


_LOOPS: list[asyncio.AbstractEventLoop] = []


@pytest.fixture(scope="module")
def program_loop() -> None:
    """An event loop for programs run against mocks: Pulumi's runtime asks for the thread's, which other tests ended.

    It stays open to the end: so do the threads in which mocks answer, and each of those has a loop of its own.
    """
    if not _LOOPS:
        _LOOPS.append(asyncio.new_event_loop())
    asyncio.set_event_loop(_LOOPS[0])


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have programs find no engine: one that is there has ports and containers of its own."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")


@pytest.fixture
def images() -> BaseImages:
    return BaseImages(base="workbench-base:1", gateway="gateway:1", registry="registry:1", packages=DEBIAN)


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """A manifest of one model and two wheels; home and cache are the test's own."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "home" / "registry" / "manifests" / ("a" * 64)
    files = {"score.py": "def init(): ...\n", "service_schema.json": "{}\n", "models/churn/model.onnx": "weights"}
    for name, text in files.items():
        (folder / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / name).write_text(text)
    wheels = tmp_path / "home" / "registry" / "wheels" / ("e" * 64)
    wheels.mkdir(parents=True)
    made = [
        _wheel(wheels, "Big_Thing", "2.0+cpu", "Requires-Dist: tiny>=1\nRequires-Dist: absent; extra == 'all'\n"),
        _wheel(wheels, "tiny", "1.0", "License-Expression: MIT OR Apache-2.0\n"),
    ]
    (wheels / "requirements.txt").write_text("".join(made))
    document = {
        "name": "churnpred",
        "models": [
            {"name": "churn", "version": 3, "digest": "sha256:" + "b" * 64, "files": [_entry(folder, "model.onnx")]}
        ],
        "score": {"path": "score.py", "sha256": "c" * 64},
        "schema": {"path": "service_schema.json", "sha256": "d" * 64},
        "runtime": {"requirements": {"sha256": "e" * 64}},
    }
    (folder / "manifest.json").write_text(json.dumps(document))
    return Manifest("sha256:" + "a" * 64, folder, document)


@pytest.fixture
def assembled(images: BaseImages, manifest: Manifest) -> BuildContext:
    return service_image.context(images, manifest)


@pytest.fixture
def read_json(assembled: BuildContext) -> Callable[[str], dict[str, Any]]:
    """Read a document beside the image, by its name."""
    return lambda name: json.loads((assembled.folder / name).read_text())


def _wheel(folder: Path, name: str, version: str, more: str) -> str:
    """Build a wheel; gives its line of requirements.txt."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "VALUE = 1\n")
        archive.writestr(f"{name}/tests/test_it.py", "")
        metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}"
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _entry(folder: Path, name: str) -> dict[str, Any]:
    content = (folder / "files" / "models" / "churn" / name).read_bytes()
    return {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
