"""Learns y = a + b x from a CSV file. A beginning: put your own model here, it may need any packages."""

import argparse
import csv
import json
from pathlib import Path
from statistics import correlation, linear_regression

from model import tracking


def schema(example: list[dict[str, float]]) -> dict[str, object]:
    """What callers may send, and what they get: read by the server, shown to callers."""
    items = {"type": "object", "properties": {"x": {"type": "number", "format": "double"}}}
    return {"input": {"rows": {"type": 0, "swagger": {"type": "array", "items": items, "example": example}}}}


def main(data: Path) -> None:
    """Fit, tell the run how good it is, and keep model and schema in outputs/."""
    with data.open(newline="") as file:
        rows = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
    xs, ys = zip(*rows, strict=True)
    line = linear_regression(xs, ys)
    tracking.log("R2", correlation(xs, ys) ** 2)

    outputs = Path("outputs")
    outputs.mkdir(exist_ok=True)
    fitted = {"intercept": line.intercept, "slope": line.slope}
    (outputs / "model.json").write_text(json.dumps(fitted))
    (outputs / "service_schema.json").write_text(json.dumps(schema([{"x": x} for x in xs[:2]])))
    print(f"{len(rows)} rows; the model is in outputs/model.json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a CSV file with the columns x and y")
    main(parser.parse_args().data)
