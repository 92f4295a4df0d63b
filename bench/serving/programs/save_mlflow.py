"""save_mlflow.py PIPELINE EXAMPLES TARGET: save a pickled pipeline as an MLflow model of the sklearn flavour.

EXAMPLES is a JSON list of rows that give the signature; with none the model has no signature.
"""

import json
import pickle
import sys
from pathlib import Path

import mlflow.sklearn  # type: ignore[import-not-found] # only its own environment has it
import pandas as pd
from mlflow.models import infer_signature  # type: ignore[import-not-found] # see above


def main(pipeline: Path, examples: Path, target: Path) -> None:
    model = pickle.loads(pipeline.read_bytes())  # noqa: S301 - the benchmark wrote it
    rows = pd.DataFrame(json.loads(examples.read_bytes()))
    # A whole number is a number here: a signature of integers refuses what is missing.
    numbers = [name for name in rows.columns if not isinstance(rows[name].iloc[0], str)]
    rows = rows.astype(dict.fromkeys(numbers, "float64"))
    signature = None if rows.empty else infer_signature(rows, model.predict_proba(rows))
    mlflow.sklearn.save_model(
        model,
        str(target),
        signature=signature,
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",  # the default refuses the trees of gradient boosting
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
