"""python -m bench.serving: measure, print one JSON object, keep it if asked."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bench.serving
from bench.serving import environments, machine, results, rounds, subject
from bench.serving.errors import BenchError
from bench.serving.markdown import markdown
from bench.serving.running import LOAD_CORE, SERVER_CORE
from bench.serving.server import TREE, Server
from bench.serving.servers.bentoml import Bentoml, BentomlBatching
from bench.serving.servers.constant import Constant
from bench.serving.servers.fastapi_sklearn import FastapiSklearn
from bench.serving.servers.mlflow import Mlflow, MlflowUnchecked
from bench.serving.servers.mlserver import Mlserver, MlserverBatching
from bench.serving.servers.ours import Ours
from bench.serving.subject import Subject
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs.run_record import git_state

SERVERS: tuple[type[Server], ...] = (
    Ours, Constant, FastapiSklearn, Mlserver, MlserverBatching, Bentoml, BentomlBatching, Mlflow, MlflowUnchecked,
)  # fmt: skip


def main() -> None:
    """Parse, measure, print; one line and exit 1 for what the user can put right."""
    chosen = _options()
    # Ended from outside, the servers end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        if chosen.table:
            print(markdown(results.newest()))
            return
        machine.check()
        document = _measure([each for each in SERVERS if each.name in (chosen.only or _names())], chosen)
        print(json.dumps(document, indent=2))
        _finish(document, chosen)
    except (BenchError, WorkbenchError) as error:
        sys.exit(f"error: {error}")


def _finish(document: dict[str, Any], chosen: argparse.Namespace) -> None:
    if failed := results.failures(document["table"]):
        raise BenchError(f"{failed} requests failed, so nothing is saved; look for them in the table")
    if chosen.save:
        say(f"saved {results.save(document)}")


def say(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.serving",
        description=bench.serving.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=_names(), help=f"of {', '.join(_names())}")
    parser.add_argument("--rounds", type=_positive, default=5, help="starts of each server (5)")
    parser.add_argument("--seconds", type=_positive, default=3, help="of each of a round's four measurements (3)")
    parser.add_argument("--save", action="store_true", help="keep the result in bench/results")
    parser.add_argument("--table", action="store_true", help="print the newest saved result as Markdown and end")
    chosen = parser.parse_args()
    if chosen.save and chosen.only:
        parser.error("--save keeps results of all servers; leave --only out")
    return chosen


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _names() -> list[str]:
    return [each.name for each in SERVERS]


def _measure(kinds: Sequence[type[Server]], chosen: argparse.Namespace) -> dict[str, Any]:
    facts = machine.facts()
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as place:
        made = subject.make(Path(place), environments.cache() / "registry", say)
        # What is done from here on stays off the servers' core.
        os.sched_setaffinity(0, {LOAD_CORE})
        servers, unmeasured = _ready(kinds, made, Path(place))
        measured = rounds.measure(servers, chosen.rounds, chosen.seconds, say)
        sizes = {server.name: environments.size_mib(server.python) for server in servers}
    entries = results.table(measured)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": facts,
        "method": {
            "rounds": chosen.rounds,
            "seconds": chosen.seconds,
            "warm_up_seconds": rounds.WARM_UP_SECONDS,
            "server_core": SERVER_CORE,
            "load_core": LOAD_CORE,
            "constant": "workbench.server.complete_requests on uvicorn",
        },
        "tree": git_state(TREE),
        "model": made.manifest.models[0]["digest"],
        "versions": {each.name: environments.versions(each.lock) for each in kinds},
        "table": entries,
        "servers": results.servers(measured, sizes) | dict.fromkeys(unmeasured),
        "unmeasured": unmeasured,
        "reading": results.READING,
        **results.ratios(entries, unmeasured),
    }


def _ready(kinds: Sequence[type[Server]], made: Subject, place: Path) -> tuple[list[Server], dict[str, str]]:
    """The servers that start and answer rightly, and why others don't. Raises BenchError when ours is one of those."""
    answers: dict[int, bytes] = {}
    servers: list[Server] = []
    unmeasured: dict[str, str] = {}
    # Ours comes first even if it is not to be measured: `constant` answers as many bytes.
    first: list[type[Server]] = [Ours]
    for kind in first + [each for each in kinds if each is not Ours]:
        try:
            python = environments.install(kind.lock, say)
            folder = place / kind.name
            folder.mkdir()
            server = kind(made, python, folder)
            server.prepare(answers)
            told = rounds.trial(server)
        except BenchError as error:
            if kind is Ours:
                raise
            unmeasured[kind.name] = str(error)
            say(f"{kind.name} can't be measured: {error}")
        else:
            answers = answers or told
            if kind in kinds:
                servers.append(server)
            say(f"{kind.name} starts and answers as scikit-learn does")
    return servers, unmeasured


if __name__ == "__main__":
    main()
