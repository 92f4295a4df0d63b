"""What `--param key=value` may set, with types and ranges. Knows no estimator."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from workbench.core.errors import ParameterError

_LIMITS: dict[str, tuple[float, float]] = {
    "max_iter": (1, 5000),
    "learning_rate": (1e-4, 1.0),
    "max_leaf_nodes": (2, 1024),
    "min_samples_leaf": (1, 100_000),
    "l2_regularization": (0.0, 1e6),
    "test_share": (0.05, 0.5),
    "replicates": (100, 20_000),
}


@dataclass(frozen=True)
class Parameters:
    """The run's parameters; `test_share` is a share of the customers, `replicates` the bootstrap's."""

    max_iter: int = 120
    learning_rate: float = 0.06
    max_leaf_nodes: int = 12
    min_samples_leaf: int = 40
    l2_regularization: float = 2.0
    test_share: float = 0.25
    replicates: int = 1000

    def as_dict(self) -> dict[str, int | float]:
        """All of them by name."""
        return asdict(self)


def parse_parameters(assignments: Sequence[str]) -> Parameters:
    """Parameters from texts `key=value`. Raises ParameterError for an unknown key or a value out of range."""
    chosen: dict[str, int | float] = {}
    types = {field.name: field.type for field in fields(Parameters)}
    for assignment in assignments:
        key, separator, text = assignment.partition("=")
        if not separator or key not in types:
            raise ParameterError(f"--param {assignment!r}: write key=value with a key of {', '.join(types)}")
        chosen[key] = _value(key, text, whole=types[key] is int)
    return Parameters(**chosen)  # type: ignore[arg-type]  # whole numbers were made int above


def _value(key: str, text: str, *, whole: bool) -> int | float:
    low, high = _LIMITS[key]
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise ParameterError(f"--param {key}={text}: {kind} from {low:g} to {high:g} is needed")
    return value
