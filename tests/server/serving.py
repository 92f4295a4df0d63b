"""What a server needs to run as a process of its own: a service folder, keys, a port; and a look at it from outside."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.waiting import patience, until

HERE = Path(__file__).parent
SCRIPT = HERE / "scripts" / "rows.py"
SCHEMA = (HERE / "schemas" / "rows.json").read_bytes()
KEY, OTHER_KEY = "primary-key-of-the-toy-service", "secondary-key-of-the-toy-service"
# A server that says nothing for so long has hung.
SILENT_SECONDS = 60.0


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_hashes(file: Path, primary: str, secondary: str) -> None:
    """Write the hashes of two keys beside and rename, as a deployment does."""
    beside = file.with_suffix(".new")
    hashes = {"primary": digest(primary.encode()), "secondary": digest(secondary.encode())}
    beside.write_text(json.dumps(hashes), encoding="utf-8")
    beside.rename(file)


def write_folder(folder: Path, script: Path, schema: bytes | None) -> Path:
    """Write a service folder with its manifest: version 7 of the model `toy`, a script, and a schema or none."""
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


def launch(log: Path, **settings: object) -> subprocess.Popen[bytes]:
    """Start `python -m workbench.server`, one process of the service `toy` unless the settings say so."""
    given = {"service": "toy", "workers": 1} | settings
    environment = {f"SCORING_{name.upper()}": str(value) for name, value in given.items()}
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "workbench.server"],
            env={"PYTHONPATH": str(HERE.parents[1]), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + patience()
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/").text == "Healthy":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    pytest.fail(f"the server did not become ready: {log.read_text(encoding='utf-8')}")


@dataclass(frozen=True)
class Running:
    """A server that the tests of a file share."""

    port: int
    key: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "content-type": "application/json"}

    def memory(self, what: str = "VmRSS") -> int:
        """MiB that it holds now; `VmHWM`: that it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.split(f"{what}:")[1].split()[0]) // 1024

    def errors(self) -> list[str]:
        """The names of what it logged as an error."""
        lines = map(json.loads, self.log.read_bytes().splitlines())
        return [line["event"] for line in lines if line["level"] == "error"]


def say(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that comes over a connection of its own, until the server closes it, to what is sent piece by piece."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience(SILENT_SECONDS)) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except ConnectionError:
            pass  # it has heard enough; what it said is still to be read
        try:
            while got := connection.recv(65536):
                heard += got
        except ConnectionError:
            pass
    return heard


def statuses(heard: bytes) -> list[int]:
    """The statuses of the answers in what came over a connection; no body of ours holds such a line."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]


def different(answering: Callable[[], int], count: int) -> set[int]:
    """Ask until so many processes have answered."""
    answered: set[int] = set()

    def enough() -> bool:
        answered.add(answering())
        return len(answered) >= count

    until(enough, pause=0)
    return answered


def health(port: int) -> tuple[int, str] | None:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/")
    except httpx.TransportError:
        return None
    return answer.status_code, answer.text


def numbers(port: int, key: str) -> dict[str, float]:
    """What a worker tells of all: metric by name with labels."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"authorization": f"Bearer {key}"}).text
    return {name: float(value) for name, value in re.findall(r"^([a-z][^ ]*) (\S+)$", text, re.MULTILINE)}
