"""Requests made at random of the OpenAPI document, against a real server: right ones, wrong ones, and near misses.

Ten for each operation. With FUZZ_EXAMPLES in the environment each operation gets a hundredth of it.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tests.server.serving import Running

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
# Every kind of column, lists and values beside a table, any text, and a quick script.
SERVICES = {
    "kinds": "schemas/kinds.json",
    "several": "old_schemas/several.json",
    "raw": None,
    "quick": "schemas/rows.json",
}
EXAMPLES = max(10, int(os.environ.get("FUZZ_EXAMPLES", "0")) // 100)
SEED = int(os.environ.get("FUZZ_SEED", "1"))
# More than what the largest body can leave behind, less than what a leak would.
GROWTH_MIB = 64


@dataclass
class Outcome:
    """What came of a run: how often each status, and every broken promise in words."""

    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=SERVICES)
def running(start_shared: Callable[..., Running], request: pytest.FixtureRequest) -> Running:
    schema = SERVICES[request.param]
    script = HERE / "scripts" / f"{request.param}.py"
    return start_shared(script, schema and (HERE / schema).read_bytes(), body_seconds=5)


def fuzz(running: Running, examples: int) -> Outcome:
    """All phases of schemathesis with all of its checks."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": running.url,
            "continue-on-failure": True,
            "request-timeout": 30,
            "headers": {"Authorization": f"Bearer {running.key}"},
            # That `data` has as many elements as `shape` says is nothing a JSON schema can tell.
            "operations": [
                {"include-path-regex": "/infer$", "checks": {"positive_data_acceptance": {"enabled": False}}}
            ],
            "checks": {"negative_data_rejection": {"expected-statuses": ["400", "401", "404", "405", "413", "415"]}},
            "generation": {"max-examples": examples, "database": "none"},
        }
    )
    document = schemathesis.openapi.from_url(f"{running.url}/openapi.json", config=config)
    outcome = Outcome()
    for event in from_schema(document).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            outcome.problems.append(str(event))
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            answered = [each.response for each in recorder.interactions.values() if each.response is not None]
            outcome.statuses.update(each.status_code for each in answered)
            failed = [each for checks in recorder.checks.values() for each in checks if each.status is Status.FAILURE]
            outcome.problems += [
                f"{recorder.label}: {each.name}: {each.failure_info and each.failure_info.failure.message}"
                for each in failed
            ]
            outcome.problems += [
                f"{recorder.label}: no answer" for each in recorder.interactions.values() if not each.response
            ]
    return outcome


def test_every_answer_is_as_the_document_says(running: Running) -> None:
    before = running.memory()
    outcome = fuzz(running, EXAMPLES)
    print(f"{outcome.statuses.total()} cases: {dict(outcome.statuses)}, {before} to {running.memory()} MiB")
    assert outcome.problems == []
    assert outcome.statuses.total() > 500
    assert {200, 400, 401, 404, 405, 415} <= outcome.statuses.keys() <= {200, 400, 401, 404, 405, 413, 415}
    assert running.memory() < before + GROWTH_MIB
    assert running.errors() == []
