import random

import numpy as np
import pandas as pd
import pytest

from model import dataset, sample
from model.columns import COLUMNS, FEATURES
from workbench.core.errors import DataError

HEADER = [column.name for column in COLUMNS]
TEXT = {column.name for column in COLUMNS if column.kind == "string"}


def _csv(changes: dict[tuple[int, str], str] | None = None, header: list[str] | None = None, rows: int = 4) -> bytes:
    lines = [",".join(header or HEADER)]
    for row in range(rows):
        cells = {name: "Yes" if name in TEXT else str(row % 2) for name in HEADER}
        cells |= {name: value for (at, name), value in (changes or {}).items() if at == row}
        lines.append(",".join(cells.values()))
    return "\n".join(lines).encode()


def _message(data: bytes) -> str:
    with pytest.raises(DataError) as caught:
        dataset.parse(data, "in.csv")
    message = str(caught.value)
    assert message.startswith("in.csv: ")
    assert "\n" not in message
    return message


def test_features_have_neither_label_nor_identifiers() -> None:
    data = dataset.parse(_csv(), "in.csv")
    assert list(data.features) == [column.name for column in FEATURES]
    assert len(FEATURES) == 26
    assert not {"churn", "customerid", "callingnum"} & set(data.features)
    assert data.label.tolist() == [0, 1, 0, 1]
    assert data.customer.tolist() == ["0", "1", "0", "1"]


def test_numbers_are_float32_and_missing_ones_nan() -> None:
    data = dataset.parse(_csv({(0, "noadditionallines"): "\\N", (1, "age"): "", (2, "state"): "\\N"}), "in.csv")
    assert data.features["age"].dtype == np.float32
    assert np.isnan(data.features["noadditionallines"][0])
    assert np.isnan(data.features["age"][1])
    assert data.features["state"][2] == ""


def test_headers_are_compared_without_case_and_a_byte_order_mark_is_no_column() -> None:
    data = b"\xef\xbb\xbf" + _csv(header=[f" {name.upper()} " for name in HEADER])
    assert len(dataset.parse(data, "in.csv").label) == 4


def test_windows_line_ends_quotes_and_blank_lines_are_csv() -> None:
    data = _csv({(0, "occupation"): '"Other, and more"'}).replace(b"\n", b"\r\n\r\n")
    assert dataset.parse(data, "in.csv").features["occupation"][0] == "Other, and more"


def _same(one: dataset.Dataset, other: dataset.Dataset) -> None:
    pd.testing.assert_frame_equal(one.features, other.features, check_exact=True)
    assert one.label.tolist() == other.label.tolist()
    assert one.customer.tolist() == other.customer.tolist()


def test_quotes_blank_lines_and_line_ends_change_nothing() -> None:
    data = sample.generate(300, seed=2)
    rows = [line.split(",") for line in data.decode().splitlines()]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()
    plain = dataset.parse(data, "in.csv")
    for other in (quoted, data.replace(b"\n", b"\n\n"), data.replace(b"\n", b"\r\n"), data.removesuffix(b"\n")):
        _same(plain, dataset.parse(other, "in.csv"))


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_line_of_a_wrong_cell_is_told_whichever_way_the_file_is_read(end: bytes) -> None:
    wrong = _csv({(2, "age"): "old"}) + end
    assert "line 4" in _message(wrong)
    assert "line 4" in _message(wrong.replace(b"Yes", b'"Yes"', 1))
    assert "line 7" in _message(wrong.replace(b"\n", b"\n\n"))
    assert "line 4" in _message(wrong.replace(b"\n", b"\r\n"))


def test_cells_are_taken_as_they_stand() -> None:
    """Nothing is taken for a number, a date or a missing value before we look at it."""
    changes = {(0, "state"): "NA", (1, "state"): "007", (2, "state"): "null", (3, "state"): "#N/A"}
    assert dataset.parse(_csv(changes), "in.csv").features["state"].tolist() == ["NA", "007", "null", "#N/A"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["is empty"]),
        (b"\n\n", ["is empty"]),
        (_csv(rows=0), ["no rows"]),
        (_csv(header=HEADER[1:]).replace(b"\n0,", b"\n").replace(b"\n1,", b"\n"), ["lacks 'age'"]),
        (_csv(header=[*HEADER[:-1], "moon"]), ["lacks 'month'", "unknown 'moon'"]),
        (_csv(header=[*HEADER[:-1], "AGE"]), ["'age'", "twice"]),
        (_csv() + b",1", ["line 5", "30 cells", "29"]),
        (_csv({(2, "age"): "old"}), ["line 4", "'age'", "'old'"]),
        (_csv({(2, "age"): "nan"}), ["line 4", "'age'", "'nan'"]),
        (_csv({(1, "annualincome"): "inf"}), ["line 3", "'annualincome'", "'inf'"]),
        (_csv({(1, "annualincome"): "1e39"}), ["line 3", "'annualincome'", "'1e39'"]),
        (_csv({(3, "churn"): "2"}), ["line 5", "'churn'", "'2'"]),
        (_csv({(3, "churn"): "\\N"}), ["line 5", "'churn'"]),
        (_csv({(1, "churn"): "0", (3, "churn"): "0"}), ["'churn' is 0 in all 4 rows"]),
        (_csv({(2, "customerid"): ""}), ["line 4", "'customerid'"]),
        (_csv().replace(b"Yes", b"Y\xe9s", 1), ["line 2", "0xe9", "UTF-8"]),
        (_csv().replace(b"Yes", b"Y\0s", 1), ["line 2", "NUL"]),
        (_csv({(3, "state"): '"WA'}), ["line 5", "CSV"]),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), ["line 1", "UTF-8"]),
    ],
)
def test_data_that_cannot_be_used_is_told_in_one_line(data: bytes, words: list[str]) -> None:
    message = _message(data)
    assert [word for word in words if word not in message] == []


def test_whatever_happens_to_a_file_it_is_read_or_refused_in_one_line() -> None:
    rng = random.Random(5)  # noqa: S311 - nothing secret, the same each time
    clean = sample.generate(40, seed=1)
    refusals = []
    for _ in range(400):
        data = bytearray(clean)
        for _ in range(rng.randint(1, 6)):
            start = rng.randrange(len(data))
            data[start : start + rng.randint(0, 20)] = rng.choice(
                [b"", b",", b"\n", b'"', b"\xff", b"\0", b"x", b"\\N", b"1e999", b"-", "é".encode(), b"\r"]
            )
        try:
            assert len(dataset.parse(bytes(data), "in.csv").features.columns) == 26
        except DataError as error:
            refusals.append(str(error))
    assert 50 < len(refusals) < 400
    assert [line for line in refusals if "\n" in line or not line.startswith("in.csv: ")] == []
