import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.fitting import Fitted
from workbench import tracking
from workbench.experiments.runs import run_record, tracked
from workbench.experiments.runs.run_record import Run
from workbench.registry.models.registry import ModelRegistry

pytestmark = pytest.mark.usefixtures("project")


def _run(fitted: Fitted, seed: int = 0, **facts: Any) -> str:
    """A training's run, with what it kept."""
    run = Run.start("churn", {"inputs": {"data": "sha256:1", "seed": seed}, **facts})
    run.log("fitting")
    run.save(fitted.files | fitted.kept)
    run.finish(run_record.COMPLETED, metrics=fitted.metrics)
    return run.id


def test_a_list_is_filtered_sorted_and_shows_what_it_was_asked_about(call: Any, script_run: Any) -> None:
    ids = [script_run(0.5), script_run(0.3), script_run(status=run_record.FAILED), script_run(0.4)]
    code, out, _ = call("history", "list", "--filter", "status=completed", "--sort", "-metric.loss", "-o", "json")
    assert code == 0
    assert [(each["run"], each["metric.loss"]) for each in json.loads(out)] == [
        (ids[0], 0.5),
        (ids[3], 0.4),
        (ids[1], 0.3),
    ]
    head, *rows = call("history", "list", "--filter", "metric.loss<0.45")[1].splitlines()
    assert head.split()[-1] == "metric.loss"
    assert [row.split()[0] for row in rows] == [ids[1], ids[3]]
    assert yaml.safe_load(call("history", "list", "-n", "1", "-o", "yaml")[1])[0]["run"] == ids[3]
    assert len(json.loads(call("history", "list", "--filter", "since=1h", "-o", "json")[1])) == 4
    assert "no run fits" in call("history", "list", "--filter", "until=1h")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--filter", "status"], "write FIELD"),
        (["--filter", "statsu=completed"], "did you mean 'status'?"),
        (["--filter", "since=yesterday"], "30m, 12h, 2d"),
        (["--sort", "metric.los"], "did you mean 'metric.loss'?"),
    ],
)
def test_a_filter_that_cannot_be_read_is_one_line(call: Any, script_run: Any, arguments: list[str], words: str) -> None:
    script_run(0.5)
    code, out, err = call("history", "list", *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err


def test_the_last_run_is_shown_and_the_last_ones_are_listed(call: Any, script_run: Any) -> None:
    ids = [script_run(float(each)) for each in range(3)]
    assert json.loads(call("history", "last", "-o", "json")[1])["id"] == ids[2]
    assert [each["run"] for each in json.loads(call("history", "last", "-n", "2", "-o", "json")[1])] == ids[1:]


def test_no_run_at_all_says_what_to_do(call: Any) -> None:
    assert "workbench train" in call("history", "last")[1]
    assert call("history", "show", "last")[0] == 1


@pytest.mark.parametrize("verb", ["show", "info"])
def test_a_run_is_named_by_its_id_its_ends_or_last_and_as_the_lab_does(call: Any, script_run: Any, verb: str) -> None:
    first, second = script_run(0.5), script_run(0.4)
    for name in (["last"], [second], [second.removeprefix("churn_")[-6:]], ["-r", second], ["--run", "last"]):
        assert json.loads(call("history", verb, *name, "-o", "json")[1])["id"] == second
    assert json.loads(call("history", verb, first, "-o", "json")[1])["id"] == first


def test_part_of_an_id_that_fits_several_runs_is_refused_with_some(call: Any, script_run: Any) -> None:
    ids = [script_run(0.5), script_run(0.4)]
    code, _, err = call("history", "show", "churn_")
    assert (code, err.count("\n")) == (1, 1)
    assert "fits 2 runs" in err
    assert ids[0] in err


@pytest.mark.parametrize("arguments", [[], ["last", "-r", "last"]])
def test_a_run_is_named_once(call: Any, arguments: list[str]) -> None:
    code, _, err = call("history", "show", *arguments)
    assert code == 2
    assert "name one run" in err


def test_a_nearly_right_id_is_corrected(call: Any, script_run: Any) -> None:
    run_id = script_run(0.5)
    code, _, err = call("history", "show", run_id.replace("churn", "chrun"))
    assert code == 1
    assert f"did you mean '{run_id}'?" in err


@pytest.mark.slow
def test_runs_are_compared_in_a_table_as_data_and_in_a_picture(call: Any, fitted: Fitted, tmp_path: Path) -> None:
    ids = [_run(fitted), _run(fitted, seed=1)]
    picture = tmp_path / "deep" / "compare.png"
    code, out, err = call("history", "compare", *ids, "--plot", picture)
    assert (code, err) == (0, f"drawn in {picture}\n")
    assert out.splitlines()[:2] == [f"parameter  {ids[0]}  {ids[1]}", f"{'seed':9}  {'0':{len(ids[0])}}  1"]
    assert out.count("can't tell") == 6
    assert picture.read_bytes().startswith(b"\x89PNG")
    document = json.loads(call("history", "compare", *ids, "-o", "json")[1])
    assert document["runs"] == ids
    assert {each["way"] for each in document["differences"]} == {"paired"}
    assert yaml.safe_load(call("history", "compare", *ids, "-o", "yaml")[1]) == document


def test_a_comparison_of_scripts_says_that_it_knows_no_interval(call: Any, script_run: Any) -> None:
    code, out, err = call("history", "compare", script_run(0.5), script_run(0.4))
    assert code == 0
    assert out.splitlines()[-1].split()[-2:] == ["can't", "tell"]
    assert "no interval is known" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["compare", "last"], 2, "two different runs"),
        (["compare", "last", "last"], 2, "two different runs"),
        (["compare"], 2, "Missing argument"),
        (["compare", "last", "nobody"], 1, "'nobody' is not in"),
        (["show", "last", "--metric", "loss"], 2, "--plot FILE.png"),
        (["show", "last", "--plot", "x.svg"], 1, "ends with .png"),
        (["show", "last", "--plot", "x.png"], 1, "kept no answers"),
        (["show", "last", "--plot", "x.png", "--metric", "lss"], 1, "did you mean 'loss'?"),
        (["download", "last", "--path", "none.txt"], 1, "its outputs: outputs/model.pkl"),
        (["download", "last", "--path", "outputs/../model.pkl"], 1, "has no output"),
        (["promote", "-r", "last", "-ap", "outputs/none", "-n", "churn"], 1, "its outputs: outputs/model.pkl"),
        (["promote", "-r", "last", "-ap", "outputs/model.pkl", "-n", "../up"], 1, "name '../up'"),
        (["promote", "-r", "last", "-n", "churn"], 2, "artifact"),
        (["delete", "last"], 1, "--yes"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    call: Any, script_run: Any, project: Path, arguments: list[str], code: int, words: str
) -> None:
    run_id = script_run(0.5)
    before = sorted(project.rglob("*"))
    found, out, err = call("history", *arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert words in err
    assert sorted(project.rglob("*")) == before
    assert ModelRegistry().list() == []
    assert run_record.get(run_id)


@pytest.mark.slow
def test_a_series_is_drawn_for_one_run_and_for_several(call: Any, script_run: Any, tmp_path: Path) -> None:
    ids = [script_run(0.5, 0.3), script_run(0.4)]
    code, _, _ = call("history", "show", ids[0], "--plot", tmp_path / "one.png", "--metric", "loss")
    assert code == 0
    code, _, _ = call("history", "show", ids[0], "--plot", tmp_path / "list.png", "--metric", "classes")
    assert code == 0
    code, _, _ = call("history", "compare", *ids, "--plot", tmp_path / "both.png", "--metric", "loss")
    assert code == 0
    pictures = [(tmp_path / f"{name}.png").read_bytes() for name in ("one", "list", "both")]
    assert len(set(pictures)) == 3


@pytest.mark.slow
def test_the_curves_of_one_run_are_drawn_with_its_baselines(call: Any, fitted: Fitted, tmp_path: Path) -> None:
    run_id = _run(fitted)
    code, out, _ = call("history", "show", run_id, "--plot", tmp_path / "run.png", "-o", "json")
    assert (code, json.loads(out)["id"]) == (0, run_id)
    assert (tmp_path / "run.png").stat().st_size > 20_000


def test_a_loss_that_became_nan_is_found_sorted_compared_and_drawn_as_what_it_is(
    call: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project
    ids = []
    for told in ([0.5, 0.2], [0.5, float("nan")], [float("nan")]):
        run = run_record.Run.start("churn", {"parameters": {}})
        monkeypatch.setenv("WORKBENCH_TRACKING", str(run.folder / tracked.FILE))
        for value in told:
            tracking.log("val loss @1", value)
        run.finish(run_record.COMPLETED, **tracked.read(run.folder).record())
        ids.append(run.id)
    metric = "metric.val loss @1"
    code, out, err = call("history", "list", "--filter", f"{metric}>0.1", "-o", "json")
    assert (code, [each["run"] for each in json.loads(out)]) == (0, ids[:1]), err
    code, out, _ = call("history", "list", "--filter", f"{metric}=nan", "-o", "json")
    assert [each["run"] for each in json.loads(out)] == ids[1:]
    assert json.loads(out)[0][metric] == "nan"
    for sort in (metric, f"-{metric}"):
        assert json.loads(call("history", "list", "--sort", sort, "-o", "json")[1])[0]["run"] == ids[0]
    code, out, _ = call("history", "compare", *ids[:2], "-o", "json")
    (difference,) = json.loads(out, parse_constant=pytest.fail)["differences"]
    assert (difference["metric"], difference["value"], difference["verdict"]) == ("val loss @1", "nan", "can't tell")
    code, _, err = call("history", "show", ids[1], "--plot", tmp_path / "a.png", "--metric", "val loss @1")
    assert (code, "not drawn, because NaN or infinite: 1 of 2 values of val loss @1" in err) == (0, True)
    code, _, err = call("history", "show", ids[2], "--plot", tmp_path / "b.png", "--metric", "val loss @1")
    assert (code, "has no value that can be drawn: nan" in err) == (1, True)
    assert "did you mean" not in err
