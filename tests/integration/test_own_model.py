"""Any team's own model: its own script, its own requirements, its own format, in the same image and server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.integration.workspace import Workspace

SCRIPTS = Path(__file__).with_name("own_models")
COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ROWS = [dict(zip(COLUMNS, values, strict=True)) for values in ((5.1, 3.5, 1.4, 0.2), (6.7, 3.0, 5.2, 2.3))]
REQUIREMENTS = "scikit-learn\nskops\njoblib\npandas\n"
# Runs in a process of its own, as a team's training does; what it saves is what the service must answer.
TRAIN = """
import json, sys
import joblib, pandas as pd, skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
data = load_iris()
frame = pd.DataFrame(data.data, columns=json.loads(sys.argv[1]))
model = LogisticRegression(max_iter=500).fit(frame, data.target)
skops.io.dump(model, "model.skops")
joblib.dump(model, "model.joblib")
rows = pd.DataFrame(json.loads(sys.argv[2]))
print(json.dumps([{"species": int(answer)} for answer in model.predict(rows)]))
"""


@pytest.fixture
def own(workspace: Workspace) -> list[dict[str, int]]:
    """Train, leave the files a team has, and give what the model itself answers to `ROWS`."""
    done = workspace.run(sys.executable, "-c", TRAIN, json.dumps(COLUMNS), json.dumps(ROWS))
    properties = {name: {"type": "number", "format": "double", "minimum": 0} for name in COLUMNS}
    swagger = {"type": "array", "items": {"type": "object", "properties": properties}, "example": ROWS}
    schema = {"input": {"frame": {"type": 3, "swagger": swagger}}}
    (workspace.folder / "schema.json").write_text(json.dumps(schema))
    (workspace.folder / "own.txt").write_text(REQUIREMENTS)
    answers: list[dict[str, int]] = json.loads(done.out)
    return answers


def _manifest(workspace: Workspace, script: str, model: str, *more: str, check: bool = True) -> str:
    done = workspace.workbench(
        "manifest", "create", "-n", "iris", "-i", model, "-f", str(SCRIPTS / script), "-s", "schema.json",
        "-p", "own.txt", "-o", "json", *more, check=check,
    )  # fmt: skip
    return done.out if done.code == 0 else done.err


def test_a_teams_own_model_is_served_from_skops_and_from_a_pickle_that_was_switched_on(
    workspace: Workspace, own: list[dict[str, int]]
) -> None:
    stack = workspace.new_stack()
    for name in ("skops", "joblib"):
        workspace.workbench("model", "register", "-n", f"iris-{name}", "-m", f"model.{name}")

    refused = _manifest(workspace, "joblib_score.py", "iris-joblib", check=False)
    assert "model.joblib is a pickle" in refused
    assert "--unpickle iris-joblib" in refused

    _manifest(workspace, "skops_score.py", "iris-skops", "--stack", stack)
    workspace.up(stack)
    assert _scored(workspace, stack) == [{**row, "model": "iris-skops", "version": 1} for row in own]

    _manifest(workspace, "joblib_score.py", "iris-joblib", "--unpickle", "iris-joblib", "--stack", stack)
    workspace.up(stack)
    assert _scored(workspace, stack) == [{**row, "model": "iris-joblib", "version": 1} for row in own]


def test_a_script_that_unpickles_unasked_never_serves(workspace: Workspace, own: list[dict[str, int]]) -> None:
    assert own
    stack = workspace.new_stack()
    # A name and a beginning that say nothing of the pickle inside.
    (workspace.folder / "model.joblib").write_bytes(b"")
    disguised = workspace.folder / "weights.bin"
    workspace.run(sys.executable, "-c", "import gzip, pickle; open('weights.bin', 'wb').write("
                  "gzip.compress(pickle.dumps(print)))")  # fmt: skip
    assert disguised.stat().st_size
    script = workspace.folder / "score.py"
    script.write_text(
        "import gzip, pickle\nfrom pathlib import Path\n\n\ndef init():\n"
        "    pickle.loads(gzip.decompress(next(Path('models').glob('*/weights.bin')).read_bytes()))\n\n\n"
        "def run(frame):\n    return []\n"
    )
    workspace.workbench("model", "register", "-n", "sly", "-m", "weights.bin")
    workspace.workbench(
        "manifest", "create", "-n", "iris", "-i", "sly", "-f", "score.py", "-s", "schema.json", "--stack", stack
    )
    done = workspace.up(stack, check=False)
    assert done.code != 0
    assert "unpickling of builtins.print is refused" in done.out + done.err


def test_services_of_two_arguments_and_of_plain_text_are_described_built_and_called(workspace: Workspace) -> None:
    stack = workspace.new_stack()
    two, raw = str(SCRIPTS / "two_arguments.py"), str(SCRIPTS / "raw_text.py")
    samples = {"rows": [{"price": 2.5}, {"price": None}], "limit": 3.0}
    (workspace.folder / "samples.json").write_text(json.dumps(samples))
    workspace.workbench("schema", "generate", "-f", two, "-d", "samples.json")
    pin = ("--stack", stack, "-o", "json")
    workspace.workbench("manifest", "create", "-n", "two", "-f", two, "-s", "service_schema.json", *pin)
    told = workspace.workbench("manifest", "create", "-n", "raw", "-f", raw, *pin).err
    assert "no schema, neither by -s nor in a model: run() gets each body as text" in told
    workspace.up(stack)

    def answer(service: str, *given: str) -> object:
        return json.loads(workspace.workbench("service", "run", "-n", service, "-s", stack, *given, "-o", "json").out)

    assert answer("two", "--sample", "2") == {"kept": [2.5], "of": 2}
    request = {"rows": [{"price": 1.0}, {"price": 9.0}], "limit": 5}
    assert answer("two", "-d", json.dumps(request)) == {"kept": [1.0], "of": 2}
    assert answer("raw", "-d", "hello there") == 11

    *lines, command = workspace.workbench("service", "usage", "-n", "two", "-s", stack).out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["# takes rows", "# takes limit"]
    done = workspace.run("sh", "-c", f"{command} --silent --fail-with-body")
    assert json.loads(done.out) == {"kept": [2.5], "of": 2}


def _scored(workspace: Workspace, stack: str) -> list[dict[str, object]]:
    done = workspace.workbench("service", "run", "-n", "iris", "-s", stack, "-d", json.dumps(ROWS), "-o", "json")
    answers: list[dict[str, object]] = json.loads(done.out)
    return answers
