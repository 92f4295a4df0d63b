"""A service folder as the image holds it, an application over it in this process, and servers as processes."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ports import free_port
from tests.server.serving import (
    KEY,
    OTHER_KEY,
    SCHEMA,
    SCRIPT,
    Running,
    await_ready,
    launch,
    write_folder,
    write_hashes,
)
from tests.server.wires import Server, make
from workbench.server import keys, logs
from workbench.server.app import App
from workbench.server.lifecycle import Lifecycle
from workbench.server.metrics import Metrics
from workbench.server.pool import Pool
from workbench.server.server import build
from workbench.server.service import Service, load
from workbench.server.settings import Settings
from workbench.server.tracing import Tracing
from workbench.server.validator import Limits

MAX_BODY_BYTES = 4096
LIMITS = Limits()


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "toy.json"
    file.parent.mkdir()
    return file


@pytest.fixture
def write_keys(keys_file: Path) -> Callable[[str, str], None]:
    return lambda primary, secondary: write_hashes(keys_file, primary, secondary)


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """As `write_folder`, of the toy script and its schema unless others are given."""
    return lambda script=SCRIPT, schema=SCHEMA: write_folder(tmp_path / "service", script, schema)


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
    lifecycle: Lifecycle,
    pool: Pool,
    keys_file: Path,
    write_keys: Callable[[str, str], None],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[App]:
    """The application as it is before its script is loaded; it looks at its keys for every request."""
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.0)
    write_keys(key, OTHER_KEY)
    settings = Settings("toy", max_body_bytes=MAX_BODY_BYTES)
    yield build(lifecycle, keys.Keys(keys_file), pool, Metrics(), Tracing(), settings)
    logs.HANDLER.flush()  # the loop that would have done it is gone


def transport(app: App) -> httpx.ASGITransport:
    return httpx.ASGITransport(app)  # type: ignore[arg-type] # ours and httpx's ASGI types are spelled differently


@pytest.fixture
def ask(app: App) -> Callable[..., httpx.Response]:
    """One request to the application in this process: `ask("GET", "/", headers=…)`."""

    async def send(method: str, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport(app), base_url="http://toy") as client:
            return await client.request(method, path, **options)

    return lambda method, path, **options: asyncio.run(send(method, path, **options))


@pytest.fixture
def ask_together(app: App) -> Callable[..., list[httpx.Response]]:
    """Several requests on one loop, started in their order: `ask_together(("GET", "/", {}), …)`."""

    async def send(requests: tuple[tuple[str, str, dict[str, Any]], ...]) -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=transport(app), base_url="http://toy") as client:
            return await asyncio.gather(
                *(client.request(method, path, **options) for method, path, options in requests)
            )

    return lambda *requests: asyncio.run(send(requests))


@pytest.fixture
def load_folder(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Service]:
    """Load the service of a folder in this process, which must go on unpickling: nothing is forbidden it."""

    def read(folder: Path, limits: Limits = LIMITS) -> Service:
        monkeypatch.chdir(folder)
        return load("toy", folder, limits, forbid=lambda: None)

    return read


@pytest.fixture
def serve_folder(lifecycle: Lifecycle, load_folder: Callable[..., Service]) -> Callable[..., None]:
    """Make the application in this process ready with the service of a folder."""
    return lambda folder, *limits: lifecycle.ready(load_folder(folder, *limits))


@pytest.fixture
def score(
    ask: Callable[..., httpx.Response], serve_folder: Callable[..., None], make_folder: Callable[..., Path], key: str
) -> Callable[..., httpx.Response]:
    """A score of the toy service with the right key: `score(json=…)`, `score(content=…, headers=…)`."""
    serve_folder(make_folder())

    def post(**options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"} | options.pop("headers", {})
        return ask("POST", "/score", headers=headers, **options)

    return post


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What a server in a process of its own printed."""
    return tmp_path / "log"


@pytest.fixture
def read_log(log: Path) -> Callable[[], list[dict[str, Any]]]:
    """The log's lines, each of them JSON."""
    return lambda: [json.loads(line) for line in log.read_bytes().splitlines()]


@pytest.fixture
def start_process(
    port: int, keys_file: Path, write_keys: Callable[[str, str], None], key: str, log: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`python -m workbench.server` over a folder, with more settings by name; killed at the end if it still runs."""
    write_keys(key, OTHER_KEY)
    started: list[subprocess.Popen[bytes]] = []

    def start(folder: Path, **settings: object) -> subprocess.Popen[bytes]:
        started.append(launch(log, **{"port": port, "folder": folder, "keys": keys_file.parent} | settings))
        return started[-1]

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
        await_ready(process, port, log)
        return process

    return start


@pytest.fixture(scope="module")
def start_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """A ready server of a script and a schema for all tests of a file: `start_shared(script, schema, threads=1)`."""
    started: list[Running] = []

    def start(script: Path = SCRIPT, schema: bytes | None = SCHEMA, **settings: object) -> Running:
        place = tmp_path_factory.mktemp("shared")
        folder = write_folder(place / "service", script, schema)
        (place / "keys").mkdir()
        write_hashes(place / "keys" / "toy.json", KEY, OTHER_KEY)
        port, log = free_port(), place / "log"
        process = launch(log, port=port, folder=folder, keys=place / "keys", **settings)
        started.append(Running(port, KEY, process, log))
        await_ready(process, port, log)
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()


@pytest.fixture
def head(running: Running) -> Callable[..., bytes]:
    """The head of a request to the file's own `running` that is right but for what is given."""

    def make(*headers: bytes, method: bytes = b"POST", target: bytes = b"/score", key: str = running.key) -> bytes:
        given = [b"host: toy", b"authorization: Bearer " + key.encode(), b"content-type: application/json", *headers]
        return method + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join(given) + b"\r\n\r\n"

    return make


@pytest.fixture
def quick_server(
    app: App,  # noqa: ARG001 - its keys are written, and it looks at them for every request
    lifecycle: Lifecycle,
    keys_file: Path,
    pool: Pool,
    serve_folder: Callable[..., None],
    make_folder: Callable[..., Path],
) -> Server:
    """A quick script behind wires of this process."""
    serve_folder(make_folder(SCRIPT.with_name("quick.py")))
    return make(lifecycle, keys.Keys(keys_file), pool)
