import importlib.util
import json
import py_compile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.server.errors import RunError, ScriptError
from workbench.server.schema import parse_schema
from workbench.server.script import RAW, start

HERE = Path(__file__).parent
ROWS = HERE / "scripts" / "rows.py"
SCHEMA = parse_schema(json.loads((HERE / "schemas" / "rows.json").read_text()))

BROKEN = {
    "syntax_error.txt": "its import failed: SyntaxError: ",
    "import_error.py": "its import failed: ModuleNotFoundError: No module named 'a_wheel_nobody_locked'",
    "import_exits.py": "its import failed: SystemExit: 0",
    "init_raises.py": "init() failed: FileNotFoundError: models/churn/model.onnx is not here",
    "init_exits.py": "init() failed: SystemExit: 0",
    "init_takes_arguments.py": "init takes no arguments",
    "no_init.py": "there is no function init(); a score script has init() and run(<named arguments>)",
    "no_run.py": "there is no function run(); a score script has init() and run(<named arguments>)",
    "run_is_async.py": "run() is async; write a plain function",
    "run_takes_another_name.py": "run takes (rows) and the schema describes (input_df)",
    "run_takes_anything.py": "run's argument '**arguments: object' can't be passed",
}


@pytest.fixture
def in_folder(make_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_folder())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_script_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ScriptError) as refused:
        start(HERE / "broken" / name, SCHEMA)
    assert str(refused.value).startswith(f"{HERE / 'broken' / name}: {BROKEN[name]}")
    assert "\n" not in str(refused.value)


def test_every_broken_script_is_tried() -> None:
    tried_as_a_process = {"init_leaves_a_thread.py"}
    assert {path.name for path in (HERE / "broken").iterdir() if path.is_file()} == {*BROKEN, *tried_as_a_process}


def test_init_runs_once_before_the_first_run(in_folder: None) -> None:  # noqa: ARG001 - its effect is what is used
    script = start(ROWS, SCHEMA)
    assert script.run(input_df=[{"age": 4, "state": "WA"}]) == [{"prediction": 4, "weights": "heavy"}]


@pytest.mark.parametrize("state", ["raise", "exit"])
def test_whatever_run_raises_is_a_run_error(state: str, in_folder: None) -> None:  # noqa: ARG001 - as above
    with pytest.raises(RunError) as failed:
        start(ROWS, SCHEMA).run(input_df=[{"age": 1, "state": state}])
    assert isinstance(failed.value.__cause__, ValueError | SystemExit)
    assert "secret" not in str(failed.value)


def test_without_a_schema_run_gets_the_body_as_text() -> None:
    assert start(HERE / "scripts" / "raw.py", None).run(**{RAW: "größer"}) == {"type": "str", "length": 6}


def test_without_a_schema_run_takes_one_argument(tmp_path: Path) -> None:
    script = tmp_path / "score.py"
    script.write_text("def init(): pass\ndef run(a, b): pass\n")
    with pytest.raises(ScriptError, match="without a schema run takes one argument, the raw body; it has 2"):
        start(script, None)


def test_a_compiled_file_beside_the_script_is_not_trusted(tmp_path: Path) -> None:
    script, other = tmp_path / "score.py", tmp_path / "other.py"
    script.write_text("def init(): pass\ndef run(body): return 'source'\n")
    other.write_text("def init(): pass\ndef run(body): return 'planted'\n")
    planted = importlib.util.cache_from_source(str(script))
    py_compile.compile(str(other), planted, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert start(script, None).run(**{RAW: ""}) == "source"


def test_a_script_may_define_dataclasses_with_postponed_annotations(tmp_path: Path) -> None:
    script = tmp_path / "score.py"
    script.write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass, KW_ONLY\n\n"
        "@dataclass\nclass Row:\n    _: KW_ONLY\n    age: int\n\n"
        "def init(): pass\ndef run(body): return Row(age=len(body)).age\n"
    )
    assert start(script, None).run(**{RAW: "four"}) == 4


def test_starting_a_script_leaves_no_thread_and_no_bytecode(tmp_path: Path) -> None:
    script = tmp_path / "score.py"
    script.write_text("def init(): pass\ndef run(body): pass\n")
    threads = threading.active_count()
    start(script, None)
    assert threading.active_count() == threads
    assert [path.name for path in tmp_path.iterdir()] == ["score.py"]
