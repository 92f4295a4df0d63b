"""From a fitted pipeline to ONNX bytes, and the proof that both answer alike. Knows neither runs nor registries.

The model takes one tensor: texts as the codes of their categories, then numbers. A tree that asks whether a one-hot
column is 0 asks the same of a code by "is it another one?", so the encoder's work is folded into the trees and a row
costs one operator.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.pipeline import Pipeline

from model.columns import LABEL
from model.pipeline import NUMBERS, TEXTS
from model.service_schema import TENSOR
from workbench.core.errors import TrainingError

OPSET = {"": 17, "ai.onnx.ml": 3}
TOLERANCE = 1e-5
UNSEEN = -1


def categories(pipeline: Pipeline) -> dict[str, list[str]]:
    """The categories that each text column of a fitted pipeline learned, in the order of their codes."""
    learned = pipeline.named_steps["encode"].named_transformers_["text"].categories_
    return {name: [str(value) for value in values] for name, values in zip(TEXTS, learned, strict=True)}


def tensor(features: pd.DataFrame, learned: Mapping[str, Sequence[str]]) -> npt.NDArray[np.float32]:
    """The model's input [n, 26]: codes of texts (-1 for one that was never seen), then numbers (NaN for missing)."""
    codes = [pd.Index(list(learned[name])).get_indexer(pd.Index(features[name])) for name in TEXTS]
    numbers = [features[name].to_numpy() for name in NUMBERS]
    return np.column_stack([*codes, *numbers]).astype(np.float32)


def to_onnx(pipeline: Pipeline) -> bytes:
    """The pipeline as ONNX with the input of `tensor` and the outputs `label` [n] and `probabilities` [n, 2].

    The same fitted pipeline gives the same bytes in any process. Raises TrainingError for a tree that can't be folded.
    """
    boost = pipeline.named_steps["boost"]
    encoded = [("features", FloatTensorType([None, boost.n_features_in_]))]
    with warnings.catch_warnings():
        # skl2onnx writes False for 0 in a whole-number field; protobuf announces that it will refuse this one day.
        warnings.filterwarnings("ignore", message="Field onnx.AttributeProto.ints", category=DeprecationWarning)
        # Without a name the converter invents one from a random number.
        graph = convert_sklearn(boost, LABEL, encoded, target_opset=OPSET, options={id(boost): {"zipmap": False}})
    (trees,) = [node for node in graph.graph.node if node.op_type == "TreeEnsembleClassifier"]
    _fold(trees, _origins(pipeline))
    (entrance,) = graph.graph.input
    entrance.name = trees.input[0] = TENSOR
    entrance.type.tensor_type.shape.dim[1].dim_value = len(TEXTS) + len(NUMBERS)
    # The converter keeps the operator sets in a set of its own, whose order changes from process to process.
    operators = sorted(graph.opset_import, key=lambda each: str(each.domain))
    del graph.opset_import[:]
    graph.opset_import.extend(operators)
    return bytes(graph.SerializeToString(deterministic=True))


def probabilities(model: bytes, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What the ONNX model answers to [n, 26] on one thread: [n, 2] in the order of the classes 0, 1."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (answer,) = session.run(["probabilities"], {TENSOR: inputs})
    return np.asarray(answer, dtype=np.float32)


def largest_difference(
    model: bytes,
    inputs: npt.NDArray[np.float32],
    expected: npt.NDArray[np.float64],
    tolerance: float = TOLERANCE,
) -> float:
    """The largest difference of a probability between ONNX and `expected` [n, 2] over all rows.

    Raises TrainingError above `tolerance`: such a model would answer callers otherwise than it was measured.
    """
    difference = np.abs(probabilities(model, inputs) - expected)
    largest = float(difference.max())
    if not largest <= tolerance:
        row = int(difference.max(axis=1).argmax())
        raise TrainingError(
            f"ONNX and scikit-learn differ by {largest:.2g} at row {row} of the test part, allowed is {tolerance:g};"
            " nothing was registered"
        )
    return largest


def _origins(pipeline: Pipeline) -> list[tuple[int, int | None]]:
    """For each column that the trees know: its place in `tensor`, and its code if it is one-hot."""
    learned = categories(pipeline)
    one_hot: list[tuple[int, int | None]] = [
        (place, code) for place, name in enumerate(TEXTS) for code in range(len(learned[name]))
    ]
    kept = pipeline.named_steps["encode"].transformers_[1][2]
    return one_hot + [(len(TEXTS) + NUMBERS.index(name), None) for name in kept]


def _fold(trees: Any, origins: list[tuple[int, int | None]]) -> None:  # noqa: ANN401 - protobuf's own types are made at run time
    """Let every node ask its question of `tensor` in place of the encoded columns."""
    of = {attribute.name: attribute for attribute in trees.attribute}
    modes, places, values = of["nodes_modes"].strings, of["nodes_featureids"].ints, of["nodes_values"].floats
    for node, mode in enumerate(modes):
        if mode == b"LEAF":
            continue
        place, code = origins[places[node]]
        places[node] = place
        if code is None:
            continue
        if mode != b"BRANCH_LEQ" or not 0 <= values[node] < 1:
            raise TrainingError(
                f"a tree splits a one-hot column by {mode.decode()} {values[node]:g}; it can't be folded"
            )
        modes[node], values[node] = b"BRANCH_NEQ", code
