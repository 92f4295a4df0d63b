"""What models answered on a test part, row by row: outputs/evaluation.json of a run. Measures nothing.

Customers are numbers here, not names: the file is enough for metrics, curves and paired comparisons, and tells nobody
who it was that left.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.core.canonical import canonical_json, digest
from workbench.core.errors import RunError

Floats = npt.NDArray[np.float64]
FILE = "evaluation.json"


@dataclass(frozen=True)
class Evaluation:
    """One entry a test row: `label` [n] of 0 and 1, `customer` [n] numbered from 0, `probability` [n] of 1 by model.

    `part` is the digest of the rows' customers and labels in order: equal parts of equal data are the same rows.
    The first of `probability` is the run's own model, the others are what it was measured against.
    """

    part: str
    label: npt.NDArray[np.int64]
    customer: npt.NDArray[np.intp]
    probability: dict[str, Floats]

    @classmethod
    def of(
        cls, label: npt.NDArray[np.int64], customer: npt.NDArray[np.str_], probability: Mapping[str, Floats]
    ) -> "Evaluation":
        """Of named customers [n]."""
        _, number = np.unique(customer, return_inverse=True)
        rows = "".join(f"{name}\n" for name in customer) + "".join(map(str, label))
        return cls(digest(rows.encode()), label, number, dict(probability))

    def to_json(self) -> bytes:
        """Canonical JSON; the same evaluation gives the same bytes."""
        return canonical_json(
            {
                "part": self.part,
                "label": self.label.tolist(),
                "customer": self.customer.tolist(),
                "models": list(self.probability),
                "probability": {name: values.tolist() for name, values in self.probability.items()},
            }
        )

    @classmethod
    def from_json(cls, data: bytes, source: str) -> "Evaluation":
        """What `to_json` wrote. `source` names it in errors. Raises RunError when it isn't that."""
        try:
            return cls._parse(json.loads(data))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            reason = str(error) or type(error).__name__
            raise RunError(f"{source}: is no evaluation ({reason:.200}); train again to have its curves") from error

    @classmethod
    def _parse(cls, content: Any) -> "Evaluation":  # noqa: ANN401 - any JSON value
        label = np.array(content["label"], dtype=np.int64)
        customer = np.array(content["customer"], dtype=np.intp)
        probability = {
            str(name): np.array(content["probability"][name], dtype=np.float64) for name in content["models"]
        }
        if not probability or set(np.unique(label)) != {0, 1}:
            raise ValueError("it needs a model and labels of 0 and 1")
        if not np.array_equal(np.unique(customer), np.arange(customer.max(initial=-1) + 1)):
            raise ValueError("customers are not numbered from 0 without a gap")
        for name, values in [("customer", customer.astype(np.float64)), *probability.items()]:
            if values.shape != label.shape:
                raise ValueError(f"{name} has {values.size} rows, label has {label.size}")
        if wrong := [name for name, values in probability.items() if not ((values >= 0) & (values <= 1)).all()]:
            raise ValueError(f"{wrong[0]} has probabilities outside 0 to 1")
        return cls(str(content["part"]), label, customer, probability)
