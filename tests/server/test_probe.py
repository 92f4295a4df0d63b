"""The health check as the container runs it: a process, its exit code and its one line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.waiting import until

pytestmark = pytest.mark.slow

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def probe(port: int) -> Callable[[], subprocess.CompletedProcess[str]]:
    environment = {
        "SCORING_SERVICE": "toy",
        "SCORING_PORT": str(port),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "workbench.server.probe"]
    return lambda: subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_ready_server_is_well(
    probe: Callable[[], subprocess.CompletedProcess[str]], start_server: Start, make_folder: Callable[..., Path]
) -> None:
    start_server(make_folder())
    asked = probe()
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "", "")


def test_a_server_without_usable_keys_is_not(
    probe: Callable[[], subprocess.CompletedProcess[str]],
    start_server: Start,
    make_folder: Callable[..., Path],
    keys_file: Path,
) -> None:
    start_server(make_folder())
    keys_file.unlink()
    until(lambda: probe().returncode != 0)
    asked = probe()
    assert (asked.returncode, asked.stderr) == (1, "error: not ready: 503 No usable keys\n")


def test_no_server_is_not_well(probe: Callable[[], subprocess.CompletedProcess[str]], port: int) -> None:
    asked = probe()
    assert asked.returncode == 1
    assert asked.stderr == f"error: port {port} does not answer: [Errno 111] Connection refused\n"


def test_the_probe_imports_nothing_but_the_standard_library() -> None:
    heavy = {"uvicorn", "orjson", "msgspec", "prometheus_client", "asyncio", "ssl"}
    listing = f"import sys, workbench.server.probe; print(*(set(sys.modules) & {heavy}))"
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-S", "-c", listing]
    loaded = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) <= {"ssl"}
