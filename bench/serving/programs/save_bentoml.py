"""save_bentoml.py PIPELINE: put a pickled pipeline into BentoML's model store."""

import pickle
import sys
from pathlib import Path

import bentoml  # type: ignore[import-not-found] # only its own environment has it


def main(pipeline: Path) -> None:
    model = pickle.loads(pipeline.read_bytes())  # noqa: S301 - the benchmark wrote it
    bentoml.sklearn.save_model("churn", model, signatures={"predict_proba": {"batchable": True}})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
