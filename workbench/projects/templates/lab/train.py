"""Learns who leaves from the churn data; model and schema are in outputs/ afterwards."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, roc_auc_score, roc_curve
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from workbench import tracking
from workbench.core.errors import DataError
from workbench.tables import column, csv_table

LABEL, CUSTOMER = "churn", "customerid"
IDENTIFIERS = (CUSTOMER, "callingnum")


def read(path: Path) -> pd.DataFrame:
    """The data with its columns in lower case; numbers are float32, texts have "" where they are missing.

    Prints what it took a column for where that is not plain. Ends the run for data without a label in every row.
    """
    try:
        table = csv_table.read(path)
    except DataError as error:
        sys.exit(str(error))
    columns, remarks = column.columns(table)
    print(*remarks, sep="\n", end="\n" * bool(remarks))
    frame: dict[str, np.ndarray] = {}
    for (name, (kind, values)), texts in zip(columns.items(), table.columns, strict=True):
        called = name.lower()
        if called == LABEL and set(values) == {0, 1}:
            frame[called] = np.array(values)
        elif called not in {LABEL, *IDENTIFIERS} and kind in ("integer", "number"):
            frame[called] = np.array(values, dtype=np.float32)
        elif called != LABEL:  # true and false are two texts here, as the file has them
            plain = ["" if value is None else text.strip() for value, text in zip(values, texts, strict=True)]
            frame[called] = np.array(plain, dtype=object)
    if missing := [name for name in (LABEL, *IDENTIFIERS) if name not in frame]:
        sys.exit(f"{path}: {missing[0]} is missing; each row needs a customer, and churn of 0 or 1, both of them")
    return pd.DataFrame(frame)


def tree(features: pd.DataFrame, depth: int, seed: int) -> Pipeline:
    """A decision tree on one-hot texts and imputed numbers; a text that was never seen is none of the known ones."""
    texts = features.select_dtypes(exclude="number").columns
    numbers = features.select_dtypes(include="number").columns
    encode = ColumnTransformer(
        [
            ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(texts)),
            ("number", SimpleImputer(strategy="median"), list(numbers)),
        ]
    )
    return make_pipeline(encode, DecisionTreeClassifier(max_depth=depth, min_samples_leaf=40, random_state=seed))


def schema(features: pd.DataFrame) -> dict[str, object]:
    """What callers may send: read by the server, shown to callers. Any column may be null."""
    kinds = {True: {"type": "number", "format": "double"}, False: {"type": "string"}}
    properties = {name: {**kinds[kind == np.float32], "x-nullable": True} for name, kind in features.dtypes.items()}
    example = json.loads(features.head(2).to_json(orient="records"))
    items = {"type": "object", "properties": properties}
    return {"input": {"input_df": {"type": 3, "swagger": {"type": "array", "items": items, "example": example}}}}


def main(data: Path, depth: int, seed: int) -> Pipeline:
    """Fit, tell the run how good it is on customers that the tree has not seen, and keep it."""
    frame = read(data)
    features = frame.drop(columns=[LABEL, *IDENTIFIERS])
    label = frame[LABEL].to_numpy()
    # By customer: rows of one customer on both sides would tell the answer.
    split = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed)
    train, test = next(split.split(features, label, frame[CUSTOMER]))
    fitted = tree(features, depth, seed).fit(features.iloc[train], label[train])

    chance = fitted.predict_proba(features.iloc[test])[:, 1]
    tracking.log("Accuracy", accuracy_score(label[test], chance >= 0.5))  # noqa: PLR2004 - more likely than not
    tracking.log("AUC", roc_auc_score(label[test], chance))
    false_alarms, found, _ = roc_curve(label[test], chance)
    tracking.log_list("ROC false positive rate", false_alarms)
    tracking.log_list("ROC true positive rate", found)

    inputs = [
        (name, FloatTensorType([None, 1]) if kind == np.float32 else StringTensorType([None, 1]))
        for name, kind in features.dtypes.items()
    ]
    model = to_onnx(fitted, initial_types=inputs, options={"zipmap": False})
    Path("outputs").mkdir(exist_ok=True)
    Path("outputs", "model.onnx").write_bytes(model.SerializeToString())
    Path("outputs", "service_schema.json").write_text(json.dumps(schema(features)))
    print(f"{len(train)} rows to learn from, {len(test)} to test on; the tree is in outputs/model.onnx")
    return fitted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the churn data as CSV")
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    dt = main(asked.data, asked.depth, asked.seed)
