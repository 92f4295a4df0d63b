"""Train the churn model: `workbench train` runs this script as a recorded run.

Writes the files of a model version to outputs/model, and what the models answered on the test part to outputs.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from model.parameters import Parameters, parse_parameters
from workbench import tracking
from workbench.core.errors import DataError, WorkbenchError

OUTPUTS = Path("outputs")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, train, and end with one line and exit code 1 for data or parameters that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a CSV file with the 29 churn columns")
    parser.add_argument("--param", action="append", default=[], help="key=value, such as max_iter=200; repeatable")
    parser.add_argument("--seed", type=int, default=0, help="of split, fit and bootstrap")
    chosen = parser.parse_args(arguments)
    try:
        train(chosen.data, parse_parameters(chosen.param), chosen.seed)
    except WorkbenchError as error:
        sys.exit(f"error: {error}")


def train(data: Path, parameters: Parameters, seed: int) -> None:
    """Split by customer, fit, measure, convert and keep. Raises DataError, TrainingError."""
    from model import dataset, fitting  # seconds of imports that a wrong parameter need not wait for

    print(f"reading {data}", flush=True)
    source = str(data)
    parts = fitting.split(dataset.parse(_read(data), source, _say), parameters.test_share, seed, source)
    fitted = fitting.fit(*parts, parameters, seed, _say)
    _write(OUTPUTS / "model", fitted.files)
    _write(OUTPUTS, fitted.kept)
    tracking.parameters(**parameters.as_dict(), seed=seed)
    tracking.log_report(fitted.metrics)


def _say(line: str) -> None:
    print(line, flush=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give --data the path of a CSV file") from error


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
