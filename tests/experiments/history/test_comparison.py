import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from workbench.experiments.history import evaluate
from workbench.experiments.history.comparison import Candidate, Comparison, Difference, compare
from workbench.experiments.history.evaluation import Evaluation

Floats = npt.NDArray[np.float64]
CUSTOMERS = np.array([str(number // 2) for number in range(600)])


def _label(seed: int = 0) -> npt.NDArray[np.int64]:
    return np.repeat((np.random.default_rng(seed).random(300) < 0.25).astype(np.int64), 2)


def _scores(label: npt.NDArray[np.int64], seed: int, gap: float) -> Floats:
    """A part that is hard for all models, and a part of each model's own."""
    common = np.random.default_rng(99).normal(0, 0.15, len(label))
    own = np.random.default_rng(seed).normal(0, 0.05, len(label))
    return np.clip(0.3 + gap * label + common + own, 0, 1)


def _tested(
    run: str, label: npt.NDArray[np.int64], score: Floats, data: str = "sha256:1", **parameters: object
) -> Candidate:
    metrics = evaluate.report(label, CUSTOMERS, {"model": score}, replicates=100, seed=0)
    record = {"id": run, "metrics": metrics, "inputs": {"data": data, "seed": 0, "parameters": parameters}}
    return Candidate(record, Evaluation.of(label, CUSTOMERS, {"model": score}))


def _by_metric(answer: Comparison) -> dict[str, Difference]:
    return {each.metric: each for each in answer.differences}


def test_a_better_model_is_told_by_metrics_whichever_way_they_point() -> None:
    label = _label()
    answer = compare([_tested("a", label, _scores(label, 1, 0.1)), _tested("b", label, _scores(label, 2, 0.4))])
    found = _by_metric(answer)
    assert {found[name].verdict for name in ("roc_auc", "average_precision", "log_loss", "brier")} == {"better"}
    assert found["roc_auc"].difference > 0 > found["log_loss"].difference
    for each in found.values():
        assert each.low is not None
        assert each.high is not None
        assert each.low <= each.difference <= each.high
        assert each.difference == pytest.approx(each.value - each.first)
    back = compare([_tested("b", label, _scores(label, 2, 0.4)), _tested("a", label, _scores(label, 1, 0.1))])
    assert _by_metric(back)["log_loss"].verdict == "worse"
    assert _by_metric(back)["log_loss"].low == pytest.approx(-(found["log_loss"].high or 0))


def test_values_are_those_that_the_runs_recorded() -> None:
    label = _label()
    one, two = (_tested(run, label, _scores(label, seed, 0.2)) for run, seed in (("a", 1), ("b", 2)))
    for name, each in _by_metric(compare([one, two])).items():
        assert each.first == one.record["metrics"]["models"]["model"][name]["value"]
        assert each.value == two.record["metrics"]["models"]["model"][name]["value"]


def test_a_run_does_not_differ_from_one_with_the_same_answers() -> None:
    label = _label()
    score = _scores(label, 1, 0.2)
    answer = compare([_tested("a", label, score), _tested("b", label, score)])
    assert {(each.difference, each.low, each.high, each.verdict) for each in answer.differences} == {
        (0, 0, 0, "can't tell")
    }
    assert answer.remarks == []


def test_the_same_rows_are_compared_in_pairs_which_tells_more() -> None:
    label = _label()
    one, two = _tested("a", label, _scores(label, 1, 0.2)), _tested("b", label, _scores(label, 2, 0.25))
    paired = _by_metric(compare([one, two]))["roc_auc"]
    other = dataclasses.replace(two, record={**two.record, "inputs": {"data": "sha256:2"}})
    answer = compare([one, other])
    unpaired = _by_metric(answer)["roc_auc"]
    assert (paired.way, unpaired.way) == ("paired", "unpaired")
    assert _width(unpaired) > 2 * _width(paired)
    (remark,) = answer.remarks
    assert remark.startswith("b was tested on other rows than a: the intervals are wider")
    assert "train with the same data, seed and test_share" in remark


def _width(each: Difference) -> float:
    assert each.low is not None
    assert each.high is not None
    return each.high - each.low


def test_other_test_rows_are_never_taken_for_the_same() -> None:
    one, two = _label(1), _label(2)
    answer = compare([_tested("a", one, _scores(one, 1, 0.2)), _tested("b", two, _scores(two, 2, 0.2))])
    assert {each.way for each in answer.differences} == {"unpaired"}


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Two models that are equally good: nineteen of twenty intervals shall hold 0."""
    held = 0
    for seed in range(60):
        label = _label(seed)
        answer = compare(
            [_tested(run, label, _scores(label, 2 * seed + place, 0.2)) for place, run in enumerate("ab")],
            replicates=200,
        )
        held += _by_metric(answer)["roc_auc"].verdict == "can't tell"
    assert 53 <= held <= 60


def test_each_further_run_is_compared_with_the_first() -> None:
    label = _label()
    answer = compare([_tested(run, label, _scores(label, seed, 0.2)) for seed, run in enumerate("abc")], 100)
    assert answer.runs == ["a", "b", "c"]
    assert [each.run for each in answer.differences if each.metric == "f1"] == ["b", "c"]
    assert len({each.first for each in answer.differences if each.metric == "f1"}) == 1


def test_the_same_runs_give_the_same_answer() -> None:
    label = _label()
    tested = [_tested(run, label, _scores(label, seed, 0.2)) for seed, run in enumerate("ab")]
    assert compare(tested) == compare(tested)


def test_parameters_that_differ_are_listed_and_no_others() -> None:
    label = _label()
    score = _scores(label, 1, 0.2)
    answer = compare(
        [
            _tested("a", label, score, max_iter=10, rate=0.1),
            _tested("b", label, score, max_iter=20, rate=0.1, deep=True),
        ],
        100,
    )
    assert answer.parameters == {"max_iter": {"a": 10, "b": 20}, "deep": {"a": None, "b": True}}


def _script(run: str, **metrics: Any) -> Candidate:
    return Candidate({"id": run, "metrics": metrics})


def test_a_script_without_answers_is_compared_by_value_and_nothing_is_claimed() -> None:
    answer = compare([_script("a", loss=0.5, best="xgb", done=True), _script("b", loss=0.4, best="svm", done=True)])
    (only,) = answer.differences
    assert (only.metric, only.low, only.way, only.verdict) == ("loss", None, "no interval", "can't tell")
    assert only.difference == pytest.approx(-0.1)
    assert "no interval is known" in answer.remarks[0]


def test_intervals_of_the_runs_own_are_combined_when_answers_are_missing() -> None:
    label = _label()
    one = _tested("a", label, _scores(label, 1, 0.1))
    two = dataclasses.replace(_tested("b", label, _scores(label, 2, 0.5)), evaluation=None)
    answer = compare([one, two])
    found = _by_metric(answer)["roc_auc"]
    assert found.way == "from the runs' own intervals"
    assert found.verdict == "better"
    assert _width(found) > 0
    assert "made of the runs' own" in answer.remarks[0]


def test_combined_intervals_add_up_as_independent_spreads_do() -> None:
    first, own = {"value": 0.5, "low": 0.1, "high": 0.53}, {"value": 0.6, "low": 0.56, "high": 0.68}
    (found,) = compare([_script("a", f1=first), _script("b", f1=own)]).differences
    # 3, 4, 5 below and 8, 40 above, in hundredths.
    assert found.low == pytest.approx(0.1 - 0.05)
    assert found.high == pytest.approx(0.1 + (0.08**2 + 0.4**2) ** 0.5)


def test_runs_without_a_metric_in_common_say_so() -> None:
    assert compare([_script("a", loss=1), _script("b", f1=1)]).remarks == ["b has no metric in common with a"]


@pytest.mark.parametrize(
    ("metric", "verdict"),
    [("val_loss", "worse"), ("rmse", "worse"), ("recall_at_5", "better"), ("clients", "higher"), ("roc_auc", "better")],
)
def test_a_metric_whose_good_side_is_unknown_gets_no_judgement(metric: str, verdict: str) -> None:
    low, high = {"value": 0.2, "low": 0.19, "high": 0.21}, {"value": 0.8, "low": 0.79, "high": 0.81}
    (found,) = compare([_script("a", **{metric: low}), _script("b", **{metric: high})]).differences
    assert found.verdict == verdict


def test_the_document_is_plain_data() -> None:
    label = _label()
    document = compare([_tested(run, label, _scores(label, 1, 0.2), n=run) for run in "ab"], 100).document()
    assert document["first"] == "a"
    assert document["parameters"] == {"n": {"a": "a", "b": "b"}}
    assert document["differences"][0].keys() >= {"metric", "run", "low", "high", "way", "verdict"}


def test_a_metric_that_became_nan_is_compared_and_not_left_out() -> None:
    records = [{"id": name, "metrics": {"loss": loss}} for name, loss in (("a", 0.5), ("b", "nan"), ("c", "inf"))]
    found = {each.run: each for each in compare([Candidate(record) for record in records]).differences}
    assert {run: str(each.value) for run, each in found.items()} == {"b": "nan", "c": "inf"}
    assert {each.verdict for each in found.values()} == {"can't tell"}
    assert str(found["b"].difference) == "nan"
