"""SIGTERM over real connections: readiness fails first, everything asked in time is answered, the exit is clean."""

import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server.serving import health, numbers
from tests.waiting import patience, until
from workbench.server.process import GRACE_SECONDS, configuration

pytestmark = pytest.mark.slow

# Requests in flight while one is at work: that one, and the request that asks.
AT_WORK = 2
SCRIPTS = Path(__file__).parent / "scripts"

Start = Callable[..., subprocess.Popen[bytes]]
Lines = Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True)
class Sent:
    began: float
    ended: float
    outcome: int | Exception


class Caller(threading.Thread):
    """Scores over one keep-alive connection, again and again, until the server is gone or it is told to stop."""

    def __init__(self, port: int, key: str, row: dict[str, object]) -> None:
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._body = json.dumps({"input_df": [row]}).encode()
        self.sent: list[Sent] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            outcome = self.score()
            if isinstance(outcome, Exception):
                break

    def close(self) -> None:
        self._connection.close()

    def score(self) -> int | Exception:
        began = time.monotonic()
        outcome: int | Exception
        try:
            self._connection.request("POST", "/score", self._body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
            outcome = answer.status
        except (OSError, http.client.HTTPException) as error:
            outcome = error
        self.sent.append(Sent(began, time.monotonic(), outcome))
        return outcome


@pytest.fixture
def make_caller(port: int, key: str) -> Iterator[Callable[..., Caller]]:
    """Callers of this test's server, with its key; their connections are closed at the end."""
    made: list[Caller] = []

    def make(age: float = 1, state: str = "WA") -> Caller:
        made.append(Caller(port, key, {"age": age, "state": state}))
        return made[-1]

    yield make
    for caller in made:
        caller.close()


@pytest.mark.parametrize("script", ["rows.py", "quick.py"])
def test_a_drain_under_load_loses_no_request(
    script: str,
    start_server: Start,
    make_folder: Callable[..., Path],
    make_caller: Callable[..., Caller],
    port: int,
    read_log: Lines,
) -> None:
    process = start_server(make_folder(SCRIPTS / script))
    callers = [make_caller(age=0.005, state="sleep") for _ in range(8)]
    for caller in callers:
        caller.start()
    until(lambda: sum(len(caller.sent) for caller in callers) > 50)
    signalled = time.monotonic()
    process.send_signal(signal.SIGTERM)
    until(lambda: health(port) == (503, "Draining"))
    for caller in callers:
        caller.join()
    assert process.wait(timeout=patience()) == 0
    sent = [each for caller in callers for each in caller.sent]
    before = [each for each in sent if each.ended < signalled]
    during = [each for each in sent if each.ended >= signalled and each.began < signalled + GRACE_SECONDS]
    assert len(before) > 50
    assert len(during) >= len(callers)
    assert [each for each in before + during if each.outcome != 200] == []
    assert {each.outcome for each in sent if not isinstance(each.outcome, Exception)} == {200}
    assert read_log()[-1]["event"] == "stopped"


def test_a_request_in_flight_is_finished_after_the_listener_closed(
    start_server: Start,
    make_folder: Callable[..., Path],
    make_caller: Callable[..., Caller],
    port: int,
    key: str,
) -> None:
    process = start_server(make_folder())
    caller = make_caller(age=GRACE_SECONDS + 4, state="sleep")
    slow = threading.Thread(target=caller.score)
    slow.start()
    until(lambda: numbers(port, key)["scoring_requests_in_flight"] >= AT_WORK)
    process.send_signal(signal.SIGTERM)
    until(lambda: health(port) is None)
    assert caller.sent == [], "it is in flight when the listener has closed"
    slow.join()
    assert [each.outcome for each in caller.sent] == [200]
    assert process.wait(timeout=patience()) == 0


def test_a_run_that_does_not_end_is_left_when_the_drain_is_over(
    start_server: Start,
    make_folder: Callable[..., Path],
    make_caller: Callable[..., Caller],
    port: int,
    key: str,
    read_log: Lines,
) -> None:
    process = start_server(make_folder(), drain_seconds=2)
    caller = make_caller(age=60, state="sleep")
    slow = threading.Thread(target=caller.score)
    slow.start()
    until(lambda: numbers(port, key)["scoring_requests_in_flight"] >= AT_WORK)
    signalled = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0
    assert time.monotonic() - signalled >= 2 - 0.2
    slow.join()
    assert (read_log()[-1]["event"], read_log()[-1]["unfinished"]) == ("stopped", 1)


def test_without_time_to_drain_an_idle_server_ends_at_once(
    start_server: Start, make_folder: Callable[..., Path], read_log: Lines
) -> None:
    process = start_server(make_folder(), drain_seconds=0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0
    assert [line["level"] for line in read_log() if line["event"] != "request"] == ["info"] * 4


def test_idle_connections_live_longer_than_the_gateways_30_seconds() -> None:
    assert configuration(object()).timeout_keep_alive > 30
