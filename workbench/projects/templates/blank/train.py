"""Learns y = a + b x from a CSV file. A beginning: put your own model here, it may need any packages."""

import argparse
import json
import sys
from pathlib import Path
from statistics import correlation, linear_regression

from workbench import tracking
from workbench.core.errors import DataError
from workbench.tables import column, csv_table


def schema(example: list[dict[str, float]]) -> dict[str, object]:
    """What callers may send, and what they get: read by the server, shown to callers."""
    items = {"type": "object", "properties": {"x": {"type": "number", "format": "double"}}}
    return {"input": {"rows": {"type": 0, "swagger": {"type": "array", "items": items, "example": example}}}}


def read(path: Path) -> tuple[list[float], list[float]]:
    """The columns x and y; what is no number, or no CSV, is told in one line."""
    try:
        columns, remarks = column.columns(csv_table.read(path), {"x": "number", "y": "number"})
        (_, xs), (_, ys) = columns["x"], columns["y"]
    except DataError as error:
        sys.exit(str(error))
    except KeyError as error:
        sys.exit(f"{path}: has no column {error}; x and y are needed")
    print(*remarks, sep="\n", end="\n" * bool(remarks))
    if None in xs or None in ys:
        sys.exit(f"{path}: a value of x or y is missing; leave out rows without one")
    return xs, ys


def main(data: Path) -> None:
    """Fit, tell the run how good it is, and keep model and schema in outputs/."""
    xs, ys = read(data)
    line = linear_regression(xs, ys)
    tracking.log("R2", correlation(xs, ys) ** 2)

    outputs = Path("outputs")
    outputs.mkdir(exist_ok=True)
    fitted = {"intercept": line.intercept, "slope": line.slope}
    (outputs / "model.json").write_text(json.dumps(fitted))
    (outputs / "service_schema.json").write_text(json.dumps(schema([{"x": x} for x in xs[:2]])))
    print(f"{len(xs)} rows; the model is in outputs/model.json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a CSV file with the columns x and y")
    main(parser.parse_args().data)
