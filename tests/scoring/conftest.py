"""A service folder as the image holds it, an application over it in this process, and servers as processes."""

import asyncio
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from scoring.keys import Keys
from scoring.lifecycle import Lifecycle
from scoring.pool import Pool
from scoring.server import build
from scoring.service import load

HERE = Path(__file__).parent
SCRIPT = HERE / "scripts" / "rows.py"
SCHEMA = (HERE / "schemas" / "rows.json").read_bytes()
MAX_BODY_BYTES = 4096
READY_WITHIN_SECONDS = 20.0


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def key() -> str:
    return "primary-key-of-the-toy-service"


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "toy.json"
    file.parent.mkdir()
    return file


@pytest.fixture
def write_keys(keys_file: Path) -> Callable[[str, str], None]:
    """Write the hashes of two keys beside and rename, as a deployment does."""

    def write(primary: str, secondary: str) -> None:
        beside = keys_file.with_suffix(".new")
        hashes = {"primary": digest(primary.encode()), "secondary": digest(secondary.encode())}
        beside.write_text(json.dumps(hashes), encoding="utf-8")
        beside.rename(keys_file)

    return write


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a service folder with its manifest: version 7 of the model `toy`, a script, and a schema or none."""

    def make(script: Path = SCRIPT, schema: bytes | None = SCHEMA) -> Path:
        folder = tmp_path / "service"
        weights = folder / "models" / "toy" / "weights.txt"
        weights.parent.mkdir(parents=True)
        weights.write_bytes(b"heavy")
        (folder / "score.py").write_bytes(script.read_bytes())
        if schema is not None:
            (folder / "service_schema.json").write_bytes(schema)
        pinned = [{"path": "weights.txt", "sha256": digest(b"heavy"), "size": 5}]
        manifest = {
            "name": "toy",
            "models": [{"name": "toy", "version": 7, "digest": "sha256:" + 64 * "0", "files": pinned}],
            "score": {"path": "score.py", "sha256": digest(script.read_bytes())},
            "schema": schema and {"path": "service_schema.json", "sha256": digest(schema)},
            "runtime": {"framework": "python", "python": "3.11"},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def lifecycle() -> Lifecycle:
    return Lifecycle()


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(threads=2, concurrency=2)
    yield pool
    pool.close()


@pytest.fixture
def app(
    lifecycle: Lifecycle, pool: Pool, keys_file: Path, write_keys: Callable[[str, str], None], key: str
) -> Starlette:
    """The application as it is before its script is loaded."""
    write_keys(key, "secondary-key-of-the-toy-service")
    return build(lifecycle, Keys(keys_file), pool, MAX_BODY_BYTES)


@pytest.fixture
def ask(app: Starlette) -> Callable[..., httpx.Response]:
    """One request to the application in this process: `ask("GET", "/", headers=…)`."""

    async def send(method: str, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
            return await client.request(method, path, **options)

    return lambda method, path, **options: asyncio.run(send(method, path, **options))


@pytest.fixture
def ask_together(app: Starlette) -> Callable[..., list[httpx.Response]]:
    """Several requests on one loop, started in their order: `ask_together(("GET", "/", {}), …)`."""

    async def send(requests: tuple[tuple[str, str, dict[str, Any]], ...]) -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
            return await asyncio.gather(
                *(client.request(method, path, **options) for method, path, options in requests)
            )

    return lambda *requests: asyncio.run(send(requests))


@pytest.fixture
def serve_folder(lifecycle: Lifecycle, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make the application in this process ready with the service of a folder."""

    def serve(folder: Path) -> None:
        monkeypatch.chdir(folder)
        lifecycle.ready(load("toy", folder))

    return serve


@pytest.fixture
def score(
    ask: Callable[..., httpx.Response], serve_folder: Callable[[Path], None], make_folder: Callable[..., Path], key: str
) -> Callable[..., httpx.Response]:
    """A score of the toy service with the right key: `score(json=…)`, `score(content=…, headers=…)`."""
    serve_folder(make_folder())

    def post(**options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"} | options.pop("headers", {})
        return ask("POST", "/score", headers=headers, **options)

    return post


@pytest.fixture
def port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What a server in a process of its own printed."""
    return tmp_path / "log"


@pytest.fixture
def read_log(log: Path) -> Callable[[], list[dict[str, Any]]]:
    """The log's lines, each of them JSON."""
    return lambda: [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def start_process(
    port: int, keys_file: Path, write_keys: Callable[[str, str], None], key: str, log: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`python -m scoring` over a folder, with more settings by name; killed at the end if it still runs."""
    write_keys(key, "secondary-key-of-the-toy-service")
    started: list[subprocess.Popen[bytes]] = []

    def start(folder: Path, **settings: object) -> subprocess.Popen[bytes]:
        given = {"service": "toy", "port": port, "folder": folder, "keys": keys_file.parent} | settings
        environment = {f"SCORING_{name.upper()}": str(value) for name, value in given.items()}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "scoring"],
                env={"PYTHONPATH": str(HERE.parents[1]), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def start_server(
    start_process: Callable[..., subprocess.Popen[bytes]], port: int, log: Path
) -> Callable[..., subprocess.Popen[bytes]]:
    """As `start_process`, and return only when the server is ready."""

    def start(folder: Path, **settings: object) -> subprocess.Popen[bytes]:
        process = start_process(folder, **settings)
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/").text == "Healthy":
                    return process
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        pytest.fail(f"the server did not become ready: {log.read_text(encoding='utf-8')}")

    return start
