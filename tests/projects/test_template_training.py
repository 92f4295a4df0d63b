"""The templates' train.py reads data as the product does, and what it makes of it is served."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model import sample
from model.columns import COLUMNS
from tests.tree import TREE
from workbench.server.decoder import Decoder
from workbench.server.schema import parse_schema
from workbench.server.validator import Limits

pytestmark = pytest.mark.slow

TEMPLATES = TREE / "workbench" / "projects" / "templates"
Train = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Run a template's train.py on data, in a folder of its own."""

    def run(template: str, data: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "in.csv").write_bytes(data)
        command = [sys.executable, str(TEMPLATES / template / "train.py"), "--data", "in.csv", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(TREE)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _takes_its_own_example(folder: Path) -> dict[str, str]:
    """Whether the server takes the schema's example; gives the kinds of its columns."""
    document = json.loads((folder / "outputs" / "service_schema.json").read_text())
    schema = parse_schema(document)
    assert Decoder(schema, Limits()).decode(json.dumps(schema.examples()).encode())
    (argument,) = schema.arguments
    return {name: each.kind for name, each in (argument.columns or {}).items()}


def _with(column: str, values: tuple[str, ...], mark: str = ",") -> bytes:
    """The sample with these values in a column, in turn."""
    place = [each.name for each in COLUMNS].index(column)
    head, *rows = [line.split(",") for line in sample.generate(400, seed=3).decode().splitlines()]
    for number, row in enumerate(rows):
        row[place] = values[number % len(values)]
    return "\n".join(mark.join(row) for row in [head, *rows]).encode()


@pytest.mark.parametrize(
    ("column", "values", "mark", "kind", "words"),
    [
        ("homeowner", ("TRUE", "FALSE"), ",", "string", ""),
        ("homeowner", ("TRUE", "", "\\N"), ",", "string", ""),
        ("annualincome", ("5", "\\N"), ";", "number", "columns are divided by ';'"),
        ("annualincome", ("5", "25.356,1"), "\t", "string", "annualincome: text; '25.356,1' in line 3 is not a number"),
        ("callingnum", ("1234567890123456789", "1234567890123456788"), ",", "", ""),
    ],
)
def test_the_lab_template_makes_a_service_that_takes_its_own_example(
    train: Train, tmp_path: Path, column: str, values: tuple[str, ...], mark: str, kind: str, words: str
) -> None:
    data = _with(column, values, mark).replace(b"AnnualIncome", b"annualincome")
    done = train("lab", data, "--depth", "2")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
    assert _takes_its_own_example(tmp_path).get(column, "") == kind


def test_the_blank_template_reads_tabs_and_a_byte_order_mark(train: Train, tmp_path: Path) -> None:
    done = train("blank", b"\xef\xbb\xbfx\ty\n1\t2\n2\t4\n3\t6.5\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "columns are divided by tabs" in done.stdout
    assert _takes_its_own_example(tmp_path) == {"x": "number"}


@pytest.mark.parametrize(
    ("template", "data", "words"),
    [
        ("blank", b"x,y\n1,2\n3,old\n", "in.csv: line 3, column 'y': 'old' is no number"),
        ("blank", b"x,z\n1,2\n", "in.csv: has no column 'y'"),
        ("blank", b"x,y\n1,\\N\n2,3\n", "a value of x or y is missing"),
        ("blank", b"", "in.csv: is empty"),
        ("lab", b"x,y\n1,M\xfcnchen\n", "line 2 is not UTF-8"),
        ("lab", b"customerid,callingnum,churn\n1,2,2\n", "churn is missing"),
    ],
)
def test_data_that_a_template_cannot_use_is_one_line(train: Train, template: str, data: bytes, words: str) -> None:
    done = train(template, data)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
