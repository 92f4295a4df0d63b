"""A worker that hangs: its parent sees it, kills it and starts it again."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from workbench.server import watchdog
from workbench.server.settings import from_environment
from workbench.server.workers import Workers

pytestmark = pytest.mark.slow

WITHIN_SECONDS = 20.0
SCRIPT = "import os\n\ndef init():\n    pass\n\ndef run(input_df):\n    return [os.getpid() for _ in input_df]\n"


@pytest.fixture
def workers(
    tmp_path: Path,
    make_folder: Callable[..., Path],
    keys_file: Path,
    write_keys: Callable[[str, str], None],
    port: int,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Workers:
    """Two, in the care of this process, which is less patient than others."""
    write_keys(key, "other")
    script = tmp_path / "written.py"
    script.write_text(SCRIPT)
    given = {"service": "toy", "port": port, "folder": make_folder(script), "keys": keys_file.parent}
    for name, value in given.items():
        monkeypatch.setenv(f"SCORING_{name.upper()}", str(value))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr(watchdog, "MOST_LOOKS", 3)
    shared = tmp_path / "shared"
    shared.mkdir()
    return Workers(from_environment(), 2, str(shared))


async def answering(port: int, key: str) -> set[int]:
    """Ask until two processes have answered; how many there are is told by `workers`."""
    answered: set[int] = set()
    deadline = time.monotonic() + WITHIN_SECONDS
    while len(answered) < 2:
        assert time.monotonic() < deadline
        try:
            async with httpx.AsyncClient(timeout=0.5) as client:
                answer = await client.post(
                    f"http://127.0.0.1:{port}/score",
                    json={"input_df": [{"age": 41, "state": "WA"}]},
                    headers={"authorization": f"Bearer {key}"},
                )
        except httpx.TransportError:
            await asyncio.sleep(0.02)
            continue
        if answer.status_code == 200:
            answered.add(int(answer.json()[0]))
    return answered


def test_a_worker_that_hangs_is_killed_and_started_again(
    workers: Workers, port: int, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    def ended() -> list[str]:
        found = [record for record in caplog.records if record.getMessage() == "worker_ended"]
        return [str(vars(record)["fields"]["message"]) for record in found]

    async def scenario() -> None:
        running = asyncio.create_task(workers.run())
        first = await answering(port, key)
        # As long as they tell of themselves nothing happens, whatever the patience.
        await asyncio.sleep(5)
        assert ended() == []
        os.kill(min(first), signal.SIGSTOP)
        deadline = time.monotonic() + WITHIN_SECONDS
        while not ended():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        again = await answering(port, key)
        assert len(again & first) == 1
        os.kill(os.getpid(), signal.SIGTERM)
        await running

    caplog.set_level(logging.INFO, "scoring")
    asyncio.run(scenario())
    (message,) = ended()
    assert "hung: it did nothing for" in message
    assert "so it was killed" in message
