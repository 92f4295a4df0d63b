"""FastAPI over the fitted pipeline, as a tutorial writes it. Runs in an environment of its own."""

import os
import pickle
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from fastapi import Body, FastAPI  # type: ignore[import-not-found] # only its own environment has it

MODEL = pickle.loads(Path(os.environ["PIPELINE"]).read_bytes())  # noqa: S301 - the benchmark wrote it

app = FastAPI()


def score(input_df: Annotated[list[dict[str, Any]], Body(embed=True)]) -> list[dict[str, Any]]:
    probabilities = MODEL.predict_proba(pd.DataFrame(input_df))[:, 1].tolist()
    return [{"prediction": int(each > 0.5), "probability": each} for each in probabilities]  # noqa: PLR2004 - half


app.post("/score")(score)
