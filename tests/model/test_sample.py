import csv
import io

import pytest

from model import sample
from model.columns import COLUMNS
from workbench.tables.cell import MISSING


def _rows(data: bytes) -> list[dict[str, str]]:
    return [{key.lower(): value for key, value in row.items()} for row in csv.DictReader(io.StringIO(data.decode()))]


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert sample.generate(500, seed=1) == sample.generate(500, seed=1)
    assert sample.generate(500, seed=1) != sample.generate(500, seed=2)


@pytest.mark.parametrize("rows", [1, 2, 3, 777])
def test_there_are_as_many_rows_as_asked_for(rows: int) -> None:
    assert len(_rows(sample.generate(rows, seed=0))) == rows


def test_the_shape_is_that_of_the_labs_file() -> None:
    data = sample.generate(20_000, seed=0)
    rows = _rows(data)
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert data.splitlines()[0].decode() != data.splitlines()[0].decode().lower()
    assert {row["usesvoiceservice"] for row in rows} == {"Yes", "No"}
    assert {len(row["state"]) for row in rows} == {2}
    assert MISSING in {row["noadditionallines"] for row in rows}
    months = [(row["customerid"], row["month"]) for row in rows]
    assert len(set(months)) == len(months)
    label = {row["customerid"]: row["churn"] for row in rows}
    assert len(label) == 9500
    assert all(label[row["customerid"]] == row["churn"] for row in rows)
    assert list(label.values()).count("1") / len(label) == pytest.approx(0.09, abs=1e-4)
