"""From a fitted pipeline to ONNX bytes, and the proof that both answer alike. Knows neither runs nor registries."""

import warnings

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.pipeline import Pipeline

from model.columns import FEATURES, LABEL
from model.errors import TrainingError

OPSET = {"": 17, "ai.onnx.ml": 3}
TOLERANCE = 1e-5


def to_onnx(pipeline: Pipeline) -> bytes:
    """The pipeline as ONNX with one input [n, 1] a feature and the outputs `label` [n] and `probabilities` [n, 2].

    The same fitted pipeline gives the same bytes in any process.
    """
    inputs = [
        (column.name, StringTensorType([None, 1]) if column.kind == "string" else FloatTensorType([None, 1]))
        for column in FEATURES
    ]
    # Without a name the converter invents one from a random number.
    with warnings.catch_warnings():
        # skl2onnx writes False for 0 in a whole-number field; protobuf announces that it will refuse this one day.
        warnings.filterwarnings("ignore", message="Field onnx.AttributeProto.ints", category=DeprecationWarning)
        graph = convert_sklearn(pipeline, LABEL, inputs, target_opset=OPSET, options={id(pipeline): {"zipmap": False}})
    # The converter keeps the operator sets in a set of its own, whose order changes from process to process.
    operators = sorted(graph.opset_import, key=lambda each: str(each.domain))
    del graph.opset_import[:]
    graph.opset_import.extend(operators)
    return bytes(graph.SerializeToString(deterministic=True))


def probabilities(model: bytes, features: pd.DataFrame) -> npt.NDArray[np.float32]:
    """What the ONNX model answers on one thread: [n, 2] in the order of the classes 0, 1."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {name: features[name].to_numpy().reshape(-1, 1) for name in features.columns}
    (answer,) = session.run(["probabilities"], feed)
    return np.asarray(answer, dtype=np.float32)


def largest_difference(
    model: bytes, features: pd.DataFrame, expected: npt.NDArray[np.float64], tolerance: float = TOLERANCE
) -> float:
    """The largest difference of a probability between ONNX and `expected` [n, 2] over all rows.

    Raises TrainingError above `tolerance`: such a model would answer callers otherwise than it was measured.
    """
    difference = np.abs(probabilities(model, features) - expected)
    largest = float(difference.max())
    if not largest <= tolerance:
        row = int(difference.max(axis=1).argmax())
        raise TrainingError(
            f"ONNX and scikit-learn differ by {largest:.2g} at row {row} of the test part, allowed is {tolerance:g};"
            " nothing was registered"
        )
    return largest
