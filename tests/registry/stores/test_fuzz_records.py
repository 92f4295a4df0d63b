"""Registries with records that somebody made up: every reader ends in an answer or one line, and touches nothing else.

300 records. FUZZ_EXAMPLES in the environment is their number for a long run, FUZZ_SEED another beginning.
"""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.core.junk import EXAMPLES, SEED, Junk
from workbench.cli import main, runs
from workbench.cli.printing import Output, print_one, print_rows
from workbench.core.canonical import canonical_json
from workbench.core.errors import WorkbenchError
from workbench.experiments.history import comparison, filters, ranking
from workbench.experiments.mlflow import mlflow_words
from workbench.experiments.runs import run_facts, run_record
from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.lineage import chain

CASES = EXAMPLES or 300
NOTES = {"tags": {"a": "b"}, "description": "x", "deleted_at": ""}


@pytest.fixture
def registry(home: Path, tmp_path: Path) -> Path:
    """A registry with a model and two runs; a file that is none of its business lies outside."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("mine")
    for _ in range(2):
        run = run_record.Run.start("churn", {"inputs": {"seed": 1}, "parameters": {"depth": 3}, "point": {"C": "1"}})
        run.save({"model.pkl": b"1", "deep/a": b"2"})
        model = {"name": "churn", "version": 1, "digest": "sha256:" + "0" * 64}
        metrics = {"loss": 0.5, "auc": {"value": 0.8, "low": 0.7, "high": 0.9}}
        run.finish(run_record.COMPLETED, metrics=metrics, model=model, git={"commit": "a" * 40, "dirty": False})
    ModelRegistry().register("churn", {"model.onnx": b"1"}, run_id=run.id, metrics={"loss": 0.5})
    ModelRegistry().register("churn", {"model.onnx": b"2"}, run_id=run.id, metrics={"loss": 0.5})
    return home / "registry"


def _outside(root: Path) -> list[str]:
    """All that lies outside of the registry and of the folder to download into."""
    found = []
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if Path(place, name) not in (root / "home", root / "there")]
        found += [f"{place}/{name}" for name in (*folders, *names)]
    return sorted(found)


def _of_models(there: Path) -> Iterator[Callable[[], object]]:
    registry = ModelRegistry()
    yield lambda: _printed(each.document() for each in registry.list())
    yield lambda: registry.get("churn", 1).download(there)
    yield lambda: registry.tag("churn", 1, {"a": "c"})
    yield lambda: registry.find("sha256:" + "0" * 8)
    yield lambda: registry.litter(0)
    yield lambda: registry.delete("churn", 1)


def _of_runs(there: Path, name: str) -> Iterator[Callable[[], object]]:
    def told() -> list[dict[str, Any]]:
        return run_record.list_all()

    yield lambda: _printed(told())
    yield lambda: [chain.of_run(each["id"]) for each in told()]
    yield lambda: [(run_facts.names(each), run_facts.parameters(each), mlflow_words.tags(each)) for each in told()]
    yield lambda: filters.select(
        told(), run_facts.fact, run_facts.names, ["metric.loss>0.1", "status=*"], "-metric.loss", when="started_at"
    )
    yield lambda: _ranked(told())
    yield lambda: _compared(told())
    yield lambda: [list(mlflow_words.metrics(each, there, 0)) for each in told()]
    yield lambda: [runs.files(each, ["outputs/deep"]) for each in told()]
    yield lambda: [run_record.files(each["id"]) for each in told()]
    yield lambda: run_record.delete(name)


def _printed(records: Iterable[dict[str, Any]]) -> None:
    for each in records:
        for form in Output:
            print_one(each, form)


def _ranked(records: list[dict[str, Any]]) -> None:
    found = ranking.rank(records, None, "maximize")
    print_rows(found.rows(), Output.table, empty="")
    print_one(found.document("sweep"), Output.json)


def _compared(records: list[dict[str, Any]]) -> None:
    print_one(comparison.compare([comparison.Candidate(each) for each in records]).document(), Output.json)


def _answer(ask: Callable[[], object]) -> str:
    """What it printed, "" where it ended in one line."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            ask()
    except WorkbenchError as error:
        told = main._sentence(error)
    else:
        return printed.getvalue()
    assert "\n" not in told
    return ""


@pytest.mark.parametrize("kind", ["model.json", "notes", "run.json"])
def test_no_record_whatever_it_holds_leads_a_reader_astray(registry: Path, tmp_path: Path, kind: str) -> None:
    junk = Junk(SEED)
    runs_ = sorted((registry / "runs").iterdir())
    paths = {
        "model.json": registry / "models" / "churn" / "1" / "model.json",
        "notes": registry / "models" / "churn" / "notes" / "1.1.json",
        "run.json": runs_[0] / "run.json",
    }
    path = paths[kind]
    good = NOTES if kind == "notes" else json.loads(path.read_bytes())
    kept = tmp_path / "home" / "kept"
    shutil.copytree(registry, kept)
    before = _outside(tmp_path)
    answered = 0
    for case in range(CASES // 3):
        record = junk.changed(good) if junk.random() < 0.9 else junk.value()
        data = junk.data(record)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        asks = _of_runs(tmp_path / "there", runs_[0].name) if kind == "run.json" else _of_models(tmp_path / "there")
        for ask in asks:
            try:
                answered += bool(_answer(ask))
            except Exception as error:
                raise AssertionError(f"case {case}: {data[:2000]!r}") from error
        assert _outside(tmp_path) == before, (case, data)
        assert (tmp_path / "outside" / "precious").read_text() == "mine"
        assert (registry / "models" / "churn" / "2" / "files" / "model.onnx").read_bytes() == b"2", (case, data)
        assert (runs_[1] / "outputs" / "model.pkl").exists(), (case, data)
        _restore(registry, kept)
        shutil.rmtree(tmp_path / "there", ignore_errors=True)
    assert answered, "no record was good enough for an answer"


def _restore(registry: Path, kept: Path) -> None:
    """Put back what a deletion took, and remove notes."""
    shutil.rmtree(registry / "models" / "churn" / "notes", ignore_errors=True)
    for source in kept.rglob("*"):
        target = registry / source.relative_to(kept)
        if source.is_dir():
            target.mkdir(exist_ok=True)
        elif not target.exists():
            shutil.copyfile(source, target)


def test_verbs_tell_of_a_record_that_was_made_up_in_one_line(
    registry: Path, call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    junk = Junk(SEED + 1)
    run = min((registry / "runs").iterdir())
    paths = [(run / "run.json", "history"), (registry / "models" / "churn" / "1" / "model.json", "model")]
    for path, verb in paths:
        good = json.loads(path.read_bytes())
        name = run.name if verb == "history" else "churn:1"
        for _ in range(max(10, CASES // 1000)):
            data = junk.data(junk.changed(good))
            path.write_bytes(data)
            for words in (
                (verb, "list"),
                (verb, "show", name, "-o", "json"),
                (verb, "download", name, "--to", tmp_path / "there"),
            ):
                code, out, err = call(*words)
                assert code in (0, 1), data
                assert "report this" not in err, (data, err)
                assert err.count("\n") <= 1, data
                if code == 0 and "json" in words:
                    json.loads(out, parse_constant=pytest.fail)
        path.write_bytes(canonical_json(good))
