from typing import Any

import pytest

from workbench.core.errors import ParameterError
from workbench.experiments.history import plots, ranking


def _record(number: int, **metrics: float) -> dict[str, Any]:
    return {"id": f"run_{number}", "status": "completed", "point": {"C": str(number)}, "metrics": metrics}


RECORDS = [_record(1, AUC=0.7, loss=0.5), _record(2, AUC=0.9, loss=0.1), _record(3), _record(4, AUC=0.8, loss=0.2)]


def _order(found: ranking.Ranking) -> list[str]:
    return [str(record["point"]["C"]) for record in found.records]


def test_the_best_run_comes_first_and_those_without_the_metric_last() -> None:
    found = ranking.rank(RECORDS, "AUC", "maximize")
    assert _order(found) == ["2", "4", "1", "3"]
    assert [row["best"] for row in found.rows()] == ["*", "", "", ""]
    assert found.document("s")["best"] == "run_2"
    assert _order(ranking.rank(RECORDS, "AUC", "minimize")) == ["1", "4", "2", "3"]


def test_a_run_that_failed_is_never_the_best_whatever_it_told() -> None:
    failed = {**_record(5, AUC=0.99), "status": "failed"}
    found = ranking.rank([failed, *RECORDS], "AUC", "maximize")
    assert found.best
    assert (found.best["id"], _order(found)[-2:]) == ("run_2", ["5", "3"])


def test_the_only_metric_need_not_be_named_and_of_several_none_is_chosen() -> None:
    assert ranking.rank([_record(1, AUC=0.1), _record(2, AUC=0.2)], None, "maximize").metric == "AUC"
    found = ranking.rank(RECORDS, None, "maximize")
    assert (found.metric, found.best, _order(found)) == (None, None, ["1", "2", "3", "4"])


def test_a_metric_that_no_run_told_is_an_error_with_a_hint() -> None:
    with pytest.raises(ParameterError, match="AUC"):
        ranking.rank(RECORDS, "auc", "maximize")


def test_a_sweep_whose_runs_all_failed_has_a_table_without_a_best() -> None:
    found = ranking.rank([_record(1), _record(2)], "AUC", "maximize")
    assert (found.best, [row["AUC"] for row in found.rows()]) == (None, [None, None])


def test_a_sweep_is_drawn_with_a_panel_a_parameter() -> None:
    points = [({"C": "1", "d": "x"}, 0.9), ({"C": "10", "d": "y"}, 0.7), ({"C": "1", "d": "y"}, 0.5)]
    png = plots.sweep(points, {"C": ("1", "10"), "d": ("x", "y")}, "AUC of a sweep", "AUC")
    assert png.startswith(b"\x89PNG")
    assert png != plots.sweep(points[:2], {"C": ("1", "10"), "d": ("x", "y")}, "AUC of a sweep", "AUC")


def test_a_run_whose_metric_is_nan_or_infinite_is_shown_and_is_never_the_best() -> None:
    diverged = [
        {**_record(number), "metrics": {"loss": text}} for number, text in ((5, "nan"), (6, "-inf"), (7, "inf"))
    ]
    found = ranking.rank([*diverged, *RECORDS], "loss", "minimize")
    assert _order(found) == ["2", "4", "1", "5", "6", "7", "3"]
    assert str(found.rows()[3]["loss"]) == "nan"
    assert found.document("s")["best"] == "run_2"
    alone = ranking.rank(diverged, "loss", "minimize")
    assert (alone.metric, alone.best) == ("loss", None)
