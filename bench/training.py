"""How much longer `workbench train` takes than a bare script with the same fit, evaluation and export.

    python bench/training.py

Both read the same invented file, and each run is a process of its own. Ours checks the data cell by cell, records the
run, registers the model, makes its manifest. The script does it with the same estimators, the same metrics on the same
number of resamples and the same conversion, once with one thread as ours (the sums, and so the model's bytes, depend on
it), and once with all cores. Prints one JSON object with medians (seconds) and their ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).parents[1]
WORKBENCH = "from workbench.cli.main import main; main()"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the invented file")
    parser.add_argument("--runs", type=int, default=7, help="rounds that count; one more goes before them")
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        bare(chosen.bare, chosen.threads)
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "churn.csv")
        environment = {**os.environ, "WORKBENCH_HOME": str(Path(folder, "home")), "PYTHONPATH": str(TREE)}
        program = [sys.executable, "-c", WORKBENCH]
        _run([*program, "data", "generate", "--out", str(data), "--rows", str(chosen.rows)], environment)
        commands = {
            "workbench_train": [*program, "train", "--data", str(data), "--force"],
            "bare_script": [sys.executable, __file__, "--bare", str(data), "--threads", "1"],
            "bare_script_all_cores": [sys.executable, __file__, "--bare", str(data)],
        }
        rounds = [
            {name: _run(command, environment) for name, command in commands.items()} for _ in range(chosen.runs + 1)
        ][1:]
    medians = {name: statistics.median(each[name] for each in rounds) for name in commands}
    ratio, free = (
        statistics.median(each["workbench_train"] / each[name] for each in rounds)
        for name in ("bare_script", "bare_script_all_cores")
    )
    seconds = {name: round(value, 3) for name, value in medians.items()}
    print(json.dumps({**seconds, "ratio": round(ratio, 3), "ratio_all_cores": round(free, 3)}))


def bare(data: Path, threads: int | None) -> None:
    """What a script would do that only wants the model and its metrics."""
    import pandas as pd
    from sklearn.model_selection import GroupShuffleSplit
    from threadpoolctl import threadpool_limits

    from model import onnx_export, pipeline
    from model.columns import CUSTOMER, LABEL
    from model.parameters import Parameters
    from workbench.experiments.history import evaluate
    from workbench.tables.cell import MISSING

    frame = pd.read_csv(data, na_values=[MISSING]).rename(columns=str.lower)
    features = frame[pipeline.TEXTS + pipeline.NUMBERS].fillna(dict.fromkeys(pipeline.TEXTS, ""))
    features = features.astype(dict.fromkeys(pipeline.TEXTS, object) | dict.fromkeys(pipeline.NUMBERS, "float32"))
    label, customer = frame[LABEL].to_numpy(), frame[CUSTOMER].to_numpy()
    parameters = Parameters()
    (train, test), *_ = GroupShuffleSplit(1, test_size=parameters.test_share, random_state=0).split(
        features, label, customer
    )
    with threadpool_limits(limits=threads):
        models = {
            "model": pipeline.churn_model(parameters, 0),
            "logistic": pipeline.logistic(),
            "majority": pipeline.majority(),
        }
        answers = {
            name: model.fit(features.iloc[train], label[train]).predict_proba(features.iloc[test])
            for name, model in models.items()
        }
        evaluate.report(
            label[test],
            customer[test].astype(str),
            {name: answer[:, 1] for name, answer in answers.items()},
            replicates=parameters.replicates,
            seed=0,
        )
    onnx = onnx_export.to_onnx(models["model"])
    learned = onnx_export.categories(models["model"])
    onnx_export.largest_difference(onnx, onnx_export.tensor(features.iloc[test], learned), answers["model"])
    data.with_suffix(".onnx").write_bytes(onnx)


def _run(command: list[str], environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(command, cwd=TREE, env=environment, check=True, capture_output=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
