"""A BentoML service with one API worker, plain and with adaptive batching. Runs in an environment of its own.

The batched route takes rows, not a DataFrame: 1.4.39 can't add up the sizes of DataFrames it gathers.
"""

from typing import Any

import bentoml  # type: ignore[import-not-found] # only its own environment has it
import pandas as pd


@bentoml.service(workers=1)
class Churn:
    def __init__(self) -> None:
        self.model = bentoml.sklearn.load_model("churn:latest")

    @bentoml.api  # type: ignore[untyped-decorator] # as above
    def score(self, input_df: pd.DataFrame) -> list[float]:
        return self.model.predict_proba(input_df)[:, 1].tolist()  # type: ignore[no-any-return] # sklearn has no types

    @bentoml.api(batchable=True)  # type: ignore[untyped-decorator] # as above
    def batched(self, input_df: list[dict[str, Any]]) -> list[float]:
        return self.model.predict_proba(pd.DataFrame(input_df))[:, 1].tolist()  # type: ignore[no-any-return] # as above
