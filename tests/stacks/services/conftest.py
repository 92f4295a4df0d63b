"""A service of the real scoring server, in the state of a stack as a program named pulumi tells it."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.server.serving import KEY, OTHER_KEY, await_ready, launch, write_hashes
from tests.tree import TREE
from workbench.registry.manifests import manifest
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry

SCRIPTS = TREE / "tests" / "server" / "scripts" / "shapes"


@pytest.fixture
def exported(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a program named pulumi exports as the state of every stack."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec cat {tmp_path}/state.json\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.chdir(project)
    return tmp_path / "state.json"


@pytest.fixture
def state(exported: Path, home: Path) -> Path:
    """The state that pulumi exports, with the caller's key beside it."""
    keys = home / "keys" / "churn" / "staging" / "toy"
    keys.mkdir(parents=True)
    (keys / "primary").touch(0o600)
    (keys / "primary").write_text(KEY)
    (keys / "authorization").write_text(f"Authorization: Bearer {KEY}")
    return exported


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Manifest], int]]:
    """The port of a server of this tree that serves a manifest; one for all tests of the file."""
    ports: dict[str, int] = {}
    with ExitStack() as ended:

        def serve(made: Manifest) -> int:
            if made.id not in ports:
                place = tmp_path_factory.mktemp("served")
                shutil.copytree(made.files, place / "service")
                shutil.copy(made.folder / manifest.RECORD, place / "service")
                (place / "hashes").mkdir()
                write_hashes(place / "hashes" / "toy.json", KEY, OTHER_KEY)
                port, log = free_port(), place / "log"
                process = launch(log, port=port, folder=place / "service", keys=place / "hashes")
                ended.callback(process.wait)
                ended.callback(process.kill)
                await_ready(process, port, log)
                ports[made.id] = port
            return ports[made.id]

        yield serve


@pytest.fixture
def toy(state: Path, home: Path, tmp_path: Path, serving: Callable[[Manifest], int]) -> Callable[..., None]:
    """Serve a script with a schema as the service `toy` of `staging`: `toy("rows", schema, model="churn")`."""

    def serve(script: str, schema: dict[str, Any] | None, model: str | None = None) -> None:
        (tmp_path / "schema.json").write_text(json.dumps(schema))
        (tmp_path / "none.txt").touch()
        registry = ModelRegistry(home / "registry")
        made = manifest.create(
            "toy",
            [registry.register(model, {"w.txt": b"1"}, run_id="", metrics={})] if model else [],
            score=SCRIPTS / f"{script}.py",
            schema=tmp_path / "schema.json" if schema else None,
            requirements=tmp_path / "none.txt",
            root=home / "registry",
        )
        route = {"service": "toy", "manifest": made.id, "scoringUrl": f"http://127.0.0.1:{serving(made)}/score"}
        state.write_text(json.dumps({"deployment": {"resources": [{"type": "x:GatewayRoute", "outputs": route}]}}))

    return serve
