import json

import numpy as np
import pytest

from workbench.core.errors import RunError
from workbench.experiments.history.evaluation import Evaluation

LABEL = np.array([0, 1, 0, 1])
CUSTOMER = np.array(["zoe", "adam", "zoe", "eve"])
SCORES = {"model": np.array([0.1, 0.1 + 0.2, 1.0, 0.0]), "majority": np.full(4, 0.5)}


def test_what_is_written_is_read_back_to_the_last_bit() -> None:
    kept = Evaluation.of(LABEL, CUSTOMER, SCORES)
    found = Evaluation.from_json(kept.to_json(), "evaluation.json")
    assert found.part == kept.part
    assert found.label.tolist() == LABEL.tolist()
    assert found.customer.tolist() == [2, 0, 2, 1]
    assert list(found.probability) == ["model", "majority"]
    assert found.probability["model"].tolist() == SCORES["model"].tolist()


def test_the_file_is_the_same_bytes_each_time_and_names_no_customer() -> None:
    data = Evaluation.of(LABEL, CUSTOMER, SCORES).to_json()
    assert data == Evaluation.of(LABEL, CUSTOMER, SCORES).to_json()
    assert not any(name in data for name in (b"zoe", b"adam", b"eve"))


def test_a_part_is_known_by_its_rows_in_order_not_by_the_answers() -> None:
    part = Evaluation.of(LABEL, CUSTOMER, SCORES).part
    assert Evaluation.of(LABEL, CUSTOMER, {"other": np.zeros(4)}).part == part
    assert Evaluation.of(LABEL, CUSTOMER[::-1], SCORES).part != part
    assert Evaluation.of(1 - LABEL, CUSTOMER, SCORES).part != part
    # Customers 1 and 11 are not 11 and 1.
    one = Evaluation.of(np.array([0, 1]), np.array(["1", "11"]), {"model": np.zeros(2)})
    two = Evaluation.of(np.array([0, 1]), np.array(["11", "1"]), {"model": np.zeros(2)})
    assert one.part != two.part


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": [0, 1, 2, 1]}, "labels of 0 and 1"),
        ({"label": [1, 1, 1, 1]}, "labels of 0 and 1"),
        ({"label": [0, 1, 0]}, "4 rows, label has 3"),
        ({"customer": [0, 1, 3, 1]}, "without a gap"),
        ({"customer": [-1, 0, 1, 2]}, "without a gap"),
        ({"probability": {"model": [0.1, 0.2, 1.5, 0], "majority": [0.5] * 4}}, "model has probabilities outside"),
        ({"probability": {"model": [0.1, 0.2, None, 0], "majority": [0.5] * 4}}, "outside 0 to 1"),
        ({"probability": {"model": ["high"] * 4, "majority": [0.5] * 4}}, "high"),
        ({"probability": {}}, "'model'"),
        ({"models": []}, "needs a model"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(change: dict[str, object], words: str) -> None:
    content = json.loads(Evaluation.of(LABEL, CUSTOMER, SCORES).to_json()) | change
    with pytest.raises(RunError, match=r"^churn_1/evaluation.json: is no evaluation") as caught:
        Evaluation.from_json(json.dumps(content).encode(), "churn_1/evaluation.json")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"3", b"{}", b"\xff"])
def test_what_is_no_evaluation_at_all_is_told_too(data: bytes) -> None:
    with pytest.raises(RunError, match="is no evaluation"):
        Evaluation.from_json(data, "evaluation.json")
