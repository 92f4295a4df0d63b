"""The estimators, composed of scikit-learn's own parts, and their settings. Fits nothing."""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model.columns import FEATURES
from model.parameters import Parameters

TEXTS = [column.name for column in FEATURES if column.kind == "string"]
NUMBERS = [column.name for column in FEATURES if column.kind != "string"]


def churn_model(parameters: Parameters, seed: int) -> Pipeline:
    """Gradient boosting that handles a missing number itself and ignores a category it never saw.

    No early stopping: it would hold out rows, and a customer's rows would stand on both sides.
    """
    encode = ColumnTransformer([("text", _one_hot(), TEXTS), ("number", "passthrough", present_numbers)])
    boost = HistGradientBoostingClassifier(
        max_iter=parameters.max_iter,
        learning_rate=parameters.learning_rate,
        max_leaf_nodes=parameters.max_leaf_nodes,
        min_samples_leaf=parameters.min_samples_leaf,
        l2_regularization=parameters.l2_regularization,
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline([("encode", encode), ("boost", boost)])


def majority() -> DummyClassifier:
    """The baseline that knows the classes' shares only."""
    return DummyClassifier(strategy="prior")


def logistic() -> Pipeline:
    """The linear baseline on the same columns."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encode = ColumnTransformer([("text", _one_hot(), TEXTS), ("number", numbers, present_numbers)])
    return Pipeline([("encode", encode), ("line", LogisticRegression(max_iter=500))])


def present_numbers(features: pd.DataFrame) -> list[str]:
    """The numbers with a value at all: in the lab's file noadditionallines has none, and nothing to learn from."""
    return [name for name in NUMBERS if features[name].notna().any()]


def _one_hot() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False)
